"""How long each frame of a moving image stands (PS3.3 C.7.6.5)."""

import io
import warnings
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from tests.kit.dicom_files import enhanced, file, frame_groups
from viewer.loading.headers import read_header
from viewer.model.study import Instance

TIME, VECTOR = Tag("FrameTime"), Tag("FrameTimeVector")


def _cine(**values: Any) -> Instance:
    pixels = np.zeros(4 * 20, "<u2").tobytes()
    data = file(NumberOfFrames=4, PixelData=pixels, **values)
    return read_header(io.BytesIO(data), name="test").instance


@pytest.mark.parametrize(
    ("values", "times"),
    [
        ({"FrameTime": "33.3"}, (33.3,) * 4),
        ({"FrameTimeVector": [0, 40, 40, 50]}, (40, 40, 50, 40)),
        ({"FrameTimeVector": [40, 40, 50]}, (40, 40, 50, 40)),
        ({"FrameTime": "33", "FrameTimeVector": [0, 40, 40, 50]}, (33,) * 4),
        ({"FrameTime": "33", "FrameTimeVector": [0, 4, 4, 5], "FrameIncrementPointer": VECTOR},
         (4, 4, 5, 4)),
        ({"FrameTime": "33", "FrameTimeVector": [0, 4, 4, 5], "FrameIncrementPointer": TIME},
         (33,) * 4),
        ({"CineRate": "25"}, (40,) * 4),
        ({"RecommendedDisplayFrameRate": "10"}, (100,) * 4),
        ({"CineRate": "25", "RecommendedDisplayFrameRate": "10", "FrameTime": "20"}, (20,) * 4),
        ({"FrameTime": "0", "CineRate": "0"}, ()),
        ({"FrameTimeVector": [0, 0, 0, 0]}, ()),
        ({}, ()),
    ],
)  # fmt: skip
def test_what_the_header_says(values: dict[str, Any], times: tuple[float, ...]) -> None:
    instance = _cine(**values)
    assert instance.frame_times_ms == pytest.approx(times)
    assert not instance.repairs


@pytest.mark.parametrize("vector", [[0, 40], [0, 40, -1, 40], [0, 40, 40, 40, 40, 40]])
def test_a_vector_that_does_not_fit_is_told_and_not_used(vector: list[float]) -> None:
    instance = _cine(FrameTimeVector=vector, CineRate="10")
    assert set(instance.frame_times_ms) == {100}
    assert "Frame Time Vector" in instance.repairs[0]


def test_a_single_image_has_no_frame_time() -> None:
    data = file(FrameTime="40")
    assert read_header(io.BytesIO(data), name="test").instance.frame_times_ms == ()


def _own(keyword: str, stamps: list[str]) -> Instance:
    groups = []
    for stamp in stamps:
        item = frame_groups(0, 1, 0, 50)
        item.FrameContentSequence = Sequence([Dataset()])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            setattr(item.FrameContentSequence[0], keyword, stamp)
        groups.append(item)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom says that some of these are no times
        data = enhanced(groups, np.zeros((len(stamps), 4, 5)))
    return read_header(io.BytesIO(data), name="test").instance


@pytest.mark.parametrize("keyword", ["FrameReferenceDateTime", "FrameAcquisitionDateTime"])
def test_frames_that_state_their_own_times(keyword: str) -> None:
    stamps = ["20260101235959.900+0100", "20260102000000.000+0100", "20260102000000.250+0100"]
    assert _own(keyword, stamps).frame_times_ms == pytest.approx((100, 250, 175))


@pytest.mark.parametrize(
    "stamps", [["20260101", "20260102"], ["20261301000000", "20261301000001"],
               ["20260101000001", "20260101000001"], ["2026010100000x", "20260101000001"]]
)  # fmt: skip
def test_times_that_are_none_are_not_used(stamps: list[str]) -> None:
    assert _own("FrameReferenceDateTime", stamps).frame_times_ms == ()


def test_the_cardiac_delay_of_each_frame_is_a_time_too() -> None:
    groups = []
    for delay in (0.0, 30.0, 70.0):
        item = frame_groups(0, 1, 0, 50)
        item.CardiacSynchronizationSequence = Sequence([Dataset()])
        item.CardiacSynchronizationSequence[0].NominalCardiacTriggerDelayTime = delay
        groups.append(item)
    data = enhanced(groups, np.zeros((3, 4, 5)))
    instance = read_header(io.BytesIO(data), name="test").instance
    assert instance.frame_times_ms == (30, 40, 35)
