-- Stores: export to a file, a function or a text.
local gym, core = ...

local Store = core.methods("gym.store")
local export_to = Store.export_to
Store.export_to = nil

-- store:export{format = "csv" or "jsonl", canonical = false, to = path or function}:
-- without `to` it returns the text.
function Store:export(t)
  t = t or {}
  core.check("store:export", t,
             { format = "string", canonical = "boolean", to = "string|function" })
  local parts = {}
  export_to(self, {
    format = t.format, canonical = t.canonical,
    to = t.to or function(text) parts[#parts + 1] = text end,
  })
  return not t.to and table.concat(parts) or nil
end
