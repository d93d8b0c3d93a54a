"""Measurement kinds: points needed, value, label."""
