"""Spatial registration objects made in code, and the rigid moves that they say."""

import math
from collections.abc import Sequence

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from tests.kit.dicom_files import dataset
from viewer.model.refs import FrameOfReferenceUid, InstanceRef, SeriesUid, SopUid, StudyUid
from viewer.model.registration import Move, Registration, Rigid

CLASS = "1.2.840.10008.5.1.4.1.1.66.1"
HERE, THERE = FrameOfReferenceUid("1.2.826.0.1.9"), FrameOfReferenceUid("1.2.826.0.1.77")


def matrix(degrees: float = 0.0, shift: Sequence[float] = (0, 0, 0)) -> list[float]:
    """A turn about the axis from foot to head, then a shift in mm; 16 numbers row by row."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    x, y, z = shift
    return [c, -s, 0, x, s, c, 0, y, 0, 0, 1, z, 0, 0, 0, 1]


def rigid(degrees: float = 0.0, shift: Sequence[float] = (0, 0, 0)) -> Rigid:
    """The same as a value."""
    return Rigid.of(matrix(degrees, shift))


def registration(
    *moves: Move, space: FrameOfReferenceUid = HERE, created: str = "20260103", number: int = 1
) -> Registration:
    """A registration as it is held."""
    ref = InstanceRef(StudyUid("1.2"), SeriesUid("1.2.66"), SopUid(f"1.2.66.{number}"))
    return Registration(ref, "PET to CT", created, space, moves)


def written_registration(
    numbers: Sequence[float] | None = None, kind: str = "RIGID", **values: object
) -> Dataset:
    """A registration object that says how THERE lies in HERE."""
    one = Dataset()
    one.FrameOfReferenceTransformationMatrixType = kind
    one.FrameOfReferenceTransformationMatrix = [
        f"{n:.12f}"[:16] for n in (numbers if numbers is not None else matrix(10, (5, -3, 2)))
    ]
    held = Dataset()
    held.MatrixSequence = Items([one])
    item = Dataset()
    item.FrameOfReferenceUID = THERE
    item.MatrixRegistrationSequence = Items([held])
    made = dataset(66, series="66")
    for keyword in ("PixelData", "Rows", "Columns", "ImagePositionPatient", "PixelSpacing"):
        delattr(made, keyword)
    made.SOPClassUID, made.Modality = CLASS, "REG"
    made.FrameOfReferenceUID = HERE
    made.ContentDescription, made.ContentLabel = "PET to CT", "REG"
    made.ContentDate, made.ContentTime = "20260103", "101500"
    made.RegistrationSequence = Items([item])
    for keyword, value in values.items():
        if value is None:
            delattr(made, keyword)
        else:
            setattr(made, keyword, value)
    return made
