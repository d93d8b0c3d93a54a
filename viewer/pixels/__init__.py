"""Stored value to P-value to driving level, by the text of PS3.3 and PS3.14."""
