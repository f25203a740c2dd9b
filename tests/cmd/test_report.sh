#!/bin/sh
# gym report: a page of its own, opened in a real browser where there is one.
. "${0%/*}/tap.sh"
. "${0%/*}/figures.sh"

run report "$work/one.db" -o "$work/one.html"
is "it works" "$code$err" 0
page=$(cat "$work/one.html")
is "a part for each study" "$(echo "$page" | grep -c '<h2 id=study-')" 2
has "a verdict" "$page" '<li>(no significant difference between|[a-z]+ is better than) '
for f in curves-0 curves-1 importance-0 interactions-1 parallel-0 ecdf-1 profile-1 ranks-1; do
  has "figure $f" "$page" "<figure id='$f'>"
done
has "best designs with units" "$page" '<th>energy</th><td>nJ</td>'
has "provenance" "$page" '^numerics +\{'
has "seeds" "$page" '^seeds +1, 2, 3, 4, 5, 6$'
hasnt "nothing to load" "$(echo "$page" | sed 's|xmlns[:a-z]*="[^"]*"||g')" \
  'https?://|src=|@import|url\(|<link|<script'
run report "$work/two.db" -o "$work/two.html"
is "several goals" "$code$err" 0
has "with fronts to hover over" "$(cat "$work/two.html")" 'class="point"><title>'
run report "$work/many.db" -o "$work/many.html"
is "settings" "$code$err" 0
has "labels are no markup" "$(cat "$work/many.html")" 'a &lt;b&gt; &quot;c&quot;'
has "too few seeds are said loudly" "$(cat "$work/many.html")" "verdict loud'>TOO FEW SEEDS"
search -o limit=40 --agent random --objective energy --budget 3 --store "$work/bare.db"
run report "$work/bare.db" -o "$work/bare.html"
is "a study with hardly anything in it" "$code$err" 0
"$gym" search --env faulty -o fault=fail -o share=1 --agent random --agent ga \
  --objective height --budget 9 --seeds 1,2 --store "$work/bad.db" --quiet >/dev/null 2>&1
run report "$work/bad.db" -o "$work/bad.html"
is "a study of failures" "$code$err" 0
has "which are counted" "$(cat "$work/bad.html")" '<td>random</td><td class=n>0</td><td class=n>0</td><td class=n>18</td>'
run report "$work/one.db"
is "no page is a usage error" "$code" 2
run report "$work/nowhere.db" -o "$work/x.html"
is "no store is bad input" "$code" 3

browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
if [ -z "$browser" ]; then
  skip "in a browser" "no Chromium (Debian: chromium)"
  finish
fi
for page in one two many; do
  timeout 120 "$browser" --headless --no-sandbox --disable-gpu --no-first-run \
    --user-data-dir="$work/browser" --disable-background-networking \
    --disable-component-update --disable-sync --enable-logging=stderr \
    --log-net-log="$work/net.json" --virtual-time-budget=3000 --dump-dom \
    "file://$work/$page.html" >"$work/dom" 2>"$work/log"
  is "$page: the browser reads it" "$?" 0
  is "$page: without an error" "$(grep CONSOLE "$work/log")" ""
  is "$page: every figure is there" "$(grep -o '<figure' "$work/dom" | wc -l)" \
    "$(grep -o '<svg' "$work/dom" | wc -l)"
  # Requests of the page itself; the browser's own go to its maker.
  is "$page: no request" "$(grep -oE '"url":"(https?|ftp|wss?)://[^"]*"' "$work/net.json" |
    grep -vE 'google|gstatic|gvt1' | head -n 3)" ""
done
finish
