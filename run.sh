#!/usr/bin/env bash
# Builds DataLayer, starts the daemon on ./data with its host collector, and shows live data until Ctrl-C.
# usage: ./run.sh [--seconds N] [--data-dir FOLDER] [--http ADDRESS:PORT] [--ingest ADDRESS:PORT] [--no-build]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

seconds=0 build=yes
export DATALAYER_DATA_DIR=${DATALAYER_DATA_DIR:-./data}
export DATALAYER_HTTP=${DATALAYER_HTTP:-127.0.0.1:7400}
export DATALAYER_INGEST=${DATALAYER_INGEST:-127.0.0.1:7401}
export DATALAYER_HOST_COLLECTOR=${DATALAYER_HOST_COLLECTOR:-on}
while [ $# -gt 0 ]; do
  case $1 in
    --seconds) seconds=${2:?--seconds needs a number}; shift ;;
    --data-dir) DATALAYER_DATA_DIR=${2:?--data-dir needs a folder}; shift ;;
    --http) DATALAYER_HTTP=${2:?--http needs an address}; shift ;;
    --ingest) DATALAYER_INGEST=${2:?--ingest needs an address}; shift ;;
    --no-build) build=no ;;
    -h|--help) sed -n '2,3s/^# //p' "$0"; exit 0 ;;
    *) echo "run.sh: unknown argument $1" >&2; exit 64 ;;
  esac
  shift
done

command -v dotnet >/dev/null || { echo "run.sh: the .NET 10 SDK is not installed: https://dot.net/download" >&2; exit 69; }
daemon=src/Daemon/bin/Release/net10.0/datalayerd.dll
cli=src/Cli/bin/Release/net10.0/datalayer.dll
if [ $build = yes ]; then
  echo "building …"
  for project in src/Daemon src/Cli; do dotnet build "$project" -c Release --nologo -v q -clp:ErrorsOnly; done
fi

mkdir -p "$DATALAYER_DATA_DIR"
log=$DATALAYER_DATA_DIR/datalayerd.log
dotnet "$daemon" run >"$log" 2>&1 &
pid=$!

stop() {
  trap - INT TERM EXIT
  kill -TERM $pid 2>/dev/null || true
  local rc=0
  wait $pid || rc=$?
  tail -n 1 "$log"
  return $rc
}
trap 'stop; exit 0' INT TERM
trap stop EXIT

# bash's own sockets: a fresh machine need not have curl.
ready() {
  local answer=
  { exec 3<>"/dev/tcp/${DATALAYER_HTTP%:*}/${DATALAYER_HTTP##*:}"; } 2>/dev/null || return 1
  printf 'GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
  read -r answer <&3 || true
  exec 3<&- 3>&-
  [[ $answer == *" 200 "* ]]
}
until ready; do
  # It is gone: its last words say why.
  kill -0 $pid 2>/dev/null || { trap - EXIT; cat "$log" >&2; wait $pid; }
  sleep 0.1
done

show() {
  dotnet "$cli" "$@" || true
}
frame() {
  local end='\n'
  printf "DataLayer is running: HTTP http://$DATALAYER_HTTP, agents $DATALAYER_INGEST (TCP and UDP), data $DATALAYER_DATA_DIR, log $log$end$end"
  show query host_cpu_seconds_total --label mode=user --start -2m --step 2s --agg rate --chart
  show latest host_memory_bytes --label kind=available
  show latest host_load1
  show status
  printf "${end}try it in another terminal: dotnet $cli tail host_load1 | query … | sql 'select name, count(*) from samples group by name'$end"
  [ "$seconds" -gt 0 ] || printf "Ctrl-C stops the daemon in good order.$end"
}

# The host collector measures once a second: with two measures there is a rate to show.
sleep 2.5
started=$SECONDS
while kill -0 $pid 2>/dev/null; do
  text=$(frame 2>&1)
  [ -t 1 ] && printf '\e[H\e[2J'
  printf '%s\n' "$text"
  if [ "$seconds" -gt 0 ] && [ $((SECONDS - started)) -ge "$seconds" ]; then break; fi
  sleep 2
done
