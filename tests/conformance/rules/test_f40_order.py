"""F40: slices are sorted by position along the exact normal, never by number, location or name."""

import math
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from tests.kit.dicom_files import dataset
from tests.kit.real_volumes import Folder, write
from viewer.model.display_set import Kind


def _oblique(degrees: float) -> tuple[list[float], list[float]]:
    """Orientation of an axial plane turned about x, and its normal."""
    a = math.radians(degrees)
    return [1, 0, 0, 0, math.cos(a), math.sin(a)], [0, -math.sin(a), math.cos(a)]


def _slices(places: Sequence[float], degrees: float = 0.0) -> list[Dataset]:
    """A slice at each place along the normal, with lies in every other place-like attribute."""
    orientation, normal = _oblique(degrees)
    made = []
    for number, place in enumerate(places):
        position = [40 + place * n for n in normal]
        made.append(
            dataset(
                number + 1,
                ImageOrientationPatient=[f"{v:.10f}" for v in orientation],
                ImagePositionPatient=[f"{v:.10f}" for v in position],
                SliceLocation=f"{-3 * place:.4f}",
                SpacingBetweenSlices="9",
                SliceThickness="7",
            )
        )
    return made


def _along(found: Folder, degrees: float) -> list[float]:
    """Places of the frames in display order, along the normal."""
    normal = _oblique(degrees)[1]
    (target,) = found.sets
    planes = [found.instances[ref.sop].planes[0] for ref in target.frames]
    return [float(np.dot(plane.position, normal)) for plane in planes if plane is not None]


@pytest.mark.parametrize("degrees", [0, 17, 44.9, 80])
@pytest.mark.parametrize("order", ["shuffled", "reversed", "as they are"])
def test_f40_by_position_alone(tmp_path: Path, order: str, degrees: float) -> None:
    places = [2.5 * k for k in range(12)]
    names = list(range(12))
    if order == "shuffled":
        random.Random(3).shuffle(places)
        random.Random(4).shuffle(names)
    elif order == "reversed":
        places.reverse()
    slices = _slices(places, degrees)
    found = write(tmp_path, {f"{name:03}": one for name, one in zip(names, slices, strict=True)})
    assert found.sets[0].kind is Kind.VOLUME
    assert found.sets[0].slice_step == pytest.approx(2.5, abs=1e-6)
    assert found.sets[0].warnings == ()
    along = _along(found, degrees)
    assert along in (sorted(along), sorted(along, reverse=True))
    assert len(along) == 12


@pytest.mark.parametrize(
    ("degrees", "rising"),
    [(0, False), (30, False), (80, False)],
)
def test_f40_a_stack_is_paged_as_it_is_read(tmp_path: Path, degrees: float, rising: bool) -> None:
    # axial from the head down; coronal from front to back: that normal points to the front
    slices = _slices([3.0 * k for k in range(5)], degrees)
    found = write(tmp_path, {str(k): one for k, one in enumerate(slices)})
    along = _along(found, degrees)
    assert (along == sorted(along)) is rising


def test_f40_without_position_by_number_and_no_other_plane(tmp_path: Path) -> None:
    numbers = [5, 2, 9, 1]
    made = {
        f"{10 - n}": dataset(n, ImagePositionPatient=None, ImageOrientationPatient=None)
        for n in numbers
    }
    found = write(tmp_path, made)
    (target,) = found.sets
    assert target.kind is Kind.STACK
    assert [found.instances[ref.sop].number for ref in target.frames] == [1, 2, 5, 9]
    assert target.slice_step is None
