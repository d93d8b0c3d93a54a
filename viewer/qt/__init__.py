"""Widgets that show finished pixels and pass pointer events on."""
