"""How the numbers of each kind are joined for a reader."""

from collections.abc import Sequence

from viewer.measure.labels import number, sign, text
from viewer.model.geometry import Spacing
from viewer.model.measurement import Measurement, Unit

Measured = Sequence[Measurement]
Lines = tuple[str, ...]


def first(made: Measured, spacing: Spacing | None) -> Lines:
    """The first number alone."""
    return (_text(made[0], spacing),)


def product(made: Measured, spacing: Spacing | None) -> Lines:
    """Long × short axis."""
    return (f"{number(made[0].value, made[0].unit, spacing)} × {_text(made[1], spacing)}",)


def supplemented(made: Measured, spacing: Spacing | None) -> Lines:
    """An angle, and in brackets what it lacks to 180 degrees."""
    return (f"{_text(made[0], spacing)} ({_text(made[1], spacing)})",)


def cobb(made: Measured, spacing: Spacing | None) -> Lines:
    """The Cobb angle, and in brackets what it lacks to 180 degrees."""
    return (f"Cobb {_text(made[0], spacing)} ({_text(made[1], spacing)})",)


def ratio(made: Measured, spacing: Spacing | None) -> Lines:
    """Cardiothoracic ratio and the two widths."""
    widths = f"{number(made[1].value, made[1].unit, spacing)} / {_text(made[2], spacing)}"
    return (f"CTR {made[0].value:.2f}", widths)


def area(made: Measured, spacing: Spacing | None) -> Lines:
    """The area."""
    return (_text(made[0], spacing),)


def round_area(made: Measured, spacing: Spacing | None) -> Lines:
    """Area and diameter of a circle."""
    return (f"{_text(made[0], spacing)}, ⌀ {_text(made[1], spacing)}",)


def sized(made: Measured, spacing: Spacing | None) -> Lines:
    """A volume, and its three sides or axes."""
    sides = [number(one.value, one.unit, spacing) for one in made[1:-1]]
    return (_text(made[0], spacing), " × ".join([*sides, _text(made[-1], spacing)]))


def spread(found: dict[str, Measurement]) -> Lines:
    """Mean and SD, then the range and the number of pixels or voxels; by the key of each."""
    mean, count = found["mean"], found.get("pixels") or found["voxels"]
    unit = mean.unit
    line = f"mean {number(mean.value, unit)}"
    if "deviation" in found:
        line += f", SD {number(found['deviation'].value, unit)}"
    reach = " to ".join(f"{found[key].value:.6g}" for key in ("minimum", "maximum"))
    reach = reach.replace("-", "−")
    mark = "" if unit is Unit.ONE else sign(unit)
    counted = "px" if "pixels" in found else "voxels"
    return (f"{line} {mark}".strip(), f"{reach} {mark}".strip() + f", {count.value:.0f} {counted}")


def _text(one: Measurement, spacing: Spacing | None) -> str:
    return text(one.value, one.unit, spacing)
