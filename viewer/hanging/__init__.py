"""Which display set goes to which pane, with reasons."""
