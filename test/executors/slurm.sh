#!/usr/bin/env bash
# A Slurm of its own on this machine, with a node for every slurmd, for tests and simulations. It needs root and Debian's
# slurm-wlm and munge, and touches nothing outside FOLDER.
#   slurm.sh start FOLDER PORT NODES CPUS   prints nothing; then export SLURM_CONF=FOLDER/slurm.conf
#   slurm.sh node FOLDER NAME               starts a node that was killed
#   slurm.sh kill FOLDER NAME               ends a node and its jobs at once, as a crash would
#   slurm.sh stop FOLDER
set -euo pipefail
what=$1
folder=$2
host=$(hostname -s)

node() { slurmd -f "$folder/slurm.conf" -N "$1"; }

case $what in
  start)
    port=$3 nodes=$4 cpus=$5
    mkdir -p "$folder/state"
    for ((i = 1; i <= nodes; i++)); do mkdir -p "$folder/spool-n$i"; done
    dd if=/dev/urandom of="$folder/munge.key" bs=1024 count=1 2>/dev/null
    chmod 600 "$folder/munge.key"
    chmod 755 "$folder"
    cat >"$folder/slurm.conf" <<CONF
ClusterName=askew
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
# A requeued job waits until its credentials have expired: two minutes unless it is said here.
AuthInfo=socket=$folder/munge.socket,cred_expire=8
CredType=cred/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool-%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd-%n.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=200
SlurmdParameters=config_overrides
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0,sched_interval=5,bf_interval=5
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
JobRequeue=1
ReturnToService=2
SlurmdTimeout=10
KillWait=2
MpiDefault=none
MaxArraySize=2001
MaxJobCount=20000
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
NodeName=n[1-$nodes] NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1))-$((port + nodes)) CPUs=$cpus RealMemory=100000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=1
PartitionName=urgent Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=10 PreemptMode=OFF
CONF
    munged --socket="$folder/munge.socket" --key-file="$folder/munge.key" --log-file="$folder/munged.log" \
      --pid-file="$folder/munged.pid" --seed-file="$folder/munged.seed" --num-threads=2 --force
    slurmctld -f "$folder/slurm.conf"
    for ((i = 1; i <= nodes; i++)); do node "n$i"; done
    export SLURM_CONF="$folder/slurm.conf"
    for ((i = 0; i < 100; i++)); do
      [ "$(sinfo --noheader --states=idle --partition=main --format=%D 2>/dev/null)" = "$nodes" ] && exit 0
      sleep 0.1
    done
    echo "slurm.sh: the nodes did not come up" >&2
    tail -n 5 "$folder"/*.log >&2
    exit 1
    ;;
  node) node "$3" ;;
  kill)
    # The daemon first, so that it reports nothing; then the steps that it started and their processes.
    pid=$(cat "$folder/slurmd-$3.pid")
    kill -KILL "$pid" || true
    for step in $(pgrep -f "^slurmstepd: " || true); do
      # A step keeps the log of its node's daemon open.
      if ls -l "/proc/$step/fd" 2>/dev/null | grep -q "$folder/slurmd-$3.log"; then
        for child in $(pgrep -P "$step" || true); do
          pkill -KILL -P "$child" || true
          kill -KILL "$child" || true
        done
        kill -KILL "$step" || true
      fi
    done
    ;;
  stop)
    for file in "$folder"/slurmd-*.pid "$folder/slurmctld.pid" "$folder/munged.pid"; do
      [ -f "$file" ] && kill -TERM "$(cat "$file")" 2>/dev/null || true
    done
    ;;
esac
