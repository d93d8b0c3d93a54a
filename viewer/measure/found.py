"""What was found of an annotation in space: values of many images, taken beside the drawing."""

from collections.abc import Mapping
from dataclasses import dataclass

from viewer.measure.growing import Grown
from viewer.measure.statistics import Statistics
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind
from viewer.model.geometry import ImagePlane, PixelPoint, PointLps

_Of = tuple[
    AnnotationKind,
    tuple[PointLps, ...],
    tuple[PixelPoint, ...],
    ImagePlane | None,
    tuple[float, float] | None,
    str,
    str,
]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Values of an annotation, and of one that grew its voxels; ``notes`` say what is lacking."""

    of: _Of
    """What it was taken of: it holds as long as that is the same."""
    statistics: Statistics | None = None
    grown: Grown | None = None
    notes: tuple[str, ...] = ()

    def holds(self, annotation: Annotation, readout: str) -> bool:
        """Whether it is of an annotation as it is now."""
        return self.of == what_of(annotation, readout)


FoundById = Mapping[AnnotationId, Found]


def what_of(annotation: Annotation, readout: str) -> _Of:
    """What of an annotation decides its values."""
    drawn = annotation.pixels if annotation.plane is not None else ()
    return (
        annotation.kind,
        annotation.points,
        drawn,
        annotation.plane,
        annotation.span,
        annotation.on.series,
        readout,
    )


def takes_values(annotation: Annotation, *, closed: bool, probes: bool) -> bool:
    """Whether values are taken of it from more than the image that it is on."""
    if annotation.plane is not None:
        return closed or probes
    return annotation.kind in _SOLIDS


_SOLIDS = frozenset(
    {
        AnnotationKind.SPHERE,
        AnnotationKind.BOX,
        AnnotationKind.ELLIPSOID,
        AnnotationKind.GROWN,
    }
)
