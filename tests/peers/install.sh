#!/usr/bin/env bash
# Installs the programs of others into build/peers; without node or packages the tests skip.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
into=$here/../../build/peers
if ! command -v npm >/dev/null 2>&1; then
  echo "npm is not on this machine: the tests of other programs will be skipped" >&2
  exit 0
fi
mkdir -p "$into"
cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$here"/*.mjs "$into/"
cd "$into"
npm ci --ignore-scripts --no-audit --no-fund --silent || echo "the packages could not be installed" >&2
