"""Which scale is true for these points: on ultrasound the region that holds them all decides (F36).

Lengths, areas and angles take their scale from ``scale_at``; what lies along each axis of a
region is told by ``axis_differences`` and ``axis_values``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from viewer.calibration.spacing import Scale, scale_of
from viewer.model.geometry import PixelPoint, Spacing
from viewer.model.measurement import CalibrationKind
from viewer.model.study import Instance
from viewer.model.ultrasound import AxisUnit, RegionAxis, UltrasoundRegion

_WORD = "US region"
_MM_PER_CM = 10.0


@dataclass(frozen=True, slots=True)
class AxisValue:
    """A number along one axis of a region, unrounded: 'velocity', −42.1, 'cm/s'."""

    name: str
    value: float
    unit: str


def scale_at(instance: Instance, frame: int, points: Sequence[PixelPoint]) -> Scale:
    """Decide the scale of a shape over these points; without regions it is that of the frame."""
    regions = instance.at(frame).regions
    if not regions:
        return scale_of(instance, frame)
    region = region_at(instance, frame, points)
    if region is None:
        return _none(
            "The points do not lie in one calibrated region of the ultrasound image, so no unit "
            "is right for them."
        )
    spacing = spacing_in(region)
    if spacing is not None:
        return _calibrated(spacing)
    return replace(_none(_no_length(region)), axes=_axes_text(region, points))


def common_scale(instance: Instance, frame: int = 0) -> Scale:
    """The scale of a whole picture, for rulers and true size: where all its regions in cm agree."""
    regions = instance.at(frame).regions
    if not regions:
        return scale_of(instance, frame)
    found = {spacing for region in regions if (spacing := spacing_in(region)) is not None}
    if len(found) == 1:
        return _calibrated(found.pop())
    why = "differ in their scales" if found else "give no centimetres on both axes"
    return _none(f"The calibrated regions of the ultrasound image {why}.")


def region_at(
    instance: Instance, frame: int, points: Sequence[PixelPoint]
) -> UltrasoundRegion | None:
    """The region that holds ALL points; of several that of high priority, then the smallest."""
    regions = instance.at(frame).regions
    holding = [r for r in regions if points and all(map(r.holds, points))]
    return min(holding, key=lambda r: (r.low_priority, r.size), default=None)


def axis_values(instance: Instance, frame: int, point: PixelPoint) -> tuple[AxisValue, ...]:
    """What lies at a point along the axes of its region: depth, time, velocity…

    Only axes whose zero the header names have a value; signs are the region's own.
    """
    region = region_at(instance, frame, (point,))
    if region is None:
        return ()
    places = ((region.y, point.row, "depth"), (region.x, point.column, "across"))
    found = ((axis, axis.value(at), name) for axis, at, name in places)
    return tuple(
        AxisValue(_name(axis, name), value, axis.unit.symbol)
        for axis, value, name in found
        if value is not None and axis.unit is not AxisUnit.NONE
    )


def axis_differences(
    region: UltrasoundRegion, first: PixelPoint, last: PixelPoint
) -> tuple[AxisValue, ...]:
    """How far two points are apart along each axis that has a unit, without sign."""
    steps = (
        (region.x, last.column - first.column, "across"),
        (region.y, last.row - first.row, "depth"),
    )
    return tuple(
        AxisValue(_name(axis, name), abs(step * axis.delta), axis.unit.symbol)
        for axis, step, name in steps
        if axis.unit is not AxisUnit.NONE
    )


def spacing_in(region: UltrasoundRegion) -> Spacing | None:
    """Millimetres of a step, where both axes are centimetres; a negative step is as long."""
    if region.x.unit is not AxisUnit.CENTIMETRE or region.y.unit is not AxisUnit.CENTIMETRE:
        return None
    return Spacing(abs(region.y.delta) * _MM_PER_CM, abs(region.x.delta) * _MM_PER_CM)


def _calibrated(spacing: Spacing) -> Scale:
    return Scale(
        spacing,
        CalibrationKind.US_REGION,
        _WORD,
        "Ultrasound: the calibrated region of the header gives the scale; it holds in it alone.",
    )


def _no_length(region: UltrasoundRegion) -> str:
    units = {region.x.unit, region.y.unit} - {AxisUnit.NONE}
    if not units:
        return "This ultrasound region has no unit."
    return (
        "The axes of this ultrasound region have other units than centimetres: only what lies "
        "along each axis can be told."
    )


def _axes_text(region: UltrasoundRegion, points: Sequence[PixelPoint]) -> str:
    if len(points) != 2:
        return ""
    apart = axis_differences(region, points[0], points[1])
    return " · ".join(f"{a.name} {a.value:.4g} {a.unit}" for a in apart)


def _name(axis: RegionAxis, along: str) -> str:
    return _NAMES.get(axis.unit, along if axis.unit is AxisUnit.CENTIMETRE else "value")


_NAMES = {
    AxisUnit.SECOND: "time",
    AxisUnit.HERTZ: "frequency",
    AxisUnit.CENTIMETRE_PER_SECOND: "velocity",
    AxisUnit.DEGREE: "angle",
}


def _none(reason: str) -> Scale:
    return Scale(None, CalibrationKind.NONE, "", reason)
