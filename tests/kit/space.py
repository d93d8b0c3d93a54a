"""Series of slices in any orientation with analytic content, and annotations in their space."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.kit.viewer import ct_instance
from viewer.measure.slices import Places, Slice, places_of, touched
from viewer.measure.solids import Solid
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind, Provenance
from viewer.model.geometry import ImagePlane, PointLps, Spacing
from viewer.model.refs import FrameRef
from viewer.model.study import Instance

MADE = Provenance("DOE^JANE", datetime(2026, 11, 24, tzinfo=UTC))
_LEFT, _BACK, _SPACING = PointLps(1, 0, 0), PointLps(0, 1, 0), Spacing(0.8, 0.6)
Field = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""Stored values at points (…, 3) in LPS."""


class SpaceSeries:
    """Slices of a field; ``step`` mm apart along the normal."""

    def __init__(
        self,
        field: Field,
        *,
        row: PointLps = _LEFT,
        column: PointLps = _BACK,
        spacing: Spacing = _SPACING,
        step: float = 1.5,
        count: int = 40,
        rows: int = 60,
        columns: int = 70,
        places: Sequence[float] | None = None,
        **changes: Any,
    ) -> None:
        first = ImagePlane(PointLps(-20.25, 31.5, 100.75), row, column, spacing)
        at = places or [step * n for n in range(count)]
        self.planes = [
            ImagePlane(first.position.plus(first.normal, off), row, column, spacing) for off in at
        ]
        self.instances: list[Instance] = [
            ct_instance(n=n, planes=(plane,), pixel_spacing=spacing, rows=rows, columns=columns,
                        **changes)
            for n, plane in enumerate(self.planes)
        ]  # fmt: skip
        self.frames = [
            FrameRef(one.ref.study, one.ref.series, one.ref.sop) for one in self.instances
        ]
        found = places_of(self.frames, self.planes)
        assert isinstance(found, Places)
        self.places = found
        self.points = [_centres(plane, rows, columns) for plane in self.planes]
        self.pixels = [np.asarray(np.rint(field(p)), np.int16) for p in self.points]

    @property
    def middle(self) -> PointLps:
        """A place that is the centre of no voxel, near the middle."""
        n = len(self.planes) // 2
        rows, columns = self.pixels[n].shape
        centre = self.points[n][rows // 2, columns // 2]
        return PointLps(*map(float, centre)).plus(PointLps(0.13, -0.21, 0.17))

    def slices(self, solid: Solid | None = None) -> tuple[Slice, ...]:
        """All slices, or those that a solid cuts, in the order of their places."""
        order = [self.frames.index(frame) for frame in self.places.frames]
        chosen = range(len(order)) if solid is None else touched(solid, self.places)
        return tuple(
            Slice(
                self.frames[order[n]],
                self.instances[order[n]],
                self.places.planes[n],
                self.places.depths[n],
                self.pixels[order[n]],
            )
            for n in chosen
        )

    def annotation(
        self, kind: AnnotationKind, *points: PointLps, **changes: Any
    ) -> Annotation:  # fmt: skip
        """An annotation in space, on the slice nearest to its first point."""
        n = self.places.nearest(points[0])
        plane = self.places.planes[n]
        return Annotation(
            AnnotationId("a"),
            kind,
            self.places.frames[n],
            tuple(plane.to_pixel(p) for p in points),
            tuple(points),
            self.instances[0].frame_of_reference,
            MADE,
            **changes,
        )

    def instance_of(self, annotation: Annotation) -> Instance:
        """The instance that an annotation is on."""
        return self.instances[self.frames.index(annotation.on)]


def _centres(plane: ImagePlane, rows: int, columns: int) -> NDArray[np.float64]:
    j, i = np.mgrid[0:rows, 0:columns].astype(np.float64)
    across = np.array(plane.row) * plane.spacing.column
    down = np.array(plane.column) * plane.spacing.row
    found: NDArray[np.float64] = (
        np.array(plane.position) + i[..., None] * across + j[..., None] * down
    )
    return found
