#!/bin/sh
# gym slurm: the script it makes, and how it hands it to sbatch.
. "${0%/*}/tap.sh"

mkdir "$work/my keys" "$work/bin"
run slurm tcp://host:5555 -n 64 --keys "$work/my keys" --wait 30 --dry-run -- --time=1:00:00 --partition=short
is "a dry run" "$code$err" 0
has "an array" "$out" '^#SBATCH --array=1-64$'
has "options of sbatch" "$out" '^#SBATCH --partition=short$'
has "quoted paths" "$out" "worker 'tcp://host:5555' --keys '.*/my keys' --wait '30'$"
printf '%s\n' "$out" | sh -n
report $? "it is a shell script" </dev/null

printf '#!/bin/sh\ncat >"%s/got"\necho Submitted batch job 7\n' "$work" >"$work/bin/sbatch"
chmod +x "$work/bin/sbatch"
expected=$out
PATH=$work/bin:$PATH
run slurm tcp://host:5555 -n 64 --keys "$work/my keys" --wait 30 -- --time=1:00:00 --partition=short
is "submitted" "$code$out" "0Submitted batch job 7"
is "sbatch gets the same script" "$(cat "$work/got")" "$expected"
printf '#!/bin/sh\ncat >/dev/null\necho no >&2\nexit 1\n' >"$work/bin/sbatch"
run slurm tcp://host:5555
is "what sbatch refuses" "$code" 1
run slurm tcp://host:5555 short
is "a word too many" "$code" 2
run slurm
is "no endpoint" "$code" 2
finish
