"""Annotations on images made of values."""

from typing import Any

from tests.kit.viewer import NOW, frame_of
from viewer.measure.registry import Reading
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind, Provenance
from viewer.model.geometry import PixelPoint, PointLps
from viewer.model.measurement import Measurement
from viewer.model.study import Instance


def annotation(
    kind: AnnotationKind, on: Instance, *points: tuple[float, float], **more: Any
) -> Annotation:
    """An annotation on the first frame of an instance; one in space lies beside its plane."""
    if kind.in_space:
        placed = tuple(PointLps(x, y, 2.0 * n) for n, (x, y) in enumerate(points))
        more.setdefault("points", placed)
    return Annotation(
        AnnotationId("a1"),
        kind,
        frame_of(on),
        tuple(PixelPoint(*p) for p in points),
        more.pop("points", ()),
        None,
        Provenance("Dr. Ito", NOW),
        **more,
    )


def numbers(found: Reading) -> dict[str, Measurement]:
    """The numbers of a reading by their key; '' is the first."""
    return {m.id.partition("/")[2]: m for m in found.measurements}
