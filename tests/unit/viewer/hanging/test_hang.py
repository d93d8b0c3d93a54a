"""What hangs where, and why."""

from dataclasses import replace

import pytest

from tests.kit.viewer import (
    AXIAL,
    SPACING,
    chest,
    ct_instance,
    frame_of,
    projection_instance,
    series_of,
    set_of,
    sets_of,
    study_of,
)
from viewer.hanging.hang import HangPlan, hang
from viewer.hanging.images import CaseImages
from viewer.model.display_set import DisplaySet, Kind
from viewer.model.geometry import ImagePlane, PointLps
from viewer.model.refs import InstanceRef, SeriesUid, SopUid, StudyUid
from viewer.model.study import Instance, Series, Study

CORONAL = (ImagePlane(PointLps(0, 0, 0), AXIAL[0], PointLps(0, 0, -1), SPACING),)


def _images(current: Study, *priors: Study) -> CaseImages:
    return CaseImages.of(current, priors, sets_of(current, *priors))


def _shown(plan: HangPlan) -> list[tuple[str, int]]:
    return [(cell.target, cell.index) for cell in plan.cells]


def _ct(uid: str, count: int, *, study: str = "1.2", text: str = "Chest", **more: object) -> Series:
    slices = [replace(ct_instance(uid, n, study=study), **more) for n in range(count)]  # type: ignore[arg-type] # a test's table
    return series_of(slices, description=text)


def test_nothing_to_show_hangs_nothing() -> None:
    empty = study_of()
    assert hang(CaseImages.of(empty, (), {})).panes == 1


def test_without_images_a_document_hangs_else_what_says_why_nothing_can() -> None:
    other, report = (
        series_of([replace(ct_instance(uid, 0), format=None)]) for uid in ("1.2.7", "1.2.8")
    )
    sets = {
        other.uid: (set_of(other, kind=Kind.OTHER),),
        report.uid: (set_of(report, kind=Kind.DOCUMENT),),
    }
    both = CaseImages.of(study_of(other, report), (), sets)
    assert _shown(hang(both)) == [("1.2.8", 0)]
    assert _shown(hang(CaseImages.of(study_of(other), (), sets))) == [("1.2.7", 0)]
    chest = _ct("1.2.9", 3)
    sets[chest.uid] = (set_of(chest),)
    assert _shown(hang(CaseImages.of(study_of(other, report, chest), (), sets))) == [("1.2.9", 1)]


def test_the_largest_volume_hangs_at_its_middle() -> None:
    localiser = _ct("1.2.5", 50, image_type=("ORIGINAL", "PRIMARY", "LOCALIZER"))
    derived = _ct("1.2.6", 40, image_type=("DERIVED", "SECONDARY"))
    plan = hang(_images(study_of(_ct("1.2.1", 7), localiser, _ct("1.2.2", 20), derived)))
    assert _shown(plan) == [("1.2.2", 10)]


def test_current_left_and_the_most_similar_prior_right() -> None:
    current = study_of(_ct("1.2.1", 20, text="Lung thin"))
    prior = study_of(
        _ct("1.3.1", 5, study="1.3", text="Abdomen"),
        _ct("1.3.2", 8, study="1.3", text="Lung thin"),
        _ct("1.3.3", 90, study="1.3", text="Lung thin", planes=CORONAL),
        uid="1.3",
        date="20251124",
    )
    plan = hang(_images(current, prior))
    assert _shown(plan) == [("1.2.1", 10), ("1.3.2", 4)]
    assert plan.cells[1].why == "most similar series of the prior of 20251124"


def test_thickness_decides_between_series_of_one_name() -> None:
    current = study_of(_ct("1.2.1", 20, corner={"SliceThickness": "1.0"}))
    prior = study_of(
        _ct("1.3.1", 50, study="1.3", corner={"SliceThickness": "5.0"}),
        _ct("1.3.2", 30, study="1.3", corner={"SliceThickness": "1.25"}),
        _ct("1.3.3", 60, study="1.3", corner={}),
        uid="1.3",
    )
    assert _shown(hang(_images(current, prior)))[1] == ("1.3.2", 15)


def test_the_newest_prior_that_fits_and_none_of_another_kind() -> None:
    current = chest(4)
    old = chest(4, uid="1.3", series="1.3.1", date="20240101")
    newer = chest(4, uid="1.4", series="1.4.1", date="20250101")
    other = chest(4, uid="1.5", series="1.5.1", date="20260101", modality="MR")
    assert _shown(hang(_images(current, old, other, newer)))[1][0] == "1.4.1"
    assert len(hang(_images(current, other)).cells) == 1


