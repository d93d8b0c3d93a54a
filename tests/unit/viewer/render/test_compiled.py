"""Loops are compiled beside the program, and only where that is due."""

import os
from pathlib import Path

import pytest

from viewer.render import compiled, rotation_kernels


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which compiled loops are looked for."""
    monkeypatch.setattr(rotation_kernels, "kept_at", lambda: str(tmp_path))
    return tmp_path


def test_nothing_kept_is_not_compiled(kept: Path) -> None:
    assert not compiled.are_compiled()


def test_what_is_newer_than_its_source_is_compiled_and_starts_no_process(kept: Path) -> None:
    (kept / "rotation_kernels._project-1.py311.nbi").touch()
    assert compiled.are_compiled()
    compiled.compile_aside(lambda: pytest.fail("a process was started"))


def test_what_is_older_than_a_source_is_compiled_anew(kept: Path) -> None:
    old = kept / "rotation_kernels._project-1.py311.nbi"
    old.touch()
    os.utime(old, (1, 1))
    assert not compiled.are_compiled()


def test_numba_keeps_loops_where_they_are_looked_for() -> None:
    rotation_kernels.warm_up()
    assert list(Path(rotation_kernels.kept_at()).glob("rotation_kernels.*.nbi"))


def test_the_process_is_ended_when_nobody_waits_any_more(kept: Path) -> None:
    answers = iter([False, True])
    compiled.compile_aside(lambda: next(answers))
    assert next(answers, None) is None
