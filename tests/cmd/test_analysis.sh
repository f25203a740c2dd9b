#!/bin/sh
# What gym table and gym compare make of a store, against the same worked out in Lua from
# its trials one by one.
. "${0%/*}/tap.sh"

GYM_PLUGIN_PATH=$build/tests/envs/.libs:$build/plugins/.libs
"$gym" search --env toy --agent random --agent ga -a population=8 \
  --objective 'delay; energy<=6' --budget 60 --seeds 1..7 --store "$work/a.db" \
  --quiet --isolate none >/dev/null 2>&1
"$gym" search --env toy --agent random --agent ga -a population=8 \
  --objective 'max(throughput)' --budget 40 --seeds 1..7 --store "$work/a.db" \
  --quiet --isolate none >/dev/null 2>&1

cat >"$work/check.lua" <<'END'
local gym = require "gym"
local store = gym.store(arg[1])
-- Best of each run, in the sense of the study, over feasible trials.
local function scores(study, sign)
  local best, random, n = {}, 0, 0
  for t in store:trials(study) do
    local good = t.status == "ok" and (t.violation or 0) == 0
    best[t.agent] = best[t.agent] or {}
    if good then
      best[t.agent][t.seed] = math.min(best[t.agent][t.seed] or math.huge, sign * t.goal)
      if t.agent == "random" then random, n = random + sign * t.goal, n + 1 end
    end
  end
  return best, random / n
end
for study, sign in ipairs { 1, -1 } do
  local best, mean = scores(study, sign)
  local a, b = {}, {}
  for seed = 1, 7 do
    a[seed], b[seed] = best["ga population=8"][seed], best.random[seed]
    a[seed], b[seed] = a[seed] or math.huge, b[seed] or math.huge
  end
  local median = gym.quantile(a, .5)
  print(("median %.6g"):format(sign * median))
  print(("mean %.6g"):format(sign * mean))
  print(("change %+.1f"):format(-100 * (mean - median) / math.abs(mean)))
  print(("p %.3g"):format(gym.stats.signed_rank(a, b).p))
  print(("effect %.2f"):format(gym.stats.effect(a, b)))
end
END
"$gym" run "$work/check.lua" "$work/a.db" >"$work/expected" 2>&1
for study in 1 2; do
  "$gym" table "$work/a.db" --study $study >"$work/table"
  "$gym" compare "$work/a.db" ga random --study $study >"$work/compare"
  awk '/^ga/ { print "median", $4 }' "$work/table"
  sed -n 's/^mean random design: \([^ ]*\).*/mean \1/p' "$work/table"
  awk '/^ga/ { print "change", $7 }' "$work/table"
  sed -n 's/.*exact: p = \(.*\)/p \1/p; s/.*approximate: p = \(.*\)/p \1/p' "$work/compare"
  awk '/chance to be better/ { print "effect", $(NF - 1) }' "$work/compare"
done >"$work/seen"
is "scores, baseline, p and effect size" "$(cat "$work/seen")" "$(cat "$work/expected")"
finish
