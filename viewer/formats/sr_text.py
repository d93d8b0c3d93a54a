"""Text as the value representations of a structured report take it (PS3.5 6.2)."""


def line(text: str) -> str:
    """Text as LO takes it: one line of at most 64 characters, no backslash."""
    plain = "".join(c if c.isprintable() else " " for c in text).replace("\\", "/")
    return " ".join(plain.split())[:64].strip()


def person(name: str) -> str:
    """A name as PN takes it; one of a single part ends in '^', to say that it is meant so."""
    told = line(name).replace("=", " ") or "Unknown"
    return told if "^" in told else f"{told[:63]}^"
