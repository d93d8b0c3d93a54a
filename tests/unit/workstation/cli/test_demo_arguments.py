"""`lightbox demo --fresh` forgets what the demo wrote, and touches nothing else."""

from pathlib import Path

import pytest

from workstation.cli import demo
from workstation.paths import Places


def test_only_what_the_demo_wrote_is_deleted(tmp_path: Path) -> None:
    places = Places(tmp_path)
    for folder in ("platform", "store", "logs"):
        (tmp_path / folder / "deep").mkdir(parents=True)
        (tmp_path / folder / "deep" / "file").write_text("x")
    places.settings.write_text("")
    (tmp_path / "thesis.txt").write_text("years of work")
    (tmp_path / "photos").mkdir()
    demo._forget(places)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["photos", "thesis.txt"]


def test_forgetting_nothing_is_no_fault(tmp_path: Path) -> None:
    demo._forget(Places(tmp_path / "never"))
    assert not (tmp_path / "never").exists()


@pytest.mark.parametrize(
    ("data", "scripted", "name"),
    [
        (None, False, "demo"),
        (None, True, "demo-scripted"),
        (Path("/x/My Data."), False, "demo-my-data"),
        (Path("/"), True, "demo-data-scripted"),
    ],
)
def test_every_kind_of_demo_has_its_own_folder(
    data: Path | None, scripted: bool, name: str
) -> None:
    assert demo._places(None, data, scripted=scripted).root.name == name


def test_a_chosen_folder_is_used_as_it_is(tmp_path: Path) -> None:
    assert demo._places(tmp_path, None, scripted=True).root == tmp_path
