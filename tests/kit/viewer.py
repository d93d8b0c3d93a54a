"""Studies made of values and arrays, and a frame cache over them."""

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from tests.kit.dicom_files import file
from tests.kit.executors import StepExecutor
from viewer.errors import UndecodableFrame
from viewer.loading.decoded import Decoded
from viewer.loading.frames import FrameCache
from viewer.loading.pool import DecodePool
from viewer.model.display_set import DisplaySet, DisplaySetId, Kind
from viewer.model.geometry import ImagePlane, PixelPoint, PointLps, Spacing
from viewer.model.presentation import Rescale, Window
from viewer.model.refs import (
    FrameOfReferenceUid,
    FrameRef,
    InstanceRef,
    SeriesUid,
    SopUid,
    StudyUid,
)
from viewer.model.study import Instance, Patient, Photometric, Series, StoredFormat, Study
from viewer.pixels.colour_table import ColourTable
from viewer.viewport.overlay import PaneIdentity
from viewer.viewport.transform import PaneSize
from viewer.viewport.viewport import Viewport

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
IDENTITY = PaneIdentity("DOE^JANE", "4711", "1972-03-04", "F")
SOFT = Window(40, 400, "SOFT")
LUNG = Window(-600, 1500, "LUNG")
PANE = PaneSize(480, 640)
SPACING = Spacing(0.7, 0.7)
AXIAL = (PointLps(1, 0, 0), PointLps(0, 1, 0))


class NoBytes:
    """A source whose instances are all empty: the pool below does not look at bytes."""

    def sops(self, study: StudyUid) -> Sequence[SopUid]:
        return ()

    def open(self, sop: SopUid) -> BinaryIO:
        return io.BytesIO(b"")


class OneHeader(NoBytes):
    """A source whose instances all have the same header."""

    def open(self, sop: SopUid) -> BinaryIO:
        return io.BytesIO(file(1))


class ArrayPool:
    """Gives prepared arrays instead of decoding; a frame without one is undecodable."""

    workers = 1

    def __init__(
        self,
        arrays: Mapping[tuple[SopUid, int], NDArray[Any]],
        missing: tuple[tuple[int, int], ...] = (),
    ) -> None:
        self.arrays = dict(arrays)
        self.missing = missing
        self.previews: dict[tuple[SopUid, int], NDArray[Any]] = {}

    def decode(self, _data: bytes, frame: int, instance: Instance) -> Decoded:
        found = self.arrays.get((instance.ref.sop, frame))
        if found is None:
            raise UndecodableFrame(
                "The pixel data ends after 12 of 512 rows.", where=instance.ref.sop
            )
        return Decoded(found.copy(), self.missing)

    def preview(self, _data: bytes, frame: int, instance: Instance) -> NDArray[Any] | None:
        found = self.previews.get((instance.ref.sop, frame))
        return None if found is None else found.copy()

    def colour_table(self, source: bytes, target: bytes) -> ColourTable:
        from tests.kit.icc import table_of  # littlecms, for the few tests that need it

        return table_of(source, target)

    def close(self) -> None:
        pass


def cache_of(
    arrays: Mapping[tuple[SopUid, int], NDArray[Any]],
    executor: StepExecutor,
    missing: tuple[tuple[int, int], ...] = (),
    budget: int = 1 << 28,
) -> FrameCache:
    """A real frame cache over prepared arrays, of which all lack the ``missing`` rows."""
    pool = cast(DecodePool, ArrayPool(arrays, missing))
    return FrameCache(NoBytes(), pool, executor, budget)


def grey_format(rows: int, columns: int) -> StoredFormat:
    return StoredFormat(rows, columns, 1, Photometric.MONOCHROME2, 16, 16, 15, signed=True)


def axial_plane(z: float, spacing: Spacing = SPACING) -> ImagePlane:
    return ImagePlane(PointLps(-100, -100, z), *AXIAL, spacing)


