"""The exact bytes that are signed, who signed them, and whether that still holds."""
