"""Measurements against formulas and known shapes, whatever the image."""