def ct_instance(
    series: str = "1.2.1",
    n: int = 0,
    *,
    study: str = "1.2",
    z: float | None = None,
    spacing: Spacing = SPACING,
    rows: int = 64,
    columns: int = 48,
    space: str = "1.9",
    **changes: Any,
) -> Instance:
    """One CT slice; ``changes`` replace fields of the instance."""
    fields: dict[str, Any] = {
        "ref": InstanceRef(StudyUid(study), SeriesUid(series), SopUid(f"{series}.{n}")),
        "sop_class": "1.2.840.10008.5.1.4.1.1.2",
        "transfer_syntax": "1.2.840.10008.1.2.1",
        "modality": "CT",
        "number": n + 1,
        "frames": 1,
        "format": grey_format(rows, columns),
        "planes": (axial_plane(float(n) if z is None else z, spacing),),
        "pixel_spacing": spacing,
        "frame_of_reference": FrameOfReferenceUid(space),
        "modality_lut": Rescale(1, -1024, "HU"),
        "windows": (SOFT, LUNG),
        "corner": {"SliceThickness": "1.0"},
    }
    return Instance(**{**fields, **changes})


def projection_instance(view: str, n: int = 0, **changes: Any) -> Instance:
    """One CR image without a plane."""
    fields: dict[str, Any] = {
        "sop_class": "1.2.840.10008.5.1.4.1.1.1",
        "modality": "CR",
        "planes": (),
        "pixel_spacing": None,
        "frame_of_reference": None,
        "view_position": view,
        "patient_orientation": ("L", "F"),
        "windows": (Window(2048, 4096),),
        "modality_lut": Rescale(1, 0, ""),
    }
    return ct_instance("1.2.7", n, **{**fields, **changes})


def frame_of(instance: Instance, frame: int = 0) -> FrameRef:
    ref = instance.ref
    return FrameRef(ref.study, ref.series, ref.sop, frame)


def series_of(
    instances: Sequence[Instance],
    *,
    number: int = 3,
    description: str = "Chest thin",
    body_part: str = "CHEST",
) -> Series:
    first = instances[0]
    return Series(
        first.ref.series, number, first.modality, description, body_part, "", tuple(instances)
    )


def study_of(
    *series: Series, uid: str = "1.2", date: str = "20261124", patient_id: str = "4711"
) -> Study:
    return Study(
        StudyUid(uid),
        Patient(patient_id, "DOE^JANE", "19720304", "F"),
        date,
        "101500",
        "CT chest",
        "ACC-1",
        "General Hospital",
        "",
        series,
    )


def set_of(series: Series, *, kind: Kind = Kind.VOLUME, suffix: str = "") -> DisplaySet:
    frames = tuple(frame_of(i, f) for i in series.instances for f in range(i.frames))
    return DisplaySet(
        DisplaySetId(f"{series.uid}{suffix}"), series.uid, kind, frames, series.description
    )


def sets_of(*studies: Study) -> dict[SeriesUid, tuple[DisplaySet, ...]]:
    return {
        s.uid: (set_of(s, kind=Kind.VOLUME if s.modality == "CT" else Kind.STACK),)
        for study in studies
        for s in study.series
    }


def ramp(rows: int = 64, columns: int = 48, offset: int = 0) -> NDArray[np.int16]:
    """Stored values that differ everywhere."""
    return (np.arange(rows * columns).reshape(rows, columns) % 2000 + offset).astype(np.int16)


def arrays_of(*studies: Study) -> dict[tuple[SopUid, int], NDArray[Any]]:
    """A ramp for every frame."""
    return {
        (i.ref.sop, f): ramp(i.format.rows, i.format.columns, n)
        for study in studies
        for s in study.series
        for n, i in enumerate(s.instances)
        for f in range(i.frames)
        if i.format is not None
    }


def chest(
    count: int = 5,
    *,
    uid: str = "1.2",
    series: str = "1.2.1",
    date: str = "20261124",
    **changes: Any,
) -> Study:
    """A CT study of one series."""
    slices = [ct_instance(series, n, study=uid, **changes) for n in range(count)]
    return study_of(series_of(slices), uid=uid, date=date)


def pixel(column: float, row: float) -> PixelPoint:
    return PixelPoint(column, row)


def shown(study: Study, pane: PaneSize = PANE) -> Viewport:
    """A viewport that shows the first series of a study."""
    series = study.series[0]
    viewport = Viewport()
    viewport.resize(pane)
    viewport.show(set_of(series), {i.ref.sop: i for i in series.instances})
    return viewport
