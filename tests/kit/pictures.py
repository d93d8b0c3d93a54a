"""Instances and looks for tests of pixels: only what a test says differs from a plain CT."""

from dataclasses import replace
from typing import Any

from viewer.model.presentation import Presentation, Rescale, VoiFunction, Window
from viewer.model.refs import InstanceRef, SeriesUid, SopUid, StudyUid
from viewer.model.study import Instance, Photometric, StoredFormat

CT_STORED = StoredFormat(
    rows=4,
    columns=4,
    samples=1,
    photometric=Photometric.MONOCHROME2,
    bits_allocated=16,
    bits_stored=16,
    high_bit=15,
    signed=True,
)
COLOUR_STORED = replace(
    CT_STORED,
    samples=3,
    photometric=Photometric.RGB,
    bits_allocated=8,
    bits_stored=8,
    high_bit=7,
    signed=False,
)
SOFT_TISSUE = Presentation(Window(40, 400))
IDENTITY = Rescale(1, 0, "")


def stored(**changes: Any) -> StoredFormat:
    """A signed 16-bit MONOCHROME2 format with changes."""
    return replace(CT_STORED, **changes)


def instance(form: StoredFormat = CT_STORED, sop: str = "1.2.3.4", **changes: Any) -> Instance:
    """A CT instance with changes."""
    plain = Instance(
        ref=InstanceRef(StudyUid("1.2"), SeriesUid("1.2.3"), SopUid(sop)),
        sop_class="1.2.840.10008.5.1.4.1.1.2",
        transfer_syntax="1.2.840.10008.1.2.1",
        modality="CT",
        number=1,
        frames=1,
        format=form,
    )
    return replace(plain, **changes)


def windowed(centre: float, width: float, function: str = "LINEAR", **look: Any) -> Presentation:
    """A look through one window."""
    return Presentation(Window(centre, width, "", VoiFunction(function)), **look)
