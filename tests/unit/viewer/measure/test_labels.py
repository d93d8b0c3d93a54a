"""Numbers as a reader sees them."""

from viewer.measure.labels import number, text, uncertainty_text
from viewer.model.measurement import Unit


def test_what_rounds_to_zero_has_no_sign() -> None:
    assert number(-0.04, Unit.HOUNSFIELD) == "0.0"
    assert number(-0.06, Unit.HOUNSFIELD) == "−0.1"
    assert text(-1e-9, Unit.SUV_BW) == "0.00 g/ml"


def test_no_uncertainty_is_rounded_to_nothing() -> None:
    assert uncertainty_text(0.41, Unit.MILLIMETRE) == "0.4 mm"
    assert uncertainty_text(0.0123, Unit.MILLIMETRE) == "0.01 mm"
    assert uncertainty_text(0.004, Unit.DEGREE) == "0.004°"
    assert uncertainty_text(0.0, Unit.DEGREE) == "0.0°"
