"""The ICC profile of a header (F18)."""

from viewer.loading import tags
from viewer.loading.fields import Fields
from viewer.loading.icc_outline import why_unusable
from viewer.loading.outline import Outline
from viewer.model.colour import ColourProfile

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
