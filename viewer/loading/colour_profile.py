"""The ICC profile of a header, its outline checked before any colour library sees it (F18, R23)."""

import struct

from viewer.loading import tags
from viewer.loading.fields import Fields
from viewer.loading.outline import Outline
from viewer.model.colour import ColourProfile

LARGEST = 4 * 1024 * 1024
_MOST_TAGS = 100
_CLASSES = {b"scnr", b"mntr", b"spac", b"prtr"}
"""Input, display, colour space, output; links and abstract profiles have no RGB of their own."""
_REFUSED = "The colour profile is not used and sRGB is assumed: "


def read_profile(found: Outline, repairs: list[str]) -> ColourProfile | None:
    """The profile of a colour image; None without one, or with a repair where it is unusable.

    PS3.3 C.11.15; whole slide images have it in their first optical path.
    """
    for fields in (found.fields, found.fields.item(tags.OPTICAL_PATHS)):
        data = fields.data(tags.ICC_PROFILE)
        if data:
            why = why_unusable(data)
            if why:
                repairs.append(_REFUSED + why)
                return None
            return ColourProfile(data, _space(fields, found.fields))
    if tags.ICC_PROFILE in found.bulky:
        repairs.append(_REFUSED + "it is longer than any that is met.")
    return None


def _space(fields: Fields, top: Fields) -> str:
    return fields.uid(tags.COLOUR_SPACE) or top.uid(tags.COLOUR_SPACE)


def why_unusable(data: bytes) -> str:
    """What is wrong with a profile's header and tag table (ICC.1 7.2, 7.3); '' when nothing is."""
    if len(data) < 132:
        return "it is shorter than a header."
    if len(data) > LARGEST:
        return f"it is longer than {LARGEST // (1024 * 1024)} MiB."
    (size,) = struct.unpack_from(">I", data)
    if data[36:40] != b"acsp":
        return "it does not have the mark of an ICC profile."
    if not 132 <= size <= len(data):
        return f"it says {size} bytes and has {len(data)}."
    if data[12:16] not in _CLASSES or data[16:20] != b"RGB ":
        return "it is not one of RGB colours."
    if data[20:24] not in {b"XYZ ", b"Lab "}:
        return "its connection space is unknown."
    return _tag_fault(data, size) or _refused(data)


def _refused(data: bytes) -> str:
    """What the colour library says against it; it is loaded for images with a profile only."""
    from viewer.pixels.colour_management import UnusableProfile, transform_to_srgb

    try:
        transform_to_srgb(data)
    except UnusableProfile as error:
        return f"the colour library refuses it ({error})."
    return ""


def _tag_fault(data: bytes, size: int) -> str:
    (count,) = struct.unpack_from(">I", data, 128)
    if not 1 <= count <= _MOST_TAGS or 132 + 12 * count > size:
        return f"its table says {count} tags."
    for n in range(count):
        offset, length = struct.unpack_from(">II", data, 136 + 12 * n)
        if offset < 128 or offset + length > size:
            return "one of its tags lies outside it."
    return ""
