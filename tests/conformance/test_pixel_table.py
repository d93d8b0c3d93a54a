"""The table of agreement explains every difference, and would notice a new one."""

from pathlib import Path

import numpy as np
import pytest

from tests.conformance.report.__main__ import files_of, rows, unexplained
from tests.conformance.report.compare import Kind, difference
from tests.conformance.report.opinions import peers


@pytest.mark.parametrize("folder", ["bits-and-floats", "lut-overlay-shutter", "nm-pt", "charset"])
def test_every_difference_has_its_reason(shared_dicom: Path, folder: str) -> None:
    files = [f for f in files_of(shared_dicom) if f.relative_to(shared_dicom).parts[0] == folder]
    programs = peers()
    found = list(rows(shared_dicom, files, programs))
    assert found
    assert unexplained(found, programs) == []
    assert any(o.kind is Kind.EQUAL for row in found for o, _ in row.outcomes)


def test_a_single_value_is_noticed() -> None:
    frames = np.zeros((1, 4, 4), np.int16)
    other = frames.copy()
    other[0, 1, 1] = 1
    assert difference(frames, frames.copy(), 0.0).kind is Kind.EQUAL
    assert difference(frames, other, 0.0).kind is Kind.DIFFERENT
    assert difference(frames, other, 1.0).kind is Kind.CLOSE
    assert difference(frames, other[:, :3], 1.0).kind is Kind.SHAPE
