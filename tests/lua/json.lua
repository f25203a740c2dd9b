local tap = require "tap"
local gym = require "gym"
local json = gym.json

tap.test("round trips", function()
  for _, text in ipairs {
    "null", "true", "false", "0", "-1", "9223372036854775807", "1.5", "1e-300", "0.1",
    '""', '"a\\"b\\\\c\\n\\u0001"', '"\u{e4}\u{20ac}"', "[]", "{}", "[1,2,3]", "[null]",
    '{"a":1,"b":[{}],"c":[[]]}', '[[],[[]],{"x":[]}]',
  } do
    tap.equal(json.encode(json.decode(text)), text)
  end
  tap.equal(json.encode(json.decode('"a\\u0000b"')), '"a\\u0000b"')
end)

tap.test("floats stay floats and integers integers", function()
  tap.equal(json.encode(1.0), "1.0")
  tap.equal(json.encode(1), "1")
  tap.equal(math.type(json.decode("1.0")), "float")
  tap.equal(math.type(json.decode("1")), "integer")
  tap.equal(json.encode(1e100), "1e+100")
  tap.equal(json.decode(json.encode(0.1 + 0.2)), 0.1 + 0.2)
end)

tap.test("integers beyond 64 bits become floats, as in Lua", function()
  local t = json.decode('{"a":18446744073709551615,"b":[-99999999999999999999,7],' ..
                        '"c":"x\\"12345678901234567890","d":1234567890123456789.5,"e":1}')
  tap.equal(t.a, 18446744073709551615.0)
  tap.same(t.b, { -1e20, 7 })
  tap.equal(math.type(t.b[2]), "integer")
  tap.equal(t.c, 'x"12345678901234567890')
  tap.equal(t.d, 1234567890123456789.5)
  tap.equal(math.type(t.e), "integer")
  tap.raises(function() json.decode("[18446744073709551615,]") end, "json:")
  tap.raises(function() json.decode("1e999") end, "json:")
end)

tap.test("objects have their keys in order, arrays are told apart", function()
  tap.equal(json.encode { b = 1, a = 2, c = { 1, 2 } }, '{"a":2,"b":1,"c":[1,2]}')
  tap.equal(json.encode {}, "{}")
  tap.equal(json.encode(json.array()), "[]")
  tap.equal(json.encode({ a = { 1 } }, { indent = 2 }), '{\n  "a": [\n    1\n  ]\n}')
end)

tap.test("null is a value of its own", function()
  tap.equal(json.decode("[null]")[1], json.null)
  tap.equal(tostring(json.null), "null")
  tap.equal(json.encode { a = json.null }, '{"a":null}')
end)

tap.test("what has no form in JSON is refused", function()
  local line = tap.line() + 1
  tap.raises(function() json.encode(0 / 0) end, "json.lua:" .. line, "JSON has no")
  tap.raises(function() json.encode(math.huge) end, "JSON has no inf")
  tap.raises(function() json.encode { print } end, "a function has no form")
  tap.raises(function() json.encode { [1] = 1, x = 2 } end, "a key is 1")
  tap.raises(function() json.encode { 1, nil, 3, [5] = 1, [0] = 2 } end, "a key is")
  tap.raises(function() json.encode("\xff") end, "not UTF%-8")
  local loop = {}
  loop[1] = loop
  tap.raises(function() json.encode(loop) end, "200 deep")
  tap.raises(function() json.encode({}, { ident = 2 }) end, 'unknown key "ident"',
             '"indent"')
end)

tap.test("reading is strict", function()
  for _, text in ipairs { "", "{", "[1,]", "{'a':1}", '{"a":1,"a":2}', "nul", "1 2", "01",
                          '"\xff"', "NaN", "[1] x" } do
    tap.raises(function() json.decode(text) end, "json.lua:%d+: json: line 1, column")
  end
  tap.raises(function() json.decode("\n\n[1,]") end, "line 3")
  tap.raises(function() json.decode(1) end, "a text was expected, not 1")
  tap.raises(function() json.decode(("["):rep(100000)) end, "json:")
end)

tap.done()
