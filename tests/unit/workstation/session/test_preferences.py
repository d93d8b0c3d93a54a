"""What a reader chose is found again; a broken file is an empty one, a failed write is told."""

from pathlib import Path

import pytest

from tests.kit.lanes import InlineLanes
from workstation.session.preferences import KeptPreferences


def _kept(file: Path, told: list[Exception] | None = None) -> KeptPreferences:
    return KeptPreferences(file, InlineLanes(), (told if told is not None else []).append)


def test_texts_are_found_at_the_next_start(tmp_path: Path) -> None:
    file = tmp_path / "profile" / "preferences.json"
    first = _kept(file)
    assert first.read("keys") == ""
    first.keep("keys", "Ä, 日本")
    first.keep("screens", "{}")
    again = _kept(file)
    assert (again.read("keys"), again.read("screens")) == ("Ä, 日本", "{}")
    assert [p.name for p in file.parent.iterdir()] == ["preferences.json"]


@pytest.mark.parametrize("text", ["", "{", "[1]", '"x"', "[" * 100_000, '{"keys": 7}'])
def test_a_broken_file_counts_as_empty(tmp_path: Path, text: str) -> None:
    file = tmp_path / "preferences.json"
    file.write_text(text, encoding="utf-8")
    assert _kept(file).read("keys") == ""


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "preferences.json"
    file.write_text('{"keys": "' + "x" * 1_000_001 + '"}', encoding="utf-8")
    assert _kept(file).read("keys") == ""


def test_a_failed_write_is_told_and_the_choice_lasts_meanwhile(tmp_path: Path) -> None:
    (tmp_path / "wall").write_text("a file where a folder is needed", encoding="utf-8")
    told: list[Exception] = []
    kept = _kept(tmp_path / "wall" / "preferences.json", told)
    kept.keep("keys", "mine")
    assert kept.read("keys") == "mine"
    assert len(told) == 1
    assert isinstance(told[0], OSError)
