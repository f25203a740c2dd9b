local tap = require "tap"
local gym = require "gym"

local env = gym.env("toy")
local space = env.space

tap.test("what a space tells", function()
  tap.equal(space.size, 8)
  tap.equal(#space.params, 8)
  tap.same(space:param("topology").levels, { "mesh", "ring", "crossbar" })
  local window = space:param("window")
  tap.equal(window.kind, "integer")
  tap.equal(window.parent, "routing")
  tap.same(window.when, { "adaptive" })
  tap.equal(window.log, true)
  tap.equal(space:param("lanes").step, 4)
  tap.equal(space:param("clock").unit, "GHz")
  tap.equal(space:param("ports").default, "2")
  tap.equal(space:cardinality(), math.huge)
  tap.equal(gym.env("faulty").space:cardinality(), 2000)
  tap.match(space:describe(), "topology")
end)

tap.test("text and back", function()
  local design = space:parse("topology=ring,rows=5")
  tap.equal(design.topology, "ring")
  tap.equal(design.rows, 5)
  tap.equal(math.type(design.rows), "integer")
  tap.equal(design.routing, "fixed")
  tap.equal(design.window, nil)
  tap.same(space:parse(space:format(design)), design)
  for seed = 1, 200 do
    local d = space:sample(seed)
    tap.same(space:parse(space:format(d)), d)
    tap.same(space:decode(space:encode(d)), d)
    tap.same(space:complete(d), d)
  end
end)

tap.test("samples depend on the seed alone, and advance a stream", function()
  tap.same(space:sample(3), space:sample(3))
  local a, b = gym.rng(3), gym.rng(3)
  local first = space:sample(a)
  tap.same(first, space:sample(3))
  tap.same(first, space:sample(b))
  tap.ok(space:hash(space:sample(a)) ~= space:hash(first))
end)

tap.test("missing parameters take their defaults, inactive ones are absent", function()
  tap.same(space:complete {}, space:default())
  tap.equal(space:complete({ topology = "crossbar" }).routing, nil)
  tap.equal(space:complete({ routing = "adaptive" }).window, 8)
end)

tap.test("levels may be given as numbers, numbers as texts with units", function()
  tap.equal(space:complete({ ports = 8 }).ports, "8")
  tap.near(space:complete({ clock = "1500MHz" }).clock, 1.5, 1e-12)
end)

tap.test("neighbours are one move away", function()
  local from = space:default()
  local list = space:neighbours(from)
  tap.ok(#list > 8)
  for _, d in ipairs(list) do
    local own, changed = space:hash(d), 0
    tap.ok(own ~= space:hash(from))
    for _, p in ipairs(space.params) do
      if d[p.name] ~= from[p.name] and not p.parent then changed = changed + 1 end
    end
    tap.ok(changed <= 1)
  end
end)

tap.test("hashes are 16 digits and tell designs apart", function()
  local seen = {}
  for seed = 1, 500 do
    local h = space:hash(space:sample(seed))
    tap.match(h, "^%x+$")
    tap.equal(#h, 16)
    seen[h] = true
  end
  local n = 0
  for _ in pairs(seen) do n = n + 1 end
  tap.equal(n, 500)
end)

tap.test("wrong designs", function()
  local line = tap.line() + 1
  tap.raises(function() space:complete { rowz = 3 } end, "design.lua:" .. line, "rowz",
             "rows")
  tap.raises(function() space:complete { topology = "mash" } end, "mash", "mesh")
  tap.raises(function() space:complete { rows = 17 } end, "rows", "16")
  tap.raises(function() space:complete { rows = 1.5 } end, "rows")
  tap.raises(function() space:complete { lanes = 5 } end, "lanes")
  tap.raises(function() space:complete { clock = 0 / 0 } end, "clock")
  tap.raises(function() space:complete { clock = 1 / 0 } end, "clock")
  tap.raises(function() space:complete { clock = {} } end, "clock", "a table")
  tap.raises(function() space:complete { window = 4 } end, "window", "inactive")
  tap.raises(function() space:complete { 1 } end, "parameter names")
  tap.raises(function() space:complete(3) end, "a table", "3")
  tap.raises(function() space:parse("rows=99") end, "rows")
  tap.raises(function() space:parse() end, "text was expected")
  tap.raises(function() space:sample() end, "seed or rng")
  tap.raises(function() space:decode { 1, 2 } end, "8 numbers")
  tap.raises(function() space:nothing() end, "no field", "nothing")
  tap.raises(function() space.sampel(1) end, 'did you mean "sample"')
end)

tap.test("repair moves numbers to what is valid, and leaves names alone", function()
  local d = space:repair { rows = 99, lanes = 5, window = 4, clock = -1 }
  tap.equal(d.rows, 16)
  tap.equal(d.lanes, 4)
  tap.equal(d.window, nil)
  tap.equal(d.clock, 0.5)
  tap.raises(function() space:repair { topology = "mash" } end, "mash")
end)

tap.done()
