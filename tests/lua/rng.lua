local tap = require "tap"
local gym = require "gym"

tap.test("the same seed gives the same numbers", function()
  local a, b = gym.rng(7), gym.rng(7)
  for _ = 1, 100 do
    tap.equal(a:real(), b:real())
    tap.equal(a:int(-5, 1000), b:int(-5, 1000))
    tap.equal(a:normal(), b:normal())
  end
  tap.ok(gym.rng(8):real() ~= gym.rng(7):real())
end)

tap.test("integers lie in their range and reach both ends", function()
  local rng, seen = gym.rng(1), {}
  for _ = 1, 2000 do
    local i = rng:int(-2, 3)
    tap.equal(math.type(i), "integer")
    tap.ok(i >= -2 and i <= 3)
    seen[i] = true
  end
  for i = -2, 3 do tap.ok(seen[i], "never " .. i) end
  rng:int(math.mininteger, math.maxinteger)
  tap.equal(rng:int(4, 4), 4)
end)

tap.test("real numbers and normals have their moments", function()
  local rng, sum, square, n = gym.rng(3), 0, 0, 20000
  for _ = 1, n do
    local x = rng:real(2, 4)
    tap.ok(x >= 2 and x < 4)
    sum = sum + x
  end
  tap.near(sum / n, 3, 0.05)
  sum = 0
  for _ = 1, n do
    local x = rng:normal(10, 2)
    sum, square = sum + x, square + (x - 10) ^ 2
  end
  tap.near(sum / n, 10, 0.1)
  tap.near(math.sqrt(square / n), 2, 0.1)
end)

tap.test("pick and shuffle", function()
  local rng, list = gym.rng(5), { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }
  local shuffled = rng:shuffle({ table.unpack(list) })
  local moved = false
  for i, v in ipairs(shuffled) do moved = moved or v ~= i end
  tap.ok(moved)
  table.sort(shuffled)
  tap.same(shuffled, list)
  local seen = {}
  for _ = 1, 500 do seen[rng:pick(list)] = true end
  for i = 1, 10 do tap.ok(seen[i]) end
end)

tap.test("wrong arguments name the line", function()
  local rng, line = gym.rng(1), tap.line() + 1
  tap.raises(function() rng:int(3, 1) end, "rng.lua:" .. line, "3 is more than 1")
  tap.raises(function() rng:int(1.5, 2) end, "an integer was expected, not 1.5")
  tap.raises(function() rng:pick({}) end, "list is empty")
  tap.raises(function() rng.int(1, 2) end, "colon")
  tap.raises(function() gym.rng("x") end, "rng.lua:%d+: gym.rng%(seed%)")
end)

tap.done()
