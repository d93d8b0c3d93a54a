"""Where things lie: in the source tree, beside a wheel, in a frozen build."""

import sys
from pathlib import Path

import pytest

from workstation import paths
from workstation.paths import Places, demo_places, resources, user_places


def test_the_source_tree_has_its_resources() -> None:
    assert (resources() / "keymap.toml").is_file()
    assert (resources() / "themes" / "dark.qss").is_file()


def _installed(monkeypatch: pytest.MonkeyPatch, site: Path) -> None:
    monkeypatch.setattr(paths, "__file__", str(site / "workstation" / "paths.py"))


def test_beside_a_wheel_only_our_own_folder_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _installed(monkeypatch, tmp_path)
    (tmp_path / "resources").mkdir()  # as another distribution may have left it
    (tmp_path / "lightbox_resources").mkdir()
    assert resources() == tmp_path / "lightbox_resources"


def test_a_frozen_build_brings_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "resources").mkdir()
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert resources() == tmp_path / "resources"


def test_an_incomplete_installation_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _installed(monkeypatch, tmp_path)
    with pytest.raises(FileNotFoundError, match="resources folder"):
        resources()


def test_everything_of_a_profile_is_below_its_root(tmp_path: Path) -> None:
    places = Places(tmp_path)
    assert {places.store, places.logs, places.settings} == {
        tmp_path / "store",
        tmp_path / "logs",
        tmp_path / "settings.toml",
    }


def test_the_demo_is_apart_from_real_work() -> None:
    mine, demo = user_places().root, demo_places().root
    assert demo not in (mine, *mine.parents)
    assert mine not in (demo, *demo.parents)
