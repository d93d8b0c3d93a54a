"""Viewport state to finished device pixels, without Qt."""
