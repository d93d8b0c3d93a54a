"""The state of a pane and the tools that act on it, without Qt."""
