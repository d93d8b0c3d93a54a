"""The report pane and its dialogs."""
