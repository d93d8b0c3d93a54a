"""What is said of an annotation in space: numbers with uncertainty, and what is lacking."""

from collections.abc import Sequence
from dataclasses import replace

from viewer.calibration.spacing import Scale
from viewer.measure import codes
from viewer.measure.found import Found
from viewer.measure.in_space import InSpace
from viewer.measure.quantity import Dimension, Quantity
from viewer.measure.space_uncertainty import Steps, expanded_in_space, grown_uncertainty
from viewer.measure.statistics import Statistics
from viewer.model.geometry import PointLps
from viewer.model.measurement import CalibrationKind

_ML = 1000.0
"""Cubic millimetres of a millilitre."""


def why_not_in_space(scale: Scale) -> str:
    """Why nothing in space would be true on these images; empty where it is."""
    if scale.calibration is CalibrationKind.PATIENT:
        return ""
    return f"No length in space is known to be true here. {scale.reason}".strip()


def space_numbers(
    how: InSpace,
    points: Sequence[PointLps],
    found: Found | None,
    steps: Steps | None,
    scale: float,
) -> tuple[tuple[Quantity, float | None], ...]:
    """Every number in mm, degrees and ml, each with ± (k = 2) where ``steps`` of a voxel are given.

    Raises GeometryError where the points make no shape.
    """
    if how.grows:
        return _grown(found, scale, uncertain=steps is not None)
    off = {} if steps is None else expanded_in_space(how.measure, points, steps, scale)
    return tuple(_in_ml(one, off.get(one.key)) for one in how.measure(points))


def space_notes(
    how: InSpace, span: tuple[float, float] | None, found: Found | None
) -> tuple[str, ...]:
    """What there is no number of yet, and why."""
    if how.grows and span is None:
        return ("It has no range of values to grow in.",)
    if how.grows and found is None:
        return ("The volume is growing.",)
    return ()


def span_lines(span: tuple[float, float] | None, unit: str) -> tuple[str, ...]:
    """The range in which a volume grew, for a reader."""
    if span is None:
        return ()
    low, high = (f"{value:.4g}".replace("-", "−") for value in span)
    return (f"grown from {low} to {high} {unit}".rstrip(),)


def left_out(found: Statistics, *, voxels: bool = False) -> list[str]:
    """What of a shape was not counted, a sentence for each reason."""
    one, many = ("voxel", "voxels") if voxels else ("pixel", "pixels")
    reasons = (
        (found.padding, "padding"),
        (found.missing, "rows without data"),
        (found.without_value, "places without a value"),
    )
    told = [f"{count} of {found.pixels} {many} left out: {why}." for count, why in reasons if count]
    if found.pixels == 0:
        return [f"No {one}'s centre lies in the shape."]
    if found.spread is None:
        return ["There is no value in the shape.", *told]
    if found.spread.count == 1:
        told.append(f"One {one} has no SD.")
    return told


def _grown(
    found: Found | None, scale: float, *, uncertain: bool
) -> tuple[tuple[Quantity, float | None], ...]:  # fmt: skip
    grown = found.grown if found is not None else None
    if grown is None:
        return ()
    off = grown_uncertainty(grown, scale) if uncertain else None
    return (_in_ml(Quantity("", codes.VOLUME, grown.volume, Dimension.VOLUME), off),)


def _in_ml(one: Quantity, off: float | None) -> tuple[Quantity, float | None]:
    if one.dimension is not Dimension.VOLUME:
        return one, off
    return replace(one, value=one.value / _ML), None if off is None else off / _ML
