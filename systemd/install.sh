#!/usr/bin/env bash
# Installs datalayerd as a systemd service, or takes it away again. Safe to run again: an installed daemon is updated, its configuration and data stay.
# usage: install.sh [install | uninstall | purge] [--root FOLDER] [--no-start]
#   --root FOLDER   install below FOLDER instead of / (for packages and tests); nothing is started
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
action=install root="" start=yes
while [ $# -gt 0 ]; do
  case $1 in
    install|uninstall|purge) action=$1 ;;
    --root) root=${2:?--root needs a folder}; start=no; shift ;;
    --no-start) start=no ;;
    *) echo "install.sh: unknown argument $1" >&2; exit 64 ;;
  esac
  shift
done
[ -n "$root" ] || [ "$(id -u)" = 0 ] || { echo "install.sh: run as root, or give --root FOLDER" >&2; exit 77; }

has_systemd() { [ -z "$root" ] && [ -d /run/systemd/system ]; }

install_files() {
  build=$(mktemp -d)
  trap 'rm -rf "$build"' EXIT
  dotnet publish "$here/../src/Daemon/Daemon.csproj" -c Release --nologo -v q -o "$build/daemon"
  dotnet publish "$here/../src/Cli/Cli.csproj" -c Release --nologo -v q -o "$build/cli"
  # The new version is complete before it takes the place of the old one.
  rm -rf "$root/usr/lib/datalayer.new"
  install -d "$root/usr/lib/datalayer.new" "$root/usr/bin" "$root/usr/lib/systemd/system" "$root/usr/lib/sysusers.d" "$root/usr/lib/tmpfiles.d" "$root/etc/datalayer" "$root/usr/share/doc/datalayer"
  cp -r "$build/daemon/." "$build/cli/." "$root/usr/lib/datalayer.new/"
  rm -rf "$root/usr/lib/datalayer"
  mv "$root/usr/lib/datalayer.new" "$root/usr/lib/datalayer"
  ln -sfn ../lib/datalayer/datalayer "$root/usr/bin/datalayer"
  install -m 644 "$here/datalayerd.service" "$root/usr/lib/systemd/system/datalayerd.service"
  install -m 644 "$here/datalayer.sysusers.conf" "$root/usr/lib/sysusers.d/datalayer.conf"
  install -m 644 "$here/datalayer.tmpfiles.conf" "$root/usr/lib/tmpfiles.d/datalayer.conf"
  install -m 644 "$here/../docs/configuration.md" "$root/usr/share/doc/datalayer/configuration.md"
  [ -e "$root/etc/datalayer/datalayer.json" ] || install -m 644 "$here/datalayer.json" "$root/etc/datalayer/datalayer.json"
}

do_install() {
  install_files
  if [ -z "$root" ]; then
    if command -v systemd-sysusers >/dev/null; then systemd-sysusers "/usr/lib/sysusers.d/datalayer.conf"
    else id datalayer >/dev/null 2>&1 || useradd --system --home-dir /var/lib/datalayer --shell /usr/sbin/nologin datalayer; fi
    if command -v systemd-tmpfiles >/dev/null; then systemd-tmpfiles --create "/usr/lib/tmpfiles.d/datalayer.conf"
    else install -d -o datalayer -g datalayer -m 750 /var/lib/datalayer; fi
  fi
  if has_systemd; then
    systemctl daemon-reload
    systemctl enable datalayerd.service
    if [ $start = yes ]; then systemctl restart datalayerd.service; fi
  fi
  echo "datalayerd is installed${root:+ below $root}: configuration /etc/datalayer/datalayer.json, data /var/lib/datalayer, CLI datalayer"
}

do_uninstall() {
  if has_systemd; then systemctl disable --now datalayerd.service 2>/dev/null || true; fi
  rm -rf "$root/usr/lib/datalayer" "$root/usr/share/doc/datalayer"
  rm -f "$root/usr/bin/datalayer" "$root/usr/lib/systemd/system/datalayerd.service" "$root/usr/lib/sysusers.d/datalayer.conf" "$root/usr/lib/tmpfiles.d/datalayer.conf"
  if has_systemd; then systemctl daemon-reload; fi
  echo "datalayerd is removed; configuration and data are still there (install.sh purge removes them as well)"
}

case $action in
  install) do_install ;;
  uninstall) do_uninstall ;;
  purge)
    do_uninstall
    rm -rf "$root/etc/datalayer" "$root/var/lib/datalayer"
    echo "configuration and data are removed"
    ;;
esac
