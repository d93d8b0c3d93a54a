#!/usr/bin/env bash
# Resolves pyproject.toml into hash-locked files that plain pip installs. Needs uv on the PATH.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v uv >/dev/null || { echo "make lock needs uv (pip install uv)" >&2; exit 1; }
resolve() {
  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
    --no-emit-index-url --no-emit-find-links pyproject.toml "${@:2}" --output-file "$1"
  sed -i "1i # Hash-locked packages for Python 3.11 to 3.13. Made by 'make lock'; never edited by hand." "$1"
}
resolve packaging/requirements.lock
resolve packaging/requirements-dev.lock --extra dev
