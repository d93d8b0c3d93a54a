"""Which spacing is true for an image and what a monitor really shows."""
