"""The table of agreement between our pixels and those of other programs, file by file."""
