"""How a measurement must stand in TID 1500 so that cornerstone's adapters (OHIF) take it in.

They know a measurement by its tracking identifier, read one graphic in the image for each number,
prefer a place in the patient but then take no values, and know statistics by their names. Nothing
else of the document changes: who made it, values, units and codes stay ours.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from viewer.model.annotation import Annotation, AnnotationKind
from viewer.model.figure import Figure, Graphic, centre_and_edge
from viewer.model.measurement import Measurement, MeasurementId
from viewer.model.refs import Code

_TAG = "Cornerstone3DTools@^0.1.0"
_K = AnnotationKind
_TOOLS: Mapping[AnnotationKind, str] = MappingProxyType(
    {
        _K.LENGTH: "Length",
        _K.BIDIRECTIONAL: "Bidirectional",
        _K.ANGLE: "Angle",
        _K.LINES_ANGLE: "CobbAngle",
        _K.COBB: "CobbAngle",
        _K.RECTANGLE: "RectangleROI",
        _K.ELLIPSE: "EllipticalROI",
        _K.CIRCLE: "CircleROI",
        _K.CIRCLE_3: "CircleROI",
        _K.POLYGON: "PlanarFreehandROI",
        _K.FREEHAND: "PlanarFreehandROI",
        _K.POLYLINE: "PlanarFreehandROI",
        _K.CURVE: "PlanarFreehandROI",
        _K.PROBE: "Probe",
        _K.ARROW: "ArrowAnnotate",
    }
)
"""What has no adapter there is written as the standard has it."""
_LENGTH = Code("410668003", "SCT", "Length")
_RADIUS = Code("131190003", "SCT", "Radius")
_PATHS = frozenset({_K.POLYLINE, _K.CURVE})
_ROUND = frozenset({_K.CIRCLE, _K.CIRCLE_3})
_DIAMETER = "81827009"


def tool_of(kind: AnnotationKind) -> str:
    """The tracking identifier that names cornerstone's tool; empty where it has none."""
    tool = _TOOLS.get(kind)
    return f"{_TAG}:{tool}" if tool else ""


def figures(drawn: Annotation, plain: tuple[Figure, ...]) -> tuple[Figure, ...]:
    """One graphic for each number, in the image alone, with as many points as the tool takes."""
    p = drawn.pixels
    match drawn.kind:
        case AnnotationKind.ANGLE:
            return (Figure(Graphic.POLYLINE, (p[0], p[1], p[1], p[2])),)
        case AnnotationKind.LINES_ANGLE | AnnotationKind.COBB:
            return (Figure(Graphic.POLYLINE, p),)
        case AnnotationKind.CIRCLE | AnnotationKind.CIRCLE_3:
            found = centre_and_edge(drawn, 1.0)
            return (Figure(Graphic.CIRCLE, found or p[:2]),)
    return tuple(replace(one, points=()) for one in plain)


def numbers(kind: AnnotationKind, plain: tuple[Measurement, ...]) -> tuple[Measurement, ...]:
    """The same values; statistics under the name of what they are, a circle with its radius."""
    told = [
        one if one.derivation is None else replace(one, name=one.derivation, derivation=None)
        for one in plain
    ]
    if kind in _PATHS:
        told[0] = replace(told[0], name=_LENGTH)
    across = next((one for one in told if one.name.value == _DIAMETER), None)
    if kind in _ROUND and across is not None:
        half = None if across.plus_minus is None else across.plus_minus / 2
        ident = MeasurementId(f"{across.of}/radius")
        told.append(
            replace(across, id=ident, name=_RADIUS, value=across.value / 2, plus_minus=half)
        )
    return tuple(told)
