#!/usr/bin/env bash
# Installs missing Debian or Ubuntu libraries. Usage: system-packages.sh run|test|venv [PYTHON]
# Without root and without sudo it prints the exact command and stops.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
want=$1
command -v dpkg-query >/dev/null 2>&1 || exit 0   # not Debian: the user knows the packages' names

case $want in
  venv) names="$(basename "$("$2" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')")-venv" ;;
  run) names=$(grep -v '^#' "$here/system-packages.txt") ;;
  test) names=$(grep -hv '^#' "$here/system-packages.txt" "$here/system-packages-test.txt") ;;
  *) echo "usage: system-packages.sh run|test|venv" >&2; exit 2 ;;
esac

present() { dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null | grep -q '^ii'; }
missing=()
for line in $names; do
  found=
  for name in ${line//|/ }; do           # a|b: either will do (renamed between releases)
    present "$name" && found=1 && break
  done
  [ -n "$found" ] || missing+=("$line")
done
[ ${#missing[@]} -eq 0 ] && exit 0

choose() {                               # the alternative that this release knows
  for name in ${1//|/ }; do
    if apt-cache show "$name" >/dev/null 2>&1; then echo "$name"; return; fi
  done
  echo "${1%%|*}"
}

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if command -v sudo >/dev/null 2>&1 && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
    as_root=(sudo)
  else
    echo "These system packages are missing. Run this as root, then try again:" >&2
    echo "  apt-get install --no-install-recommends ${missing[*]%%|*}" >&2
    exit 1
  fi
fi
export DEBIAN_FRONTEND=noninteractive
echo "Installing system packages: ${missing[*]%%|*}"
"${as_root[@]}" apt-get -qq update >/dev/null
chosen=()
for line in "${missing[@]}"; do chosen+=("$(choose "$line")"); done
log=$(mktemp)
if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "${chosen[@]}" >"$log" 2>&1
then
  cat "$log" >&2
  echo "apt-get could not install them; the reason stands above." >&2
  exit 1
fi
rm -f "$log"
