#!/bin/sh
# gym run.
. "${0%/*}/tap.sh"

cat >"$work/args.lua" <<'END'
print (arg[0]:match ("[^/]*$"), #arg, arg[1], arg[2], arg[-1], select ("#", ...), ...)
END
run run "$work/args.lua" --help 'two words'
is "arguments, however they look" "$out" "args.lua	2	--help	two words	run	2	--help	two words"
is "it works" "$code$err" 0

echo 'print (type (require "gym"))' >"$work/require.lua"
run run "$work/require.lua"
is "the module is there" "$out" table

cat >"$work/error.lua" <<'END'
local function deep ()
  error ("it went wrong")
end
print "before"
deep ()
END
run run "$work/error.lua"
is "an error ends with 1" "$code" 1
has "place and message" "$err" '^gym: .*error\.lua:2: it went wrong$'
has "traceback" "$err" "error\.lua:2: in .*deep"
is "what was printed before arrives" "$out" before

echo 'error (setmetatable ({}, { __tostring = function () return "an object" end }))' >"$work/object.lua"
run run "$work/object.lua"
has "error objects" "$err" '^gym: an object'
echo 'os.exit (7)' >"$work/exit.lua"
run run "$work/exit.lua"
is "os.exit" "$code" 7
echo 'x = = 1' >"$work/syntax.lua"
run run "$work/syntax.lua"
is "a script that is no Lua is bad input" "$code" 3
has "with its line" "$err" 'syntax\.lua:1:'
run run "$work/nowhere.lua"
is "a script that is not there is bad input" "$code" 3
has "and is named" "$err" '^gym: .*nowhere\.lua'
is "standard input" "$(echo 'print (1 + 1)' | "$gym" run -)" 2

# A shell ignores SIGINT in what it starts in the background: undone by env.
cat >"$work/loop.lua" <<'END'
local f = io.open (arg[1], "w")
f:close ()
while true do end
END
env --default-signal=INT "$gym" run "$work/loop.lua" "$work/started" 2>"$work/err" &
pid=$!
until_file "$work/started"
kill -INT $pid
ends $pid
is "Ctrl-C ends a script with 130" "$code" 130
has "and a traceback" "$(cat "$work/err")" 'interrupted'
finish
