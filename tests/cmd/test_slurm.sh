#!/bin/sh
# gym slurm: the script, what sbatch gets of it, and sbatches of every kind.
. "${0%/*}/tap.sh"

run slurm tcp://head:5555 -n 8 --dry-run
is "it works" "$code$err" 0
is "the script" "$(echo "$out" | sed "s|^exec '*[^ ']*gym'*|exec GYM|")" "#!/bin/sh
#SBATCH --job-name=gym-worker
#SBATCH --array=1-8
#SBATCH --ntasks=1
exec GYM worker tcp://head:5555"
run slurm tcp://head:5555 --dry-run -- --time=1:00:00 --partition=short --array=1-3%2
is "one worker; options of sbatch come last" "$(echo "$out" | sed -n 3,7p)" "#SBATCH --array=1-1
#SBATCH --ntasks=1
#SBATCH --time=1:00:00
#SBATCH --partition=short
#SBATCH --array=1-3%2"

# The command line that the script makes, word by word: its program is replaced by one that
# prints its arguments.
words () {
  printf '%s\n' "$out" | sed "s|^exec '*[^ ']*gym'*|exec printf '<%s>'|" | sh
}
odd="$work/it's a \"\$HOME\" \`id\` \\ * ;folder"
mkdir "$odd"
run slurm 'tcp://a;b$(id):1' --keys "$odd" --wait 3600 --dry-run
is "odd words stay what they are" "$(words)" \
  "<worker><tcp://a;b\$(id):1><--keys><$odd><--wait><3600>"
(cd "$odd" && "$gym" slurm tcp://h:1 --keys . --dry-run) >"$work/out"
out=$(cat "$work/out")
is "a relative folder is made whole" "$(words)" "<worker><tcp://h:1><--keys><$odd>"
run slurm tcp://h:1 --dry-run -- "--comment=it's  two words" '--mail-user=a@b.c' '--exclude=n[1-3,5]'
is "options are one word each" "$(echo "$out" | grep -c '^#SBATCH')" 6
has "quoted where they have to be" "$out" "^#SBATCH '--comment=it'\\\\''s  two words'$"
has "and only there" "$out" '^#SBATCH --mail-user=a@b\.c$'
has "lists of nodes are plain" "$out" '^#SBATCH --exclude=n\[1-3,5\]$'

# An sbatch that keeps what it gets.
mkdir "$work/bin"
sbatch () { # BODY
  printf '#!/bin/sh\n%s\n' "$1" >"$work/bin/sbatch"
  chmod 755 "$work/bin/sbatch"
}
old=$PATH
PATH=$work/bin:$PATH
export PATH
sbatch "cat >'$work/script'; echo \"Submitted batch job 4711 \$#\""
run slurm tcp://head:5555 -n 3 --keys "$odd" -- --time=5
is "submitted" "$code$err" 0
is "what sbatch says is passed on, without arguments" "$out" "Submitted batch job 4711 0"
submitted=$(cat "$work/script")
run slurm tcp://head:5555 -n 3 --keys "$odd" --dry-run -- --time=5
is "the script is that of the dry run" "$submitted" "$out"
is "which runs nothing" "$code" 0
sh -n "$work/script"
report $? "it is a shell script" </dev/null

sbatch 'cat >/dev/null; echo "sbatch: error: invalid partition" >&2; exit 7'
run slurm tcp://head:5555
is "refused" "$code" 1
has "with its exit code" "$err" '^gym: sbatch refused the job \(exit code 7\)'
has "and its own words" "$err" '^sbatch: error: invalid partition'
# One that reads nothing must not take gym with it.
sbatch 'exit 5'
codes=
for i in 1 2 3 4 5 6 7 8; do
  run slurm tcp://head:5555 -- --comment="$(seq 20000 | tr '\n' ' ')"
  codes=$codes$code
done
is "refused unread" "$codes" 11111111
sbatch 'kill -9 $$'
run slurm tcp://head:5555
is "killed" "$code" 1
rm "$work/bin/sbatch"
# The command may be libtool's script, which needs more than a folder of its own.
for tool in sh sed dirname basename ls cat rm mkdir chmod expr grep readlink uname; do
  where=$(command -v $tool) && ln -s "$where" "$work/bin/$tool"
done
PATH=$work/bin "$gym" slurm tcp://head:5555 >"$work/out" 2>"$work/err"
is "no sbatch" "$?" 3
has "says what to do" "$(cat "$work/err")" '^gym: sbatch was not found.*--dry-run'
PATH=$old

run slurm
is "no endpoint is a usage error" "$code" 2
run slurm head:5555 --dry-run
is "nor is that one" "$code" 2
has "says what would be" "$err" '^gym: .*tcp://HOST:PORT'
for n in 0 -1 x 100001 ''; do
  run slurm tcp://h:1 -n "$n" --dry-run
  is "no number of workers: \"$n\"" "$code" 2
done
run slurm tcp://h:1 --wait soon --dry-run
is "no time" "$code" 2
run slurm tcp://h:1 --dry-run -- --partition short
is "an option in two words" "$code" 2
has "is shown in one" "$err" '^gym: "short": options of sbatch follow a --, each as one word'
run slurm tcp://h:1 --dry-run -- "--comment=a
touch $work/made"
is "an option of two lines" "$code" 2
run slurm 'tcp://h:1
touch x' --dry-run
is "an endpoint of two lines" "$code" 2
finish
