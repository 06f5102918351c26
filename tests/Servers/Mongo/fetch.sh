#!/usr/bin/env bash
# Fetches what MongoServer runs, once, into the cache of the tests: MongoDB's own engine from npm (SSPL: for tests only, it is never shipped), and the C library of Debian 13 that it
# needs, which is unpacked beside the system's and used by this one program. Verified: the packages against the hashes below, the libraries by apt against Debian's archive key.
set -eu
cache=${XDG_CACHE_HOME:-$HOME/.cache}/datalayer-test/mongo
version=0.1.1
declare -A hashes=(
    [embedded-mongodb]=qLbGQPC/yqyrPiOVBz97I0lkAWLQoim3Cr9NVMqDHVLD2DIzPyt2iEoOvvKAxXaYj52CaJv4T07SODMutrFy3A==
    [embedded-mongodb-linux-x64-gnu]=lRIA0/hDNtxsE6Zj3SMPWICxueDMTIbdWQ2ogTFaEPkoDb07hm/Kv7wMPFyu62k4jzssGWgbbWgerzOujKuflg==
)
[ -e "$cache/complete-$version" ] && exit 0
echo "== fetching MongoDB's engine"
mkdir -p "$cache"
work=$(mktemp -d "$cache/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

mkdir -p node_modules/@0q
for package in "${!hashes[@]}"; do
    file=$(npm pack --silent "@0q/$package@$version" 2>/dev/null | tail -n 1)
    [ "$(openssl dgst -sha512 -binary "$file" | base64 -w0)" = "${hashes[$package]}" ] || { echo "@0q/$package@$version is not what was expected: its hash differs" >&2; exit 1; }
    mkdir "node_modules/@0q/$package"
    tar -xzf "$file" -C "node_modules/@0q/$package" --strip-components=1
done

# The mirror is the one that this system uses already, if it is a Debian.
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 2>/dev/null | grep -E '/debian/?$' | head -n 1) || true
mkdir -p lists/partial apt/archives/partial libraries
echo "deb [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror:-http://deb.debian.org/debian} trixie main" >sources.list
options=(-qq -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work/apt"
    -o Dir::State::status=/dev/null -o APT::Architecture=amd64 -o APT::Sandbox::User=root)
apt-get "${options[@]}" update
apt-get "${options[@]}" download libc6 libstdc++6 libgcc-s1
for package in *.deb; do dpkg -x "$package" libraries; done

rm -rf "$cache/node_modules" "$cache/libraries"
mv node_modules libraries "$cache"
touch "$cache/complete-$version"
