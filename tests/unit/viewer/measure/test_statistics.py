"""Statistics against numpy, literally (F49)."""

import numpy as np
import pytest

from viewer.measure.statistics import counted, spread_of, spread_reference


@pytest.mark.parametrize("kind", [np.int16, np.uint8, np.uint16, np.int32, np.float32, np.float64])
@pytest.mark.parametrize("size", [1, 2, 9, 1000, 1001])
def test_as_numpy_to_a_billionth(kind: type[np.generic], size: int) -> None:
    stored = np.random.default_rng(size).integers(0, 200, size).astype(kind)
    each, often = counted(stored)
    found = spread_of(each.astype(np.float64) * 1.5 - 1000, often)
    literal = spread_reference(stored.astype(np.float64) * 1.5 - 1000)
    assert found is not None
    assert literal is not None
    assert found.count == literal.count
    for name in ("mean", "minimum", "maximum", "median", "deviation"):
        mine, theirs = getattr(found, name), getattr(literal, name)
        assert mine == (None if theirs is None else pytest.approx(theirs, rel=1e-9, abs=1e-9))


@pytest.mark.parametrize("size", [1, 2, 3, 4, 999, 1000])
@pytest.mark.parametrize("spread", [1e-200, 1.0, 1e7, 1e200])
def test_the_median_of_floats_is_numpys_to_the_last_bit(size: int, spread: float) -> None:
    values = np.random.default_rng(size).normal(0, spread, size)
    found = spread_of(values.copy(), None)
    assert found is not None
    assert (found.median, found.minimum, found.maximum) == (
        np.median(values), values.min(), values.max(),
    )  # fmt: skip
    assert found.mean == pytest.approx(values.mean(), rel=1e-9, abs=1e-9 * spread)
    if size > 1:
        even = (values / spread).std(ddof=1)  # numpy's own squares leave float64
        assert found.deviation == pytest.approx(even * spread, rel=1e-9)


def test_of_nothing_there_is_nothing() -> None:
    none = np.empty(0)
    assert spread_of(none, none.astype(np.int64)) is None
    assert spread_of(none, None) is None
    assert spread_reference(none) is None


def test_values_at_the_end_of_float64_give_no_infinity() -> None:
    """A hostile slope: squares would be infinite."""
    values = np.array([1.7e308, -1.7e308, 1.7e308])
    found = spread_of(values, None)
    assert found is not None
    assert np.isfinite([found.mean, found.minimum, found.maximum, found.median]).all()
    assert found.deviation is None or np.isfinite(found.deviation)
