"""One open case and the commands and keys that act on it."""
