"""Series become display sets as the shipped rules say (F40, F41)."""

import random
from pathlib import Path

import pytest

from tests.kit.series import AXIAL, CORONAL, SAGITTAL, instance, plane, series, stored
from viewer.model.display_set import Kind
from viewer.model.presentation import Rescale
from viewer.model.split import load_rules, split
from viewer.model.study import FrameFacts

RULES = load_rules(Path(__file__).parents[4] / "resources" / "splitting.toml")
SR = "1.2.840.10008.5.1.4.1.1.88.11"
PR = "1.2.840.10008.5.1.4.1.1.11.1"
SEG = "1.2.840.10008.5.1.4.1.1.66.4"
MG = "1.2.840.10008.5.1.4.1.1.1.2"


def _sops(frames: tuple[object, ...]) -> list[str]:
    return [str(getattr(ref, "sop", "")).rsplit(".", 1)[1] for ref in frames]


def test_a_volume_is_sorted_by_position_whatever_the_numbers_say() -> None:
    images = [instance(i, plane(0, 0, (7 * i) % 10)) for i in range(10)]
    random.Random(1).shuffle(images)
    (one,) = split(series(*images, description="Chest"), RULES)
    assert one.kind is Kind.VOLUME
    assert one.slice_step == 1
    assert one.label == "Chest"
    assert one.split_by == {}
    z = {f"1.1.{i}": (7 * i) % 10 for i in range(10)}
    assert [z[ref.sop] for ref in one.frames] == list(range(9, -1, -1))


@pytest.mark.parametrize(("directions", "first"), [(AXIAL, "9"), (SAGITTAL, "0"), (CORONAL, "0")])
def test_paging_goes_head_to_feet_right_to_left_front_to_back(
    directions: tuple[object, object], first: str
) -> None:
    images = [instance(i, plane(i, i, i, directions)) for i in range(10)]  # type: ignore[arg-type]
    (one,) = split(series(*images), RULES)
    assert _sops(one.frames)[0] == first


def test_a_localiser_leaves_the_stack() -> None:
    axial = [instance(i, plane(0, 0, i)) for i in range(1, 6)]
    (scout,) = [instance(0, plane(0, 0, 0, CORONAL))]
    sets = split(series(*axial, scout, description="CT"), RULES)
    assert [(s.kind, len(s.frames)) for s in sets] == [(Kind.STACK, 1), (Kind.VOLUME, 5)]
    assert [s.label for s in sets] == ["CT, coronal", "CT, axial"]
    assert set(sets[0].split_by) == {"Orientation"}


@pytest.mark.parametrize(
    "change",
    [
        {"format": stored(8, 5)},
        {"frame_of_reference": "9"},
        {"image_type": ("DERIVED", "SECONDARY")},
        {"split_keys": {"EchoTime": "80"}},
        {"split_keys": {"DiffusionBValue": "1000"}},
        {"split_keys": {"ConvolutionKernel": "LUNG"}},
    ],
)
def test_what_always_splits(change: dict[str, object]) -> None:
    images = [instance(i, plane(0, 0, i)) for i in range(4)]
    images += [instance(10 + i, plane(0, 0, i), **change) for i in range(4)]
    sets = split(series(*images), RULES)
    assert [(s.kind, len(s.frames)) for s in sets] == [(Kind.VOLUME, 4)] * 2
    assert len({s.id for s in sets}) == 2
    assert len({s.label for s in sets}) == 2


def test_spacing_splits_beyond_its_tolerance() -> None:
    def sets(spacing: float) -> int:
        images = [instance(i, plane(0, 0, i, spacing=1 if i < 3 else spacing)) for i in range(6)]
        return len(split(series(*images), RULES))

    assert sets(1.0005) == 1
    assert sets(1.01) == 2


def test_time_splits_only_while_positions_repeat() -> None:
    def timed(i: int, z: int, time: int) -> object:
        return instance(i, plane(0, 0, z), split_keys={"TriggerTime": str(time)})

    once = [timed(i, i, 100 * i) for i in range(5)]
    assert len(split(series(*once), RULES)) == 1  # type: ignore[arg-type]
    twice = [timed(10 * t + z, z, t) for t in range(3) for z in range(5)]
    sets = split(series(*twice, description="cine"), RULES)  # type: ignore[arg-type]
    assert [(s.kind, len(s.frames)) for s in sets] == [(Kind.VOLUME, 5)] * 3
    assert [s.label for s in sets] == [f"cine, trigger {t} ms" for t in range(3)]


def test_a_value_that_would_shatter_a_stack_is_passed_over() -> None:
    images = [
        instance(10 * t + z, plane(0, 0, z), split_keys={"AcquisitionTime": f"{10 * t + z}"})
        for t in range(2)
        for z in range(5)
    ]
    (one,) = split(series(*images), RULES)
    assert one.kind is Kind.STACK
    assert one.slice_step is None
    assert one.warnings == (
        "Several images lie at one position and nothing in them tells them apart.",
    )


