"""Which colour space a frame's samples really are in: its codestream decides (F17)."""

from typing import NamedTuple

from viewer.loading.codestream import CodestreamFacts
from viewer.model.study import Photometric

YBR = frozenset(
    {
        Photometric.YBR_FULL,
        Photometric.YBR_FULL_422,
        Photometric.YBR_PARTIAL_420,
        Photometric.YBR_PARTIAL_422,
    }
)
"""Luminance and chrominance that no codec turns back into RGB."""
PARTIAL = frozenset({Photometric.YBR_PARTIAL_420, Photometric.YBR_PARTIAL_422})
HALF_CHROMA = frozenset({Photometric.YBR_FULL_422, Photometric.YBR_PARTIAL_422})
"""Native pixels of these share each pair of chrominance samples between two pixels."""
_ALL_SAMPLES = {
    Photometric.YBR_FULL_422: Photometric.YBR_FULL,
    Photometric.YBR_PARTIAL_422: Photometric.YBR_PARTIAL_420,
}
_WAVELET = frozenset({Photometric.YBR_RCT, Photometric.YBR_ICT})


class ColourSpace(NamedTuple):
    """``ybr``: the samples are YCbCr. ``note``: a sentence where the header says otherwise."""

    ybr: bool
    note: str = ""


class ColourLayout(NamedTuple):
    """Photometric Interpretation that native samples follow, and what was mended to get there."""

    photometric: Photometric
    repair: str = ""


def jpeg_space(facts: CodestreamFacts, photometric: Photometric) -> ColourSpace:
    """Of JPEG with DCT: by APP14, JFIF or component names; where they are silent, the header."""
    stated = facts.colour_transform
    if facts.lossless_process:
        # encoders of lossless JPEG write JFIF without a thought and code what they are given;
        # only APP14 says something about the samples
        stated = facts.adobe_transform
    if stated is None:
        silent = photometric in YBR if facts.lossless_process else photometric != Photometric.RGB
        return ColourSpace(silent)
    if stated == (photometric is not Photometric.RGB):
        return ColourSpace(stated)
    found = "YCbCr" if stated else "RGB"
    return ColourSpace(
        stated, f"The header says {photometric}, the JPEG data is {found}; it is shown as {found}."
    )


def wavelet_space(facts: CodestreamFacts, photometric: Photometric) -> ColourSpace:
    """Of JPEG 2000 and HTJ2K: what its component transformation made of RGB, the codec undoes."""
    if facts.colour_transform and photometric not in _WAVELET:
        note = f"The header says {photometric}, the JPEG 2000 data was transformed from RGB."
        # RGB is what the codec gives back: nothing is shown otherwise than the header says
        return ColourSpace(False, "" if photometric is Photometric.RGB else note)
    if not facts.colour_transform and photometric in _WAVELET:
        return ColourSpace(
            False, f"The header says {photometric}, the JPEG 2000 data holds RGB untransformed."
        )
    return ColourSpace(photometric in YBR and not facts.colour_transform)


def native_chroma(
    photometric: Photometric, columns: int, plane_bytes: int, held: int
) -> ColourLayout:
    """How native YBR samples really lie, by the bytes that are there (C.7.6.3.1.2).

    ``plane_bytes`` is one sample of each pixel of all frames, ``held`` the length of the pixel
    data. Many writers say YBR_FULL_422 and store every sample.
    """
    if photometric not in YBR:
        return ColourLayout(photometric)
    whole = held >= 3 * plane_bytes
    if photometric in HALF_CHROMA and whole:
        return ColourLayout(_ALL_SAMPLES[photometric], f"{photometric} is stored with all samples.")
    if photometric is Photometric.YBR_FULL and 2 * plane_bytes <= held <= 2 * plane_bytes + 1:
        photometric = Photometric.YBR_FULL_422
        return ColourLayout(photometric, f"YBR_FULL is stored with the samples of {photometric}.")
    if photometric in HALF_CHROMA and columns % 2:
        raise ValueError(f"{photometric} pixels need an even number of columns, not {columns}.")
    if photometric is Photometric.YBR_PARTIAL_420 and not whole:
        raise ValueError("Native YBR_PARTIAL_420 pixels have no order that the standard defines.")
    return ColourLayout(photometric)
