#!/usr/bin/env bash
# Sets up what the tests need, runs all of them, and ends with "N passed, N failed".
# Needs: the .NET 10 SDK, and Debian's packages (installed here when missing; as root, or with sudo).
set -u
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
passed=0 failed=0
failures=()

finish() {
    for failure in "${failures[@]}"; do echo "FAILED: $failure"; done
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
    exit $?
}

# step NAME COMMAND...: a check that is one test.
step() {
    local name=$1
    shift
    echo "== $name"
    if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); failures+=("$name"); echo "FAILED: $name"; fi
}

# need COMMAND PACKAGE: installs a Debian package when its command is missing.
missing=()
need() { command -v "$1" >/dev/null || missing+=("$2"); }
need python3 python3-minimal
need systemd-analyze systemd
need strace strace
need faketime faketime
need nsenter util-linux
need node nodejs
need npm npm
need openssl openssl
if [ ${#missing[@]} -gt 0 ]; then
    as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo -n)
    echo "== installing ${missing[*]}"
    "${as_root[@]}" apt-get update -qq && DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" ||
        { echo "cannot install ${missing[*]}: install them by hand and run ./test.sh again"; failed=1; finish; }
fi

# The peers that the load test compares us with: unpacked, not installed, so that no service starts.
peers=${XDG_CACHE_HOME:-$HOME/.cache}/datalayer-test/peers
if [ ! -x "$peers/usr/bin/victoria-metrics" ] || [ ! -x "$peers/usr/bin/influxd" ] || [ ! -x "$peers/usr/bin/prometheus" ]; then
    echo "== fetching victoria-metrics, influxdb, prometheus"
    mkdir -p "$peers" && (
        cd "$peers" || exit 1
        [ -n "$(apt-cache policy prometheus 2>/dev/null)" ] || $([ "$(id -u)" = 0 ] || echo sudo -n) apt-get update -qq
        apt-get download -qq victoria-metrics influxdb prometheus && for package in *.deb; do dpkg -x "$package" . || exit 1; done && rm -f ./*.deb
    ) || { echo "cannot fetch the peers: put them into $peers by hand and run ./test.sh again"; failed=1; finish; }
fi
PATH=$PATH:$peers/usr/bin
tests/Servers/Mongo/fetch.sh || { echo "cannot fetch MongoDB's engine: see tests/Servers/Mongo/fetch.sh, and run ./test.sh again"; failed=1; finish; }

# Redis: unpacked, not installed, so that no service starts.
redis=${XDG_CACHE_HOME:-$HOME/.cache}/datalayer-test/redis
if [ ! -x "$redis/usr/bin/redis-server" ] || [ ! -x "$redis/usr/bin/redis-cli" ]; then
    echo "== fetching redis-server, redis-tools"
    mkdir -p "$redis" && (
        cd "$redis" || exit 1
        [ -n "$(apt-cache policy redis-server 2>/dev/null)" ] || $([ "$(id -u)" = 0 ] || echo sudo -n) apt-get update -qq
        apt-get download -qq redis-server redis-tools libjemalloc2 liblzf1 libatomic1 && for package in *.deb; do dpkg -x "$package" . || exit 1; done && rm -f ./*.deb
    ) || { echo "cannot fetch Redis: put it into $redis by hand, or install redis-server and redis-tools, and run ./test.sh again"; failed=1; finish; }
fi

# PostgreSQL: Debian's server, unpacked where it is not installed, so that no service starts. With it come the libraries that are not here yet.
postgres=${XDG_CACHE_HOME:-$HOME/.cache}/datalayer-test/postgres
if [ ! -x /usr/lib/postgresql/15/bin/postgres ] && [ ! -x "$postgres/usr/lib/postgresql/15/bin/postgres" ]; then
    echo "== fetching postgresql-15"
    mkdir -p "$postgres/partial" && (
        cd "$postgres" || exit 1
        [ -n "$(apt-cache policy postgresql-15 2>/dev/null)" ] || $([ "$(id -u)" = 0 ] || echo sudo -n) apt-get update -qq
        apt-get install -qq -y --download-only --no-install-recommends -o Debug::NoLocking=true -o Dir::Cache::archives="$postgres" postgresql-15 >/dev/null &&
            for package in *.deb; do dpkg -x "$package" . || exit 1; done && rm -f ./*.deb
    ) || { echo "cannot fetch postgresql-15: install it by hand and run ./test.sh again"; failed=1; finish; }
fi

# ClickHouse: the engine and its HTTP server come as one library, which tests/Servers/ClickHouseLauncher runs in a process of its own; verified against the digest that the registry states.
cache=${XDG_CACHE_HOME:-$HOME/.cache}/datalayer-test
clickhouse=$cache/clickhouse
clickhouse_sha512=5cff7b98caa7739b59a4a432c11f0dedc2d3b073624e61ebdf4a42e66ce8de35a6ba48ca9f62016bad1cd81fe059435cb858ce3235a8a2b408082a81563e70a7
if [ ! -f "$clickhouse/libchdb.so" ]; then
    echo "== fetching ClickHouse 26.7"
    mkdir -p "$clickhouse" && (
        cd "$clickhouse" || exit 1
        npm pack --silent @chdb/lib-linux-x64-gnu@26.7.3-stable.1 >/dev/null && echo "$clickhouse_sha512  chdb-lib-linux-x64-gnu-26.7.3-stable.1.tgz" | sha512sum --check --quiet &&
            mkdir -p partial && tar -xzf ./*.tgz -C partial && rm -f ./*.tgz && mv partial/package/libchdb.so . && rm -rf partial
    ) || { echo "cannot fetch ClickHouse: put libchdb.so of npm's @chdb/lib-linux-x64-gnu@26.7.3-stable.1 into $clickhouse by hand and run ./test.sh again"; failed=1; finish; }
fi

# ClickHouse of 2018, which is refused: unpacked, with the libraries that it needs.
old=$cache/clickhouse-18
if [ ! -x "$old/usr/sbin/clickhouse-server" ]; then
    echo "== fetching clickhouse-server 18.16"
    mkdir -p "$old/partial" && (
        cd "$old" || exit 1
        [ -n "$(apt-cache policy clickhouse-server 2>/dev/null)" ] || $([ "$(id -u)" = 0 ] || echo sudo -n) apt-get update -qq
        apt-get install -qq -y --download-only --no-install-recommends -o Debug::NoLocking=true -o Dir::Cache::archives="$old" clickhouse-server >/dev/null &&
            for package in *.deb; do dpkg -x "$package" . || exit 1; done && rm -f ./*.deb
    ) || { echo "cannot fetch clickhouse-server: put it into $old by hand and run ./test.sh again"; failed=1; finish; }
fi

echo "== build"
dotnet build DataLayer.sln -c Release --nologo -v q || { failed=1; finish; }

for project in tests/*.Tests/*.csproj; do
    name=$(basename "$project" .csproj)
    echo "== $name"
    log=$(mktemp)
    timeout 900 "tests/$name/bin/Release/net10.0/DataLayer.$name" -noColor 2>&1 | tee "$log" | grep -avE "^\s+(Discovering|Discovered|Starting|Finished):|^xUnit.net"
    summary=$(grep -aoE "Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+, Not Run: [0-9]+" "$log" | tail -n 1 | grep -oE "[0-9]+" | tr '\n' ' ')
    mapfile -t -O "${#failures[@]}" failures < <(grep -aoE "^ +\S.* \[FAIL\]" "$log" | sed "s/^ */$name: /")
    rm -f "$log"
    read -r total errors bad skipped explicit <<<"$summary"
    if [ -z "${total:-}" ] || [ "$total" = 0 ]; then
        failures+=("$name did not finish or ran no test")
        failed=$((failed + 1))
        continue
    fi
    failed=$((failed + errors + bad))
    passed=$((passed + total - errors - bad - skipped - explicit))
done

step "hot path within its allocation budgets" dotnet bench/bin/Release/net10.0/bench.dll --check-budgets
for kind in rows blocks lines points udp-lines; do
    step "load, the books add up: $kind" ./loadtest/with-daemon.sh --kind "$kind" --rate 200000 --series 2000 --seconds 3 --verify
done
step "comparison with the peers, every sample found" dotnet loadtest/bin/Release/net10.0/loadtest.dll compare \
    --daemon src/Daemon/bin/Release/net10.0/datalayerd.dll --times 1 --seconds 2 --series 2000 --settle 0
step "queries beside VictoriaMetrics, the same answers" dotnet loadtest/bin/Release/net10.0/loadtest.dll queries \
    --daemon src/Daemon/bin/Release/net10.0/datalayerd.dll --samples 920000 --series 100 --times 2
step "kill -9 under full load, twice" dotnet loadtest/bin/Release/net10.0/loadtest.dll kill \
    --daemon src/Daemon/bin/Release/net10.0/datalayerd.dll --times 2 --seconds 3
step "hostile peers, an honest agent keeps all" dotnet loadtest/bin/Release/net10.0/loadtest.dll hostile \
    --daemon src/Daemon/bin/Release/net10.0/datalayerd.dll --seconds 1 --connections 1000
step "soak with churn, compaction and retention, nothing lost" dotnet loadtest/bin/Release/net10.0/loadtest.dll soak \
    --daemon src/Daemon/bin/Release/net10.0/datalayerd.dll --seconds 10 --rate 200000 --series 2000 --churn 2
step "a hundred thousand new series" dotnet loadtest/bin/Release/net10.0/loadtest.dll register \
    --daemon src/Daemon/bin/Release/net10.0/datalayerd.dll --series 100000
step "overload over TCP and UDP, exact books" dotnet loadtest/bin/Release/net10.0/loadtest.dll overload \
    --daemon src/Daemon/bin/Release/net10.0/datalayerd.dll --seconds 2 --series 2000
step "every engine at once on real servers, with kills, exactly what was acked" dotnet loadtest/bin/Release/net10.0/loadtest.dll engines \
    --daemon src/Daemon/bin/Release/net10.0/datalayerd.dll --rate 20000 --seconds 10 --series 1000 --times 4
finish
