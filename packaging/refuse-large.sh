#!/bin/sh
# Fails when a file to be committed is over 1 MB.
bad=0
for f in "$@"; do
  if [ "$(wc -c < "$f")" -gt 1048576 ]; then echo "over 1 MB: $f"; bad=1; fi
done
exit $bad
