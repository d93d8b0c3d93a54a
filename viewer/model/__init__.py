"""Frozen values shared by every part of the viewer and, by import, with reporting."""
