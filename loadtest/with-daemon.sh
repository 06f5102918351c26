#!/usr/bin/env bash
# usage: loadtest/with-daemon.sh [loadtest options]
# Starts a daemon of its own on free ports and a new data folder, loads it as the options say, and stops it.
# DATA_DIR: where the folder is made (default: the system's temporary folder). CORES: the cores of both, as taskset has them (default: all). Exits as loadtest does: 0 pass, 1 violation, 2 inconclusive.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
data=$(mktemp -d -p "${DATA_DIR:-${TMPDIR:-/tmp}}" datalayer-load.XXXXXX)
on_cores=()
[ -z "${CORES:-}" ] || on_cores=(taskset -c "$CORES")
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
http=127.0.0.1:$(free_port) ingest=127.0.0.1:$(free_port)

DATALAYER_DATA_DIR=$data/data DATALAYER_HTTP=$http DATALAYER_INGEST=$ingest \
    "${on_cores[@]}" dotnet "$root/src/Daemon/bin/Release/net10.0/datalayerd.dll" >"$data/log" 2>&1 &
daemon=$!
trap 'kill -TERM $daemon 2>/dev/null; wait $daemon 2>/dev/null; rm -rf "$data"' EXIT

is_ready() {
    local status
    exec 3<>"/dev/tcp/${http%:*}/${http#*:}" && printf 'GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3 && read -r status <&3 && [[ $status == *" 200 "* ]]
}

for _ in $(seq 300); do
    (is_ready) 2>/dev/null && break
    kill -0 $daemon 2>/dev/null || { cat "$data/log"; exit 2; }
    sleep 0.1
done

"${on_cores[@]}" dotnet "$root/loadtest/bin/Release/net10.0/loadtest.dll" --http "$http" --ingest "$ingest" --pid $daemon "$@"
code=$?
[ $code = 0 ] || tail -n 20 "$data/log"
exit $code
