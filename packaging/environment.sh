#!/usr/bin/env bash
# Makes .venv from a hash-locked requirements file with plain pip. Usage: environment.sh PYTHON LOCK
set -euo pipefail
python=$1
lock=$2
cd "$(dirname "$0")/.."
if ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
then
  echo "Lightbox needs Python 3.11, 3.12 or 3.13; none was found. Set LIGHTBOX_PYTHON to one." >&2
  exit 1
fi
if [ ! -x .venv/bin/python ]; then
  if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    packaging/system-packages.sh venv "$python"
  fi
  echo "Making .venv with $("$python" --version)"
  "$python" -m venv .venv
fi
echo "Installing the locked packages (about 550 MB the first time)"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
  --only-binary :all: -r "$lock" 2> >(grep -v '^WARNING: Location' >&2)
# Lightbox itself runs from this tree: a .pth file and a starter, no build step and no download.
site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
pwd > "$site/lightbox.pth"
cat > .venv/bin/lightbox <<'EOF'
#!/bin/sh
exec "$(dirname "$0")/python" -m workstation "$@"
EOF
chmod +x .venv/bin/lightbox
echo "Compiling Lightbox's loops, once"
.venv/bin/python -m viewer.render.compiled
