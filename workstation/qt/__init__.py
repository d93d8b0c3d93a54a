"""The windows of the workstation."""
