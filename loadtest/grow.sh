#!/usr/bin/env bash
# usage: loadtest/grow.sh FOLDER [SECONDS]
# How throughput and memory grow: rows at full speed over 10^3 … 10^6 series, 1, 10 and 100 agents, 1 and all cores. Results as JSON into FOLDER, for chart.py.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
out=${1:?usage: loadtest/grow.sh FOLDER [SECONDS]} seconds=${2:-20}
mkdir -p "$out"
run() { # NAME options: pauses first, so that the disk is at rest
    local name=$1
    shift
    sleep 5
    "$root/loadtest/with-daemon.sh" --kind rows --seconds "$seconds" --json "$out/$name.json" "$@" | grep -E "rate|daemon|VIOLATION|INCONCLUSIVE" | sed "s/^/$name: /"
}

for series in 1000 10000 100000 1000000; do run "series-$series" --series $series --connections 2 --columns 500; done
for agents in 1 10 100; do run "agents-$agents" --series 10000 --connections $agents --columns 100; done
CORES=0 run cores-1 --series 10000 --connections 2
run "cores-$(nproc)" --series 10000 --connections 2
