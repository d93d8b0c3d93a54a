#!/bin/sh
# Fails when a file to be committed still holds conflict marks.
! grep -HnE '^(<{7} |>{7} )' "$@"
