#!/bin/sh
# What matters is found where it is known: an env in Lua whose metric is made of two
# parameters together, one alone, and two that do nothing.
. "${0%/*}/tap.sh"
. "${0%/*}/figures.sh"

cat >"$work/known.lua" <<'END'
local gym = require "gym"
local env = gym.environment {
  id = "known-v1", doc = "Known effects.",
  space = {
    { name = "alone", kind = "integer", low = 0, high = 9, doc = "x" },
    { name = "left", levels = { "a", "b" }, doc = "x" },
    { name = "right", levels = { "a", "b" }, doc = "x" },
    { name = "idle", kind = "real", low = 0, high = 1, doc = "x" },
    { name = "bored", kind = "integer", low = 0, high = 50, doc = "x" },
  },
  metrics = { { name = "y", sense = "minimise", doc = "y" } },
  evaluate = function(_, d)
    return { y = d.alone + (d.left == d.right and 0 or 5) + 1e-3 * d.idle }
  end,
}
local s = gym.study { env = gym.env(env), objective = "y", budget = 3000, progress = false,
                      store = arg[1] }
s:add("random"):run()
END
"$gym" run "$work/known.lua" "$work/known.db" >/dev/null 2>&1
draws known importance
has "idle parameters never mattered" "$svg" '>idle .never.<'
has "nor did bored" "$svg" '>bored .never.<'
has "one alone did" "$svg" '>alone<'
has "two together did" "$svg" '>left<'
has "both of them" "$svg" '>right<'
run report "$work/known.db" -o "$work/known.html"
has "in words" "$(cat "$work/known.html")" 'Parameters that never mattered: idle, bored <'
has "from random search" "$(cat "$work/known.html")" 'from [0-9]+ trials of random search'

# What leaves the best designs alone, and shows in 300 with a p between 1e-9 and 1e-6,
# mattered too.
cat >"$work/slight.lua" <<'END'
local gym = require "gym"
local env = gym.environment {
  id = "slight-v1", doc = "An effect on bad designs.",
  space = {
    { name = "much", kind = "integer", low = 0, high = 9, doc = "x" },
    { name = "slight", levels = { "a", "b" }, doc = "x" },
    { name = "idle", kind = "real", low = 0, high = 1, doc = "x" },
  },
  metrics = { { name = "y", sense = "minimise", doc = "y" } },
  evaluate = function(_, d)
    return { y = d.much + (d.much > 1 and d.slight == "b" and 1 or 0) }
  end,
}
local s = gym.study { env = gym.env(env), objective = "y", budget = 300, progress = false,
                      store = arg[1] }
s:add("random"):run()
END
"$gym" run "$work/slight.lua" "$work/slight.db" >/dev/null 2>&1
draws slight importance
has "a slight effect did" "$svg" '>slight<'
has "an idle parameter did not" "$svg" '>idle .never.<'
finish
