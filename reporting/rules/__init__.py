"""Checks before signing, from data."""
