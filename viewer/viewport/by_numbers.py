"""Places given as numbers become pixel points of the shown image, or one sentence says why not."""

import math
from collections.abc import Sequence

from viewer.errors import GeometryError
from viewer.model.geometry import PixelPoint, PointLps
from viewer.viewport.transform import PaneTransform
from viewer.viewport.viewport import Viewport

Place = PixelPoint | PointLps

OFF_PLANE_MM = 0.5
"""How far a place in the patient may lie from the shown plane and still be meant on it."""


def pixel_places(viewport: Viewport, places: Sequence[Place]) -> tuple[PixelPoint, ...]:
    """Give each place on the shown image, LPS places (mm) projected along the plane's normal.

    Raises GeometryError when there is no image, a place lies off it, or two places are one.
    """
    transform = viewport.transform()
    if transform is None:
        raise GeometryError("There is no image to measure on.")
    found: list[PixelPoint] = []
    for number, place in enumerate(places, 1):
        pixel = _on_plane(viewport, place, number) if isinstance(place, PointLps) else place
        if not _inside(pixel, transform):
            raise GeometryError(
                f"Place {number} lies outside this image of {transform.columns} columns "
                f"and {transform.rows} rows."
            )
        found.append(pixel)
    if len(places) == 2 and found[0] == found[1]:
        raise GeometryError("The two places are the same; a length needs two.")
    return tuple(found)


def places_of(text: str, numbers: int) -> tuple[Place, ...]:
    """Read 'a,b; c,d' (two numbers: column and row, three: LPS in mm).

    Raises GeometryError with one sentence that names what is wrong.
    """
    found: list[Place] = []
    for part in filter(None, (one.strip() for one in text.split(";"))):
        try:
            values = [float(word) for word in part.split(",")]
        except ValueError:
            values = []
        if len(values) != numbers or not all(map(math.isfinite, values)):
            raise GeometryError(f"{part[:40]!r} is no point of {numbers} numbers.")
        found.append(PixelPoint(*values) if numbers == 2 else PointLps(*values))
    if not found:
        raise GeometryError("There is no point.")
    return tuple(found)


def _inside(p: PixelPoint, t: PaneTransform) -> bool:
    return -0.5 <= p.column <= t.columns - 0.5 and -0.5 <= p.row <= t.rows - 0.5


def _on_plane(viewport: Viewport, place: PointLps, number: int) -> PixelPoint:
    plane = viewport.plane
    if plane is None:
        raise GeometryError("This image has no place in the patient; give columns and rows.")
    off = abs(plane.distance(place))
    if off > OFF_PLANE_MM:
        raise GeometryError(f"Place {number} lies {off:.1f} mm off the plane of this image.")
    return plane.to_pixel(place)
