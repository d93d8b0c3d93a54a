"""Images of a case are made once, completely, and never half."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.kit.seeded import NOW, CountingWriter, small_plan
from workstation.demo.seed_case import PlannedCase


def _quiet(done: int, total: int) -> None:
    assert 0 < done <= total


def test_progress_counts_every_object_of_the_case(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    PlannedCase(small_plan(images=3), NOW, CountingWriter()).make_images(
        tmp_path, lambda done, total: seen.append((done, total))
    )
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_the_current_study_is_made_before_its_priors(tmp_path: Path) -> None:
    writer = CountingWriter()
    PlannedCase(small_plan(), NOW, writer).make_images(tmp_path, _quiet)
    assert writer.studies == ["study-small", "study-old"]
    assert (tmp_path / "small" / "study-old" / "0.dcm").is_file()


def test_a_complete_folder_is_not_made_again(tmp_path: Path) -> None:
    PlannedCase(small_plan(), NOW, CountingWriter()).make_images(tmp_path, _quiet)
    later = CountingWriter()
    seen: list[tuple[int, int]] = []
    PlannedCase(small_plan(), NOW, later).make_images(
        tmp_path, lambda done, total: seen.append((done, total))
    )
    assert later.studies == []
    assert seen == [(3, 3)]


def test_a_cached_case_keeps_the_time_that_its_files_state(tmp_path: Path) -> None:
    PlannedCase(small_plan(), NOW, CountingWriter()).make_images(tmp_path, _quiet)
    later = PlannedCase(small_plan(), NOW + timedelta(days=3), CountingWriter())
    later.make_images(tmp_path, _quiet)
    assert later.arrived()[0]["started"] == "2026-11-24T19:55:00+00:00"


def test_an_interrupted_case_is_made_anew(tmp_path: Path) -> None:
    broken = CountingWriter()
    broken.fail_on = "study-old"
    with pytest.raises(OSError, match="disk is full"):
        PlannedCase(small_plan(), NOW, broken).make_images(tmp_path, _quiet)
    again = CountingWriter()
    PlannedCase(small_plan(), NOW, again).make_images(tmp_path, _quiet)
    assert again.studies == ["study-small", "study-old"]


@pytest.mark.parametrize("marker", ["", "no json", "[]", '{"plan": "other"}', '{"seeded": 3}'])
def test_a_foreign_marker_is_no_marker(tmp_path: Path, marker: str) -> None:
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "complete.json").write_text(marker)
    writer = CountingWriter()
    PlannedCase(small_plan(), NOW, writer).make_images(tmp_path, _quiet)
    assert writer.studies == ["study-small", "study-old"]


def test_a_new_version_of_the_writer_makes_all_anew(tmp_path: Path) -> None:
    PlannedCase(small_plan(), NOW, CountingWriter("1")).make_images(tmp_path, _quiet)
    newer = CountingWriter("2")
    PlannedCase(small_plan(), NOW, newer).make_images(tmp_path, _quiet)
    assert newer.studies == ["study-small", "study-old"]
