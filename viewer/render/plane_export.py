"""Planes of a volume one behind the other, drawn and written one by one off the GUI thread."""

import errno
import io
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from numpy.typing import NDArray
from psygnal import Signal

from viewer.errors import ViewerError
from viewer.formats.derived_series import PlaneSeries, SeriesWriter, why_not_written
from viewer.loading.executor import Executor
from viewer.model.display_set import DisplaySet
from viewer.model.geometry import ImagePlane, PointLps
from viewer.model.presentation import Presentation, Window
from viewer.model.refs import SopUid
from viewer.model.sample_grid import SampleGrid, Slab
from viewer.model.study import Instance, Photometric
from viewer.model.volume_geometry import VolumeGeometry
from viewer.render.reslice import Reslicer
from viewer.render.stored_values import StoredValues
from viewer.viewport.planes import Cut, reach, step_length

T = TypeVar("T")

MOST = 5000
"""Images of one series."""


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """Which planes: parallel to one picture, its own among them."""

    cut: Cut
    slab: Slab | None
    step: float
    """From plane to plane along the normal, mm."""
    first: int
    """Steps from the picture itself to the first plane; negative before it."""
    count: int

    def plane(self, number: int) -> ImagePlane:
        """Where an image lies, counted from 0."""
        plane = self.cut.plane
        away = (self.first + number) * self.step
        return replace(plane, position=plane.position.plus(self.cut.normal, away))


def planned(
    cut: Cut,
    slab: Slab | None,
    geometry: VolumeGeometry,
    *,
    step: float | None = None,
    low: float = -math.inf,
    high: float = math.inf,
) -> ExportPlan:
    """Planes through the whole volume, or from ``low`` to ``high`` mm beside the picture.

    Without a ``step`` they are one voxel apart. ValueError where there are none, or too many.
    """
    step = step_length(geometry, cut.normal) if step is None else step
    if not (math.isfinite(step) and step > 0):
        raise ValueError("The planes need a distance.")
    here = cut.middle.dot(cut.normal)
    nearest, farthest = (end - here for end in reach(geometry, cut.normal))
    first = math.ceil(max(nearest, low) / step - 1e-6)
    last = math.floor(min(farthest, high) / step + 1e-6)
    count = last - first + 1
    if count < 1:
        raise ValueError("No plane lies there.")
    if count > MOST:
        raise ValueError(f"These would be {count} images; {MOST} are the most.")
    return ExportPlan(cut, slab, step, first, count)


def why_no_export(target: DisplaySet, instances: Mapping[SopUid, Instance]) -> str | None:
    """Why planes of a display set cannot become a series, as a sentence; None where they can."""
    held = [instances[ref.sop] for ref in target.frames if ref.sop in instances]
    reasons = (why_not_written(one) for one in held)
    return next((reason for reason in reasons if reason is not None), None)


