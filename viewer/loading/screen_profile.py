"""The ICC profile of a screen from a file that the reader chose (F18)."""

from pathlib import Path

from viewer.errors import ViewerError
from viewer.loading.charset import visible
from viewer.loading.icc_outline import LARGEST, why_no_screen
from viewer.model.colour import ColourProfile, ScreenColours

_LONGEST_NAME = 40


def read_screen_profile(file: Path) -> ScreenColours:
    """Read and check it; ViewerError says what is wrong with the file."""
    name = visible(file.name)
    if len(name) > _LONGEST_NAME:
        name = f"{name[: _LONGEST_NAME - 1]}…"
    try:
        if not file.is_file():
            raise ViewerError(f"The colour profile {name} is not there.", where=str(file))
        with file.open("rb") as opened:
            data = opened.read(LARGEST + 1)
    except OSError as error:
        why = f"The colour profile {name} cannot be read ({error.strerror})."
        raise ViewerError(why, where=str(file)) from error
    why = why_no_screen(data)
    if why:
        raise ViewerError(f"The colour profile {name} is not used: {why}", where=str(file))
    return ScreenColours(ColourProfile(data), name)
