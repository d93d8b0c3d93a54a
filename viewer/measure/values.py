"""Which quantity and unit the values of an image have when they are measured."""

from viewer.measure import codes
from viewer.model.measurement import Ucum, Unit
from viewer.model.quantities import Readout, ReadoutKind
from viewer.model.refs import Code
from viewer.model.study import Instance

_UPTAKE = {
    "SUVbw": (codes.SUV_BW, Unit.SUV_BW),
    "SUVlbm": (codes.SUV_LBM, Unit.SUV_LBM),
    "SUVbsa": (codes.SUV_BSA, Unit.SUV_BSA),
}
_UNITS: dict[str, Unit | Ucum] = {
    "": Unit.ONE,
    "HU": Unit.HOUNSFIELD,
    "Bq/ml": Ucum("Bq/ml"),
    "g/ml": Ucum("g/ml"),
    "Gy": Ucum("Gy"),
}
_REFUSED = "{}[]\"'"


def value_of(readout: Readout, instance: Instance) -> tuple[Code, Unit | Ucum]:
    """What a readout's numbers are called and their unit."""
    if readout.kind is ReadoutKind.SUV:
        known = _UPTAKE.get(readout.name.split(" ")[0])
        return known or (codes.SUV, Ucum(readout.unit or "1"))
    if readout.mapping is not None:
        name = Code(codes.VALUE.value, codes.VALUE.scheme, readout.name)
        return name, _unit(readout.mapping.unit)
    unit = _UNITS.get(readout.unit) or Ucum(f"{{{_clean(readout.unit)}}}")
    if unit is Unit.HOUNSFIELD:
        return codes.ATTENUATION, unit
    return (codes.MR_SIGNAL if instance.modality == "MR" else codes.VALUE), unit


def _unit(code: str) -> Unit | Ucum:
    """The UCUM code of a header; a bare number where it names none."""
    try:
        return Unit(code or "1")
    except ValueError:
        return Ucum(code)


def _clean(text: str) -> str:
    """A header's own word for a unit, as a UCUM annotation takes it."""
    return "".join(c for c in text if c.isascii() and c.isprintable() and c not in _REFUSED)
