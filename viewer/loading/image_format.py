"""How pixels are stored, as a header says it, refused where nothing could be allocated for it."""

from typing import NamedTuple

from viewer.errors import HeaderError
from viewer.loading import tags
from viewer.loading.colour_space import native_chroma
from viewer.loading.elements import PIXEL_DATA, Element
from viewer.loading.fields import Fields
from viewer.loading.grayscale import padding
from viewer.loading.guard import Limits, check_shape
from viewer.loading.stored import frame_bits
from viewer.model.study import Photometric, StoredFormat

_GREY = frozenset({Photometric.MONOCHROME1, Photometric.MONOCHROME2})


class PixelElement(NamedTuple):
    """Which element holds the pixels, its length (None when that is undefined), and how much of
    that is there (None when that is not known before all of it is read).
    """

    tag: int
    length: int | None
    held: int | None = None

    @classmethod
    def of(cls, element: Element | None, size: int | None = None) -> "PixelElement | None":
        """What matters here of an element in ``size`` bytes."""
        if element is None:
            return None
        if element.end is None:
            return cls(element.tag, None)
        held = None if size is None else max(min(element.end, size) - element.value, 0)
        return cls(element.tag, element.end - element.value, held)


def _check_held(
    pixels: PixelElement | None, stored: StoredFormat, frames: int, repairs: list[str]
) -> None:
    """Tell where native pixel data ends before the last frame does (F4)."""
    if pixels is None or pixels.held is None:
        return
    needed = -(-frame_bits(stored) * frames // 8)
    if pixels.held < needed:
        repairs.append(f"The pixel data is cut short: {pixels.held} of {needed} bytes are there.")


def frame_count(fields: Fields, repairs: list[str]) -> int:
    """Number of Frames, 1 when absent."""
    if not fields.data(tags.FRAMES).strip(b" \0"):
        return 1
    frames = fields.integer(tags.FRAMES)
    if frames is None or frames < 1:
        repairs.append("Number of Frames is not a positive number; one frame is assumed.")
        return 1
    return frames


def stored_format(
    fields: Fields,
    pixels: PixelElement | None,
    frames: int,
    repairs: list[str],
    *,
    where: str,
    limits: Limits,
) -> StoredFormat | None:
    """The stored format; None for objects without pixels. HeaderError where it breaks a limit."""
    if pixels is None and tags.ROWS not in fields:
        return None
    floating = pixels is not None and pixels.tag != PIXEL_DATA
    rows, columns = fields.short(tags.ROWS), fields.short(tags.COLUMNS)
    allocated = fields.short(tags.BITS_ALLOCATED)
    for name, value in (("Rows", rows), ("Columns", columns), ("Bits Allocated", allocated)):
        if value is None:
            raise HeaderError(f"The image does not say its {name}.", where=where)
    assert rows is not None and columns is not None and allocated is not None  # noqa: S101, PT018
    samples, photometric = _colour(fields, repairs, where)
    check_shape(rows, columns, samples, allocated, frames, limits=limits, where=where)
    plane_bytes = rows * columns * frames * max(allocated // 8, 1)
    photometric = _layout(pixels, photometric, columns, plane_bytes, repairs, where)
    signed = fields.short(tags.SIGNED) == 1 and not floating
    stored, high = (
        (allocated, allocated - 1) if floating else _bits(fields, allocated, repairs, where)
    )
    if pixels is None:
        repairs.append("The object has no pixel data.")
    found = StoredFormat(
        rows=rows,
        columns=columns,
        samples=samples,
        photometric=photometric,
        bits_allocated=allocated,
        bits_stored=stored,
        high_bit=high,
        signed=signed,
        planar=fields.short(tags.PLANAR) == 1 and samples > 1,
        padding=padding(fields, signed=signed, floating=allocated if floating else 0)
        if photometric in _GREY
        else None,
        floating=floating,
    )
    _check_held(pixels, found, frames, repairs)
    return found


def _layout(
    pixels: PixelElement | None,
    photometric: Photometric,
    columns: int,
    plane_bytes: int,
    repairs: list[str],
    where: str,
) -> Photometric:
    if pixels is None or pixels.length is None:
        return photometric
    try:
        layout = native_chroma(photometric, columns, plane_bytes, pixels.length)
    except ValueError as error:
        raise HeaderError(str(error), where=where) from error
    if layout.repair:
        repairs.append(layout.repair)
    return layout.photometric


def _colour(fields: Fields, repairs: list[str], where: str) -> tuple[int, Photometric]:
    samples = fields.short(tags.SAMPLES)
    text = fields.uid(tags.PHOTOMETRIC).upper()
    if samples is None:
        samples = 1 if not text or text.startswith(("MONO", "PALETTE")) else 3
        repairs.append(f"Samples per Pixel is missing; {samples} is assumed.")
    if not text:
        text = "MONOCHROME2" if samples == 1 else "RGB"
        repairs.append(f"Photometric Interpretation is missing; {text} is assumed.")
    try:
        photometric = Photometric(text)
    except ValueError:
        raise HeaderError(f"Pixels stored as {text[:32]} cannot be shown.", where=where) from None
    grey = photometric in _GREY or photometric is Photometric.PALETTE
    if grey != (samples == 1):
        mended = Photometric.MONOCHROME2 if samples == 1 else Photometric.RGB
        repairs.append(f"{photometric} contradicts {samples} samples per pixel; {mended} is used.")
        photometric = mended
    return samples, photometric


def _bits(fields: Fields, allocated: int, repairs: list[str], where: str) -> tuple[int, int]:
    stored = fields.short(tags.BITS_STORED)
    if stored is None:
        repairs.append(f"Bits Stored is missing; {allocated} is assumed.")
        stored = allocated
    if not 1 <= stored <= allocated:
        raise HeaderError(f"Bits Stored is {stored} of {allocated} allocated.", where=where)
    high = fields.short(tags.HIGH_BIT)
    if high is None or not stored - 1 <= high < allocated:
        repairs.append(f"High Bit is {high}; {stored - 1} is used.")
        high = stored - 1
    return stored, high
