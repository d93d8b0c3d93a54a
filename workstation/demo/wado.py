"""WADO-RS: instances as stored, their metadata, single frames and rendered pictures."""

import io
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pydicom
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import get_frame
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut
from pydicom.pixels.utils import pixel_array
from pydicom.uid import UID

from workstation.demo.image_folder import UNREADABLE, Stored, attribute, dicom_json
from workstation.demo.problems import Problem

_CHUNK = 512 * 1024
_LARGEST_SIDE = 4096


def multipart_length(parts: Sequence[tuple[bytes, int]], boundary: str) -> int:
    """Give the length of a multipart body of (head, size) parts."""
    return sum(len(head) + size + 2 for head, size in parts) + len(boundary) + 6


def part_head(
    boundary: str, content_type: str, location: str, size: int, digest: str = ""
) -> bytes:
    """Build what stands before one part's content (RFC 2046 §5.1), with its Content-Digest."""
    lines = [
        f"--{boundary}",
        f"Content-Type: {content_type}",
        f"Content-Length: {size}",
        f"Content-Location: {location}",
        *([f"Content-Digest: {digest}"] if digest else []),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def stream_files(parts: Sequence[tuple[bytes, Stored]], boundary: str) -> Iterator[bytes]:
    """Give a multipart body of whole files, piece by piece."""
    for head, instance in parts:
        yield head
        with instance.file.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
        yield b"\r\n"
    yield f"--{boundary}--\r\n".encode()


def metadata(instance: Stored, base: str) -> dict[str, Any]:
    """Give all attributes as DICOM JSON; large binary ones as a BulkDataURI of the instance."""
    address = f"{base}/studies/{instance.study}/series/{instance.series}/instances/{instance.sop}"
    made = dicom_json(_read(instance, pixels=False))
    made.pop("7FE00010", None)
    if "00280010" in made:
        made["7FE00010"] = {"vr": "OW", "BulkDataURI": f"{address}/frames/1"}
    made["00080005"] = attribute("00080005", "ISO_IR 192")
    made["00083002"] = attribute("00083002", instance.syntax)
    return dict(sorted(made.items()))


def frame_bytes(instance: Stored, number: int) -> bytes:
    """Give one frame as stored, from 1; raises Problem 404 or 406."""
    dataset = _read(instance, pixels=True)
    pixels = dataset.get("PixelData")
    if not 1 <= number <= _frames(dataset) or not isinstance(pixels, bytes):
        raise Problem(404, "not-found", "This instance has no such frame.")
    if UID(instance.syntax).is_compressed:
        try:
            return get_frame(pixels, number - 1, number_of_frames=_frames(dataset))
        except UNREADABLE as error:
            raise _undecodable() from error
    bits = _number(dataset, "BitsAllocated")
    if bits % 8:
        raise Problem(406, "not-supported", "Frames of single bits are not offered alone.")
    size = _number(dataset, "Rows") * _number(dataset, "Columns") * bits // 8
    size *= _number(dataset, "SamplesPerPixel") or 1
    return pixels[(number - 1) * size : number * size]


def rendered(
    instance: Stored, number: int, window: tuple[float, float] | None, viewport: str
) -> bytes:
    """Give one frame as PNG of 8 bits, from 1; raises Problem 400, 404 or 406."""
    dataset = _read(instance, pixels=True)
    if not 1 <= number <= _frames(dataset) or "PixelData" not in dataset:
        raise Problem(404, "not-found", "This instance has no such frame.")
    try:
        stored = pixel_array(dataset, index=number - 1)
        grey = stored if stored.ndim == 3 else _grey(stored, dataset, window)
        picture = Image.fromarray(grey.astype(np.uint8))
    except (*UNREADABLE, RuntimeError) as error:
        raise _undecodable() from error
    if viewport:
        picture.thumbnail(_size(viewport))
    made = io.BytesIO()
    picture.save(made, "PNG")
    return made.getvalue()


def parse_window(text: str) -> tuple[float, float] | None:
    """Read ``centre,width[,linear]`` (PS3.18 §8.3.5.1.2); raises Problem 400."""
    if not text:
        return None
    try:
        centre, width = (float(t) for t in text.split(",")[:2])
    except ValueError as error:
        raise Problem(400, "value", "window is not centre,width,function.") from error
    return centre, max(width, 1.0)


def _grey(
    stored: np.ndarray[Any, Any], dataset: Dataset, window: tuple[float, float] | None
) -> np.ndarray[Any, Any]:
    values = np.asarray(apply_modality_lut(stored, dataset), dtype=np.float64)
    if window is None and "WindowCenter" in dataset:
        values = np.asarray(apply_voi_lut(apply_modality_lut(stored, dataset), dataset), float)
    low, high = float(values.min()), float(values.max())
    if window is not None:
        low, high = window[0] - window[1] / 2, window[0] + window[1] / 2
    part = np.clip((values - low) / max(high - low, 1e-9), 0, 1)
    inverted = dataset.get("PhotometricInterpretation") == "MONOCHROME1"
    return np.rint(255 * (1 - part if inverted else part))


def _size(viewport: str) -> tuple[int, int]:
    parts = viewport.split(",")
    if len(parts) < 2 or not all(p.isascii() and p.isdigit() for p in parts[:2]):
        raise Problem(400, "value", "viewport is not width,height.")
    width, height = (min(max(int(p[:6]), 1), _LARGEST_SIDE) for p in parts[:2])
    return width, height


def _read(instance: Stored, *, pixels: bool) -> Dataset:
    try:
        return pydicom.dcmread(instance.file, stop_before_pixels=not pixels)
    except UNREADABLE as error:
        raise _undecodable() from error


def _frames(dataset: Dataset) -> int:
    return _number(dataset, "NumberOfFrames") or 1


def _number(dataset: Dataset, keyword: str) -> int:
    try:
        return int(dataset.get(keyword) or 0)
    except (ValueError, TypeError):
        return 0


def _undecodable() -> Problem:
    return Problem(406, "not-supported", "This instance cannot be decoded here.")