def _view(view: str, n: int, *, study: str = "1.2", series: str = "1.2.7") -> Instance:
    ref = InstanceRef(StudyUid(study), SeriesUid(series), SopUid(f"{series}.{n}"))
    return replace(projection_instance(view, n), ref=ref)


def test_frontal_left_and_lateral_right() -> None:
    one = study_of(series_of([_view("LL", 0), _view("PA", 1)]))
    assert _shown(hang(_images(one))) == [("1.2.7", 1), ("1.2.7", 0)]
    two = study_of(series_of([_view("LATERAL", 0, series="1.2.8")]), series_of([_view("AP", 0)]))
    assert _shown(hang(_images(two))) == [("1.2.7", 0), ("1.2.8", 0)]


def test_a_frontal_view_alone_hangs_beside_that_of_the_prior() -> None:
    current = study_of(series_of([_view("PA", 0)]))
    earlier = study_of(
        series_of(
            [
                _view("LL", 0, study="1.3", series="1.3.1"),
                _view("PA", 1, study="1.3", series="1.3.1"),
            ]
        ),
        uid="1.3",
    )
    section = chest(3, uid="1.4", series="1.4.1", date="20260101")
    assert _shown(hang(_images(current, section, earlier))) == [("1.2.7", 0), ("1.3.1", 1)]
    assert _shown(hang(_images(current, section))) == [("1.2.7", 0)]
    hand = study_of(series_of([_view("", 0)]))
    assert _shown(hang(_images(hand))) == [("1.2.7", 0)]


def test_projections_have_no_plane_and_match_each_other() -> None:
    current = study_of(series_of([replace(_view("", 0), modality="XA")]))
    prior = study_of(
        series_of([replace(_view("", 0, study="1.3", series="1.3.1"), modality="XA")]), uid="1.3"
    )
    assert len(hang(_images(current, prior)).cells) == 2


@pytest.fixture
def split_series() -> tuple[Study, tuple[DisplaySet, DisplaySet]]:
    """One instance of four frames in two display sets."""
    study = study_of(series_of([replace(ct_instance(), frames=4)], number=8))
    whole = set_of(study.series[0], kind=Kind.STACK)
    parts = (
        replace(whole, id=whole.id, frames=whole.frames[:2]),
        replace(set_of(study.series[0], suffix="b"), frames=whole.frames[2:]),
    )
    return study, parts


def test_a_frame_is_found_in_its_display_set(
    split_series: tuple[Study, tuple[DisplaySet, DisplaySet]],
) -> None:
    study, parts = split_series
    images = CaseImages.of(study, (), {study.series[0].uid: parts})
    instance = study.series[0].instances[0]
    third = images.holding(frame_of(instance, 2))
    assert third is not None
    assert third.target is parts[1]
    assert images.place(frame_of(instance, 3)) == "Series 8, image 2"
    assert images.place(frame_of(ct_instance("9", 0))) == ""
    assert images.holding(frame_of(instance, 9)) is None


def test_places_of_priors_and_of_series_without_number() -> None:
    prior = chest(3, uid="1.3", series="1.3.1", date="20251120")
    nameless = replace(prior.series[0], number=None)
    images = _images(chest(2), replace(prior, series=(nameless,)))
    frame = frame_of(nameless.instances[1])
    assert images.place(frame) == "Series, image 2, prior of 20251120"


def test_lossy_sets_are_known() -> None:
    lossy = study_of(_ct("1.2.1", 3), _ct("1.2.2", 3, lossy="JPEG 8:1"))
    images = _images(lossy)
    assert [images.is_lossy(e) for e in images.of_study(lossy)] == [False, True]


def test_masks_hang_by_themselves_only_where_there_is_nothing_else() -> None:
    chest, masks = _ct("1.2.5", 3), _ct("1.2.6", 9)
    sets = {
        chest.uid: (set_of(chest),),
        masks.uid: (replace(set_of(masks, kind=Kind.STACK), masks=True),),
    }
    both = CaseImages.of(study_of(masks, chest), (), sets)
    assert [target for target, _ in _shown(hang(both))] == ["1.2.5"]
    alone = CaseImages.of(study_of(masks), (), sets)
    assert [target for target, _ in _shown(hang(alone))] == ["1.2.6"]
