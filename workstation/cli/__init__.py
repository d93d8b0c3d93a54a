"""The parts of Lightbox without a window: info, render, verify, doctor."""
