"""Ultrasound files with calibrated regions, made in code."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from tests.kit.dicom_files import file

US = "1.2.840.10008.5.1.4.1.1.6.1"
CM, SECOND, HERTZ, CM_PER_S = 3, 4, 5, 7


def region(
    edges: tuple[int, int, int, int],
    x: tuple[int, float],
    y: tuple[int, float],
    zero: tuple[int, int] | None = None,
    flags: int = 0,
    **values: Any,
) -> Dataset:
    """A region item: left, top, right, bottom; unit and step of each axis; reference pixel."""
    item = Dataset()
    item.RegionSpatialFormat, item.RegionDataType, item.RegionFlags = 1, 1, flags
    item.RegionLocationMinX0, item.RegionLocationMinY0 = edges[:2]
    item.RegionLocationMaxX1, item.RegionLocationMaxY1 = edges[2:]
    item.PhysicalUnitsXDirection, item.PhysicalDeltaX = x
    item.PhysicalUnitsYDirection, item.PhysicalDeltaY = y
    if zero is not None:
        item.ReferencePixelX0, item.ReferencePixelY0 = zero
    for keyword, value in values.items():
        if value is None:
            delattr(item, keyword)
        else:
            setattr(item, keyword, value)
    return item


def ultrasound(regions: Sequence[Dataset], rows: int = 100, columns: int = 200) -> bytes:
    """A grey ultrasound image with these regions."""
    return file(
        SOPClassUID=US,
        Modality="US",
        SequenceOfUltrasoundRegions=Items(list(regions)),
        ImagePositionPatient=None,
        ImageOrientationPatient=None,
        PixelSpacing=None,
        FrameOfReferenceUID=None,
        Rows=rows,
        Columns=columns,
        BitsAllocated=8,
        BitsStored=8,
        HighBit=7,
        PixelData=np.zeros((rows, columns), np.uint8).tobytes(),
    )
