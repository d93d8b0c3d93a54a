"""Hostile input by number: mutated codestreams, files made to break limits, the malformed set."""
