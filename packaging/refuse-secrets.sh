#!/bin/sh
# Fails when a file to be committed holds a private key.
! grep -Hn -e '-----BEGIN [A-Z ]*PRIVATE''  *KEY-----' "$@"
