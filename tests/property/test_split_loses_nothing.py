"""Whatever a series holds, every frame of it lies in exactly one display set (F41)."""

from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.series import AXIAL, CORONAL, CT, SAGITTAL, instance, plane, series, stored
from viewer.model.presentation import Rescale
from viewer.model.refs import FrameRef
from viewer.model.split import load_rules, split
from viewer.model.study import FrameFacts, Instance

RULES = load_rules(Path(__file__).parents[2] / "resources" / "splitting.toml")

EXPLICIT, MPEG_4 = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.102"
_PLANES = st.none() | st.builds(
    plane,
    st.integers(-2, 2),
    st.integers(-2, 2),
    st.integers(-3, 3),
    st.sampled_from([AXIAL, SAGITTAL, CORONAL]),
    st.sampled_from([1.0, 0.5]),
)
_KEYS = st.dictionaries(
    st.sampled_from(
        [
            "EchoTime",
            "TriggerTime",
            "AcquisitionNumber",
            "AcquisitionTime",
            "DimensionIndex",
            "StackID",
            "TemporalPositionIdentifier",
        ]
    ),
    st.sampled_from(["1", "2", ""]),
)


@st.composite
def _instances(draw: st.DrawFn) -> list[Instance]:
    made = []
    for number in range(draw(st.integers(0, 12))):
        planes = draw(st.lists(_PLANES, min_size=1, max_size=4))
        values: dict[str, Any] = {
            "modality": draw(st.sampled_from(["CT", "US", "MG", "NM", "SR"])),
            "number": draw(st.none() | st.integers(0, 5)),
            "split_keys": draw(_KEYS),
            "format": draw(st.none() | st.sampled_from([stored(), stored(8, 8)])),
            "sop_class": draw(st.sampled_from([CT, "1.2.840.10008.5.1.4.1.1.88.11", "", "9"])),
            "frame_time_ms": draw(st.none() | st.just(40.0)),
            "transfer_syntax": draw(st.sampled_from([EXPLICIT, EXPLICIT, MPEG_4])),
        }
        if draw(st.booleans()):
            step = Rescale(1.0, 0.0, "")
            values["per_frame"] = tuple(FrameFacts(step, split_keys=draw(_KEYS)) for _ in planes)
        if draw(st.booleans()):
            order = draw(st.permutations(range(len(planes))))
            values["dimension_index"] = tuple((index,) for index in order)
        made.append(instance(number, *planes, **values))
    return made


@settings(max_examples=150, deadline=None)
@given(_instances(), st.randoms())
def test_every_frame_lies_in_exactly_one_set(images: list[Instance], order: Any) -> None:
    sets = split(series(*images), RULES)
    frames = [ref for one in sets for ref in one.frames]
    expected = {
        FrameRef(i.ref.study, i.ref.series, i.ref.sop, frame)
        for i in images
        for frame in range(i.frames)
    }
    assert len(frames) == len(set(frames))
    assert set(frames) == expected
    assert len({one.id for one in sets}) == len(sets)
    shuffled = list(images)
    order.shuffle(shuffled)
    assert {one.frames for one in split(series(*shuffled), RULES)} == {one.frames for one in sets}
