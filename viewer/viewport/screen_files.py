"""Which file describes the colours of which screen, as a text that is kept (F18)."""

import json

_LONGEST = 4096


def read_files(text: str) -> dict[str, str]:
    """Files by screen; what cannot be read is left out."""
    try:
        kept = json.loads(text) if text else {}
    except ValueError:
        return {}
    if not isinstance(kept, dict):
        return {}
    return {
        str(screen): file
        for screen, file in kept.items()
        if isinstance(file, str) and 0 < len(file) <= _LONGEST and "\0" not in file
    }


def write_files(files: dict[str, str]) -> str:
    """Files as a text that ``read_files`` reads."""
    return json.dumps(files, sort_keys=True)
