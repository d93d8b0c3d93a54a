"""What other programs make of what we write; `make peers` installs them and runs this."""
