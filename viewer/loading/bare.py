"""One DICOM file without its pixel data: what a report copies an image's identity from."""

from typing import BinaryIO

from viewer.loading.guard import FileBytes
from viewer.loading.outline import outline

_SHORT, _LONG = 8, 12
_LONG_VRS = frozenset({b"OB", b"OD", b"OF", b"OW", b"UN"})


def without_pixels(data: BinaryIO, *, name: str) -> bytes:
    """Give the file up to its pixel data; a deflated one is given whole.

    ``name`` (file or SOP) goes into errors: NotDicom, HeaderError.
    """
    found = outline(FileBytes(data), where=name)
    data.seek(0)
    if found.pixels is None or not isinstance(found.data, FileBytes):
        return data.read()
    head = _LONG if found.pixels.vr in _LONG_VRS else _SHORT
    return data.read(found.pixels.value - head)