def test_one_place_over_time_stays_together_in_its_order() -> None:
    images = [instance(i, plane(0, 0, 0), split_keys={"TemporalPositionIdentifier": f"{i}"})
              for i in range(4)]  # fmt: skip
    (one,) = split(series(*reversed(images)), RULES)
    assert (one.kind, _sops(one.frames)) == (Kind.STACK, ["0", "1", "2", "3"])
    assert one.warnings == ()


def test_frames_of_an_enhanced_object_are_split_by_their_own_values() -> None:
    step = Rescale(1, 0, "")
    facts = tuple(FrameFacts(step, split_keys={"StackID": str(i // 3)}) for i in range(6))
    planes = [plane(0, 0, i % 3) for i in range(6)]
    sets = split(series(instance(1, *planes, per_frame=facts)), RULES)
    assert [[ref.frame for ref in s.frames] for s in sets] == [[2, 1, 0], [5, 4, 3]]
    assert [s.kind for s in sets] == [Kind.VOLUME, Kind.VOLUME]


def test_images_without_position_keep_their_numbers() -> None:
    (one,) = split(series(instance(3), instance(1), instance(2)), RULES)
    assert (one.kind, _sops(one.frames)) == (Kind.STACK, ["1", "2", "3"])


def test_each_projection_hangs_alone_and_says_its_view() -> None:
    views = [("R", "CC"), ("L", "MLO")]
    images = [
        instance(i, modality="MG", sop_class=MG, laterality=side, view_position=view)
        for i, (side, view) in enumerate(views)
    ]
    sets = split(series(*images, description="Screening"), RULES)
    assert [s.label for s in sets] == ["Screening, R CC", "Screening, L MLO"]
    assert {s.kind for s in sets} == {Kind.STACK}


def test_a_tomosynthesis_is_a_volume() -> None:
    image = instance(1, *[plane(i, 0, 0, SAGITTAL) for i in range(5)], modality="MG")
    (one,) = split(series(image), RULES)
    assert one.kind is Kind.VOLUME


@pytest.mark.parametrize(
    ("modality", "time", "kind"),
    [("US", None, Kind.CINE), ("XA", 66.0, Kind.CINE), ("NM", None, Kind.STACK),
     ("OT", 40.0, Kind.CINE), ("OT", None, Kind.STACK)],
)  # fmt: skip
def test_moving_images(modality: str, time: float | None, kind: Kind) -> None:
    image = instance(1, *[None] * 5, modality=modality, frame_time_ms=time)
    (one,) = split(series(image), RULES)
    assert (one.kind, len(one.frames)) == (kind, 5)


def test_a_cine_knows_how_long_each_frame_stands() -> None:
    image = instance(
        1, *[None] * 3, modality="XA", frame_time_ms=40.0, frame_times_ms=(40.0, 40.0, 100.0)
    )
    (one,) = split(series(image), RULES)
    assert list(one.frame_ms) == [40, 40, 100]
    assert one.frame_rate == pytest.approx(3000 / 180)


def test_a_cine_of_unknown_rate_says_none() -> None:
    (one,) = split(series(instance(1, *[None] * 3, modality="US")), RULES)
    assert one.kind is Kind.CINE
    assert not one.frame_ms
    assert one.frame_rate is None


def test_frames_that_stand_for_minutes_are_paged_not_played() -> None:
    image = instance(
        1, *[plane(0, 0, 0)] * 3, modality="MR", frame_time_ms=240e3, frame_times_ms=(240e3,) * 3
    )
    (one,) = split(series(image), RULES)
    assert one.kind is Kind.STACK
    assert not one.frame_ms


def test_one_place_over_time_goes_by_its_times() -> None:
    images = [
        instance(i, plane(0, 0, 0), split_keys={"TriggerTime": f"{(7 * i) % 5 * 10.0}"})
        for i in range(5)
    ]
    (one,) = split(series(*images), RULES)
    assert _sops(one.frames) == ["0", "3", "1", "4", "2"]


def test_frames_of_one_place_go_by_their_dimension_index() -> None:
    image = instance(1, *[plane(0, 0, 0)] * 3, dimension_index=((3,), (1,), (2,)))
    (one,) = split(series(image), RULES)
    assert [ref.frame for ref in one.frames] == [1, 2, 0]


def test_a_dimension_that_no_rule_knows_still_tells_stacks_apart() -> None:
    facts = tuple(
        FrameFacts(Rescale(1, 0, ""), split_keys={"DimensionIndex": str(1 + i // 3)})
        for i in range(6)
    )
    image = instance(1, *[plane(0, 0, i % 3) for i in range(6)], per_frame=facts)
    sets = split(series(image, description="ASL"), RULES)
    assert [[ref.frame for ref in s.frames] for s in sets] == [[2, 1, 0], [5, 4, 3]]
    assert [s.label for s in sets] == ["ASL, part 1", "ASL, part 2"]


def test_one_number_written_in_two_ways_is_one_value() -> None:
    images = [
        instance(i, plane(0, 0, i), split_keys={"EchoTime": "4.60" if i % 2 else "4.6"})
        for i in range(4)
    ]
    assert len(split(series(*images), RULES)) == 1


def test_ultrasound_stills_are_one_stack_beside_the_cines() -> None:
    stills = [instance(i, modality="US") for i in (1, 3)]
    cine = instance(2, *[None] * 9, modality="US")
    sets = split(series(*stills, cine), RULES)
    assert [(s.kind, len(s.frames)) for s in sets] == [(Kind.STACK, 2), (Kind.CINE, 9)]


def test_documents_are_read_one_by_one_and_the_rest_stays_visible() -> None:
    reports = [instance(i, sop_class=SR, format=None, planes=()) for i in (1, 2)]
    states = [instance(i, sop_class=PR, format=None, planes=()) for i in (3, 4)]
    sets = split(series(*reports, *states), RULES)
    assert [(s.kind, len(s.frames)) for s in sets] == [
        (Kind.DOCUMENT, 1),
        (Kind.DOCUMENT, 1),
        (Kind.OTHER, 2),
    ]
    assert sets[0].label == "Structured report"
    assert sets[2].label == "Presentation state"
    assert sets[2].warnings == (
        "Grayscale Softcopy Presentation State: offered on the images that it is for.",
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sop_class": "1.2.840.10008.5.1.4.1.1.66.4", "format": None},
         "Segmentation: cannot be shown here."),
        ({"sop_class": "1.2.840.10008.5.1.4.1.1.66.5"},
         "Surface Segmentation: cannot be shown here."),
        ({"sop_class": "1.2.840.10008.5.1.4.1.1.91.1", "format": None},
         "Microscopy Bulk Simple Annotations: cannot be shown here."),
        ({"sop_class": "1.2.840.10008.9.9", "format": None},
         "Object of SOP Class 1.2.840.10008.9.9: cannot be shown here."),
        ({"sop_class": "9.9", "format": None},
         "Private object of SOP Class 9.9: cannot be shown here."),
        ({"sop_class": "", "format": None}, "Object of an unknown kind: cannot be shown here."),
        ({"format": None}, "CT Image: it holds no pixel data, so there is nothing to show."),
        ({"transfer_syntax": "1.2.840.10008.1.2.4.102"}, "CT Image: video cannot be played here."),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_an_entry(change: dict[str, object], reason: str) -> None:
    (one,) = split(series(instance(1, None, None, **change)), RULES)
    assert one.kind is Kind.OTHER
    assert len(one.frames) == 2
    assert one.warnings == (reason,)


def test_the_masks_of_a_segmentation_hang_alone_in_their_stored_order() -> None:
    """Neither sorted by position nor split by it: segments lie over each other."""
    planes = tuple(plane(0, 0, z) for z in (4, 0, 2, 0))
    one = instance(1, *planes, sop_class=SEG)
    other = instance(2, *planes, sop_class=SEG)
    image = instance(3, plane(0, 0, 0))
    found = split(series(one, other, image), RULES)
    assert [(s.kind, s.masks, len(s.frames)) for s in found] == [
        (Kind.STACK, True, 4),
        (Kind.STACK, True, 4),
        (Kind.STACK, False, 1),
    ]
    assert [ref.frame for ref in found[0].frames] == [0, 1, 2, 3]
    assert found[0].id != found[1].id
    assert found[0].warnings == (
        "Segmentation: its masks are shown one by one as they are stored, "
        "not laid over the images.",
    )
    assert [s.must_be_seen for s in found] == [False, False, True]


def test_ids_stay_while_a_series_grows() -> None:
    images = [instance(i, plane(0, 0, i)) for i in range(10)]
    scout = instance(99, plane(0, 0, 0, CORONAL))
    before = split(series(*images[5:]), RULES)
    after = split(series(*images, scout), RULES)
    assert before[0].id == after[0].id


def test_an_image_that_no_rule_matches_is_split_by_its_geometry(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text('[[rule]]\nmodality = ["MR"]\nby = ["EchoTime"]\n')
    images = [instance(i, plane(0, 0, i)) for i in range(3)]
    scout = instance(9, plane(0, 0, 0, CORONAL))
    assert len(split(series(*images, scout), load_rules(file))) == 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[[rule]]\nby = 3\n", "form"),
        ('[[rule]]\nby = "Rows"\n', "not a list"),
        ("[[rule]]\nsplit = []\n", "split"),
        ("not toml", "rules.toml"),
        ("documents = 1\n", "form"),
    ],
)
def test_faulty_rules_are_named(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(text)
    with pytest.raises(ValueError, match=sentence):
        load_rules(file)


def test_an_empty_series_has_no_sets() -> None:
    assert split(series(), RULES) == ()


def test_faulty_names_of_classes_are_told(tmp_path: Path) -> None:
    (tmp_path / "sop_classes.toml").write_text("not toml")
    file = tmp_path / "rules.toml"
    file.write_text("")
    with pytest.raises(ValueError, match=r"sop_classes\.toml"):
        load_rules(file)
