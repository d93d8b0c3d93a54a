#!/usr/bin/env bash
# Prints the Python that Lightbox is built with here: the first of 3.11 to 3.13 that really starts.
for candidate in "${LIGHTBOX_PYTHON:-}" python3 python3.13 python3.12 python3.11; do
  [ -n "$candidate" ] || continue
  if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
  then
    echo "$candidate"
    exit 0
  fi
done
echo python3
