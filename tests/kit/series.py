"""Instances and series as values, for tests that need no bytes."""

from typing import Any

from viewer.model.geometry import ImagePlane, PointLps, Spacing
from viewer.model.refs import InstanceRef, SeriesUid, SopUid, StudyUid
from viewer.model.study import Instance, Photometric, Series, StoredFormat

CT = "1.2.840.10008.5.1.4.1.1.2"
AXIAL = (PointLps(1, 0, 0), PointLps(0, 1, 0))
SAGITTAL = (PointLps(0, 1, 0), PointLps(0, 0, -1))
CORONAL = (PointLps(1, 0, 0), PointLps(0, 0, -1))


def plane(
    x: float,
    y: float,
    z: float,
    directions: tuple[PointLps, PointLps] = AXIAL,
    spacing: float = 1.0,
) -> ImagePlane:
    """A plane through a point."""
    return ImagePlane(PointLps(x, y, z), *directions, Spacing(spacing, spacing))


def stored(rows: int = 4, columns: int = 5) -> StoredFormat:
    """Unsigned grey of 12 bits."""
    return StoredFormat(rows, columns, 1, Photometric.MONOCHROME2, 16, 12, 11, False)


def instance(uid: int, *planes: ImagePlane | None, **values: Any) -> Instance:
    """An instance of a CT with a frame for each plane, one without a plane if none is given."""
    given = planes or (None,)
    facts: dict[str, Any] = {
        "ref": InstanceRef(StudyUid("1"), SeriesUid("1.1"), SopUid(f"1.1.{uid}")),
        "sop_class": CT,
        "transfer_syntax": "1.2.840.10008.1.2.1",
        "modality": "CT",
        "number": uid,
        "frames": len(given),
        "format": stored(),
        "planes": given,
    }
    return Instance(**(facts | values))


def series(*instances: Instance, description: str = "") -> Series:
    """A series of them."""
    modality = instances[0].modality if instances else "CT"
    return Series(SeriesUid("1.1"), 1, modality, description, "", "", instances)