class PlaneExport:
    """One series being written; its methods and signals belong to the GUI thread."""

    progressed = Signal(int, int)
    """Images written, and how many there will be."""
    finished = Signal(object)
    """The folder that holds the series."""
    failed = Signal(str)
    """A sentence; nothing is left of the series."""

    def __init__(
        self,
        plan: ExportPlan,
        reslicer: Reslicer,
        target: DisplaySet,
        instances: Mapping[SopUid, Instance],
        look: Presentation,
        executor: Executor,
    ) -> None:
        """Prepare; nothing is written before ``start``."""
        self._plan, self._reslicer, self._executor = plan, reslicer, executor
        self._stack = _Stack(reslicer, plan)
        held = [instances[ref.sop] for ref in target.frames if ref.sop in instances]
        self._first = held[0].ref.sop
        self._references = tuple(
            dict.fromkeys((str(one.sop_class), str(one.ref.sop)) for one in held)
        )
        self._made = _described(plan, self._stack, target, held, look)
        self._writer: SeriesWriter | None = None
        self._cancelled = False
        self._done = 0

    def start(self, into: Path, read: Callable[[SopUid], bytes], now: datetime) -> None:
        """Write into a folder; ``read`` gives the bytes of a source object."""

        def begin() -> SeriesWriter:
            header = io.BytesIO(read(self._first))
            return SeriesWriter(into, header, self._references, self._made, now)

        self._executor.run(begin, self._begun, self._fail)

    def cancel(self) -> None:
        """Stop after the image that is being written, and leave nothing."""
        self._cancelled = True

    def abandon(self) -> None:
        """Leave nothing, tell nobody: whoever wanted the series is gone."""
        self._cancelled = True
        if self._writer is not None:
            self._writer.discard()

    def _begun(self, writer: SeriesWriter) -> None:
        self._writer = writer
        self._next()

    def _next(self) -> None:
        writer, number = self._writer, self._done
        if writer is None:
            return
        if self._cancelled:
            self._executor.run(writer.discard, lambda _: self.failed.emit(""), self._fail)
        elif number == self._plan.count:
            self._executor.run(writer.finish, self.finished.emit, self._fail)
        else:
            plane = self._plan.plane(number)
            self._executor.run(
                lambda: writer.put(number, plane, self._stack.draw(plane)),
                lambda _: self._written(),
                self._fail,
            )

    def _written(self) -> None:
        self._done += 1
        self.progressed.emit(self._done, self._plan.count)
        self._next()

    def _fail(self, error: Exception) -> None:
        writer, self._writer = self._writer, None
        words = why_not_exported(error)
        if writer is None:
            self.failed.emit(words)
            return
        self._executor.run(
            writer.discard,
            lambda _: self.failed.emit(words),
            lambda _: self.failed.emit(words),
        )


class _Stack:
    """Draws planes as 16-bit stored values."""

    def __init__(self, reslicer: Reslicer, plan: ExportPlan) -> None:
        self._reslicer, self._plan = reslicer, plan
        self.stored = StoredValues(reslicer.volume)

    def draw(self, plane: ImagePlane) -> NDArray[Any]:
        """Stored values of one plane, (rows, columns)."""
        cut = self._plan.cut
        right, down = (PointLps(*(cut.pixel * x for x in way)) for way in (cut.right, cut.down))
        grid = SampleGrid(plane.position, right, down, cut.rows, cut.columns)
        out, nothing = self.stored.canvas(cut.rows, cut.columns)
        self._reslicer.sample(grid, self._plan.slab, out, background=nothing)
        return self.stored.of(out)


def _described(
    plan: ExportPlan,
    stack: _Stack,
    target: DisplaySet,
    held: list[Instance],
    look: Presentation,
) -> PlaneSeries:
    slab, cut = plan.slab, plan.cut
    kind = f"{slab.mode.value} of {slab.thickness:.1f} mm" if slab else "single planes"
    words = f"Lightbox MPR, {kind}, trilinear, every {plan.step:.3g} mm"
    derivation = f"{words}, from series {target.series}"
    return PlaneSeries(
        cut.rows,
        cut.columns,
        plan.step,
        slab.thickness if slab else plan.step,
        slab.mode if slab else None,
        stack.stored.rescale,
        stack.stored.signed,
        stack.stored.padding,
        look.voi if isinstance(look.voi, Window) else None,
        f"MPR {kind} of {target.label}".strip(),
        derivation,
        any(one.lossy for one in held),
        held[0].format is not None and held[0].format.photometric is Photometric.MONOCHROME1,
    )


def why_not_exported(error: Exception) -> str:
    """What went wrong while something was written, as a sentence for the reader."""
    if isinstance(error, ViewerError):
        return f"{error.sentence} Nothing was written."
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "There is no room left on that disk. Nothing was written."
    if isinstance(error, OSError):
        reason = error.strerror or type(error).__name__
        return f"The series could not be written there: {reason}. Nothing was written."
    return f"The series could not be made: {type(error).__name__}. Nothing was written."
