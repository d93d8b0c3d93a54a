"""Report, finding and context as frozen values."""
