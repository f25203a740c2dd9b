#!/bin/sh
# The arrows between the rooms (README, "The house"): who may include and link whom.
set -u
top=${GYM_SOURCE_TOP:-.}
build=${GYM_BUILD_TOP:-.}
nm=${NM:-nm}
n=0
bad=0

# check NAME LIST: passes when LIST, the offenders, is empty.
check () {
  n=$((n + 1))
  if [ -z "$2" ]; then
    echo "ok $n - $1"
  else
    echo "not ok $n - $1"
    printf '%s\n' "$2" | head -n 20 | sed 's/^/# /'
    bad=1
  fi
}

cd "$top" || exit 1

check "sims know nothing of the gym" \
  "$(grep -rnE '\bgym_[a-z]|include *[<"]gym/' sims --include='*.[ch]')"

undefined_in () { # FILE PATTERN
  $nm -u "$1" 2>/dev/null | grep -E "$2" | sed "s|^|$1:|"
}
list=
for a in $(find "$build/sims" -name '*.a' 2>/dev/null); do
  list="$list$(undefined_in "$a" ' (gym_|zmq_|lua_|json_|sqlite3_)')"
done
[ -n "$(find "$build/sims" -name '*.a' 2>/dev/null)" ] || list="no built sims in $build"
check "sims link neither gym, Lua, ZeroMQ, Jansson nor SQLite" "$list"

list=
seen=
for so in "$build"/envs/.libs/*.so "$build"/plugins/.libs/*.so "$build"/tests/envs/.libs/*.so; do
  [ -f "$so" ] || continue
  seen=yes
  list="$list$(undefined_in "$so" ' gym_')"
done
[ -n "$seen" ] || list="no built plugins in $build"
check "plugins link against nothing of ours" "$list"

list=
for so in "$build"/envs/.libs/*.so "$build"/plugins/.libs/*.so; do
  [ -f "$so" ] || continue
  list="$list$($nm -D --defined-only "$so" | awk -v f="$so" '
    $NF !~ /^(gym_plugin_entry|__odr_asan.*)$/ && $(NF-1) ~ /[TDBRVW]/ { print f ": " $NF }')"
done
check "plugins export one constant" "$list"

list=$($nm -D --defined-only "$build/core/.libs/libgym.so" |
  awk '$(NF-1) ~ /[TDBRVW]/ { print $NF }' | sort -u)
declared=$(cat core/gym/*.h | tr '\n' ' ' | grep -oE 'GYM_API [^;]*' |
  grep -oE 'gym_[a-z0-9_]+ \(' | sed 's/ (//' | sort -u)
check "libgym exports what its headers declare, and nothing else" \
  "$(printf '%s\n' "$list" | while read -r s; do
       printf '%s\n' "$declared" | grep -qx "$s" || echo "exported, not declared: $s"
     done
     for s in $(grep -ohE '^GYM_API [^;(]*\(' core/gym/*.h | grep -oE 'gym_[a-z0-9_]+ *\(' |
                tr -d ' (' | sort -u); do
       printf '%s\n' "$list" | grep -qx "$s" || echo "declared, not exported: $s"
     done)"

ids=$(grep -rhoE '\.id = "[a-z0-9_-]+"' envs plugins --include='*.c' | sed 's/.*"\(.*\)"/\1/')
list=
for id in $ids; do
  for word in "$id" "${id%-v*}"; do
    list="$list$(grep -nF "\"$word\"" core/*.c core/*.h 2>/dev/null |
      grep -vE ':[0-9]+: *(/\*| \*)')"
  done
done
check "the core names no env and no agent" "$list"

check "the command and the binding include public headers alone" \
  "$(grep -nE 'include *[<"](\.\./)*core/' core/cmd/*.[ch] lua/*.[ch] |
     grep -vE '"core/(gym|cmd)/')"

check "the binding does not know the command" "$(grep -n '"core/cmd' lua/*.[ch])"

check "envs and plugins include <gym/plugin.h> and nothing else of the gym" \
  "$(grep -rnE 'include *[<"](gym|core)/' envs plugins --include='*.[ch]' |
     grep -vE '<gym/(plugin|error|rng).h>')"

check "plugins do not name envs" \
  "$(for id in $(grep -rhoE '\.id = "[a-z0-9_-]+"' envs --include='*.c' | sed 's/.*"\(.*\)"/\1/'); do
       grep -rnE "\"${id%-v*}(-v[0-9]+)?\"" plugins --include='*.[ch]'
     done)"

list=
for f in core/*.c core/cmd/*.c sims/*/*.c envs/*.c plugins/*.c plugins/common/*.c; do
  [ -f "$f" ] || continue
  name=$(basename "$f" .c)
  case $f in
    core/cmd/*) folder=tests/cmd ;;
    *) folder=tests/$(dirname "$f") ;;
  esac
  found=
  for t in "$folder/test_$name.c" "$folder/test_$name.sh" "$folder/$name.sh" "tests/lua/$name.lua"; do
    [ -f "$t" ] && found=yes
  done
  [ "$name" = main ] || case $name in *_main) found=yes ;; esac
  [ -n "$found" ] || list="$list$f has no $folder/test_$name.c
"
done
check "every source has its test" "$list"

check "no source includes another" "$(grep -rnE '#include "[^"]*\.c"' core sims envs plugins lua)"
echo "1..$n"
exit $bad
