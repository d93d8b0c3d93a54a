"""pydicom as a second opinion on stored values: masked as F1 asks, colour as RGB of 8 bits."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset
from pydicom.pixels.processing import apply_color_lut
from pydicom.pixels.utils import pixel_array

from viewer.model.study import StoredFormat

_LOSSY = {f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 81, 91, 203)}


def dataset(file: Path) -> FileDataset:
    """Read a file as pydicom does, with the transfer syntax guessed where it is missing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ds = pydicom.dcmread(file, force=True)
    if "TransferSyntaxUID" not in ds.file_meta:
        implicit, little = ds.original_encoding
        explicit = "1.2.840.10008.1.2.1" if little else "1.2.840.10008.1.2.2"
        ds.file_meta.TransferSyntaxUID = pydicom.uid.UID(
            "1.2.840.10008.1.2" if implicit else explicit
        )
    return ds


def frames(ds: Dataset, stored: StoredFormat, count: int) -> NDArray[Any]:
    """Every frame, in the form in which the product gives them; pydicom's errors pass through."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pixels = pixel_array(ds, raw=False)
        pixels = pixels if count > 1 else pixels[np.newaxis]
        if ds.PhotometricInterpretation == "PALETTE COLOR":
            pixels = apply_color_lut(pixels, ds)
            return (pixels >> 8).astype(np.uint8) if pixels.dtype == np.uint16 else pixels
    if stored.floating or stored.bits_allocated == 1:
        return pixels
    if not stored.is_grey:
        share = pixels / float((1 << stored.bits_stored) - 1)
        return np.floor(share * 255 + 0.5).astype(np.uint8)
    if ds.file_meta.TransferSyntaxUID in _LOSSY and not stored.signed:
        within: NDArray[Any] = np.minimum(pixels, stored.stored_range[1])
        return within  # an overshoot is no other bit
    return _masked(pixels, stored)


def _masked(pixels: NDArray[Any], stored: StoredFormat) -> NDArray[Any]:
    values = pixels.astype(np.int64) & ((1 << stored.bits_stored) - 1)
    if stored.signed:
        half = 1 << (stored.bits_stored - 1)
        values = np.where(values >= half, values - 2 * half, values)
    return values
