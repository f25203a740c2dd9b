#!/bin/sh
# gym slurm on a Slurm of one node, started here and without any system service: workers as
# a job array, one of which is killed.
. "${0%/*}/tap.sh"
PATH=$PATH:/usr/sbin:/sbin

for program in slurmctld slurmd sbatch scancel squeue; do
  command -v $program >/dev/null 2>&1 || {
    skip "a study on Slurm" "$program is not installed (Debian: slurm-wlm)"
    finish
  }
done

host=$(hostname -s)
port=$((20000 + $$ % 20000))
mkdir "$work/state" "$work/spool"
SLURM_CONF=$work/slurm.conf
export SLURM_CONF
cat >"$SLURM_CONF" <<END
ClusterName=gymtest
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
AuthType=auth/none
CredType=cred/none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=1,batch_sched_delay=0
NodeName=$host NodeAddr=127.0.0.1 CPUs=16
PartitionName=all Nodes=$host Default=YES OverSubscribe=FORCE:16
END
stop_slurm () {
  scancel --me 2>/dev/null
  for daemon in slurmctld slurmd; do
    kill "$(cat "$work/$daemon.pid" 2>/dev/null)" 2>/dev/null
  done
}
trap 'stop_slurm; rm -rf "$work"' EXIT
cd "$work" || exit 99 # jobs leave their output where they were submitted
slurmctld -c >"$work/start" 2>&1 && slurmd >>"$work/start" 2>&1
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
  sinfo -h -o %t 2>/dev/null | grep -q idle && break
  sleep 1
done
sinfo -h -o %t 2>/dev/null | grep -q idle || {
  sed 's/^/# /' "$work/start" "$work"/*.log 2>/dev/null | tail -n 20
  skip "a study on Slurm" "Slurm does not start here"
  finish
}

search="search --env slow -o ms=20 --agent random --agent ga --objective value --budget 120 --seeds 1..3 --in-flight 4 --quiet"
"$gym" $search --store "$work/here.db" --jobs 4 >/dev/null
"$gym" keys new "$work/keys" >/dev/null
endpoint=tcp://127.0.0.1:$((port + 2))
"$gym" $search --store "$work/slurm.db" --workers "tcp://*:$((port + 2))" \
  --keys "$work/keys" --lease 3 >"$work/table" 2>"$work/err" &
study=$!

run slurm -n 4 "$endpoint" --keys "$work/keys" --wait 6 -- --time=10
is "the array is submitted" "$code" 0
has "and sbatch says so" "$out" '^Submitted batch job [0-9]+$'
job=${out##* }
for i in 1 2 3 4 5 6 7 8 9 10; do
  [ "$("$gym" status "$endpoint" --keys "$work/keys" --json 2>/dev/null | grep -c '"state": "\(busy\|idle\)"')" = 4 ] && break
  sleep 1
done
run status "$endpoint" --keys "$work/keys"
has "all four are at work" "$out" '^4 workers:$'
scancel -s KILL -f "${job}_2"
report $? "one of them is killed" </dev/null
wait $study
is "the study ends well" "$?" 0
for name in here slurm; do
  "$gym" export "$work/$name.db" --format csv --canonical >"$work/$name.csv"
done
cmp "$work/here.csv" "$work/slurm.csv" >"$work/difference" 2>&1
report $? "with the trials of an undisturbed one" <"$work/difference"
for i in $(seq 30); do
  [ -z "$(squeue -h 2>/dev/null)" ] && break
  sleep 1
done
is "and the array with it" "$(squeue -h 2>/dev/null)" ""
finish
