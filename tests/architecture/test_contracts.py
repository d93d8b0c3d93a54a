"""The import contracts hold, and each one is proven by a planted break that it reports."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("workstation", "reporting", "viewer")
LINTER = Path(sys.executable).with_name("lint-imports")

# contract id -> (module that is planted, its bad import)
PLANTS = {
    "packages": ("viewer/model/planted.py", "import reporting.model"),
    "viewer-model-only": ("reporting/model/planted.py", "import viewer.measure"),
    "viewer-layers": ("viewer/pixels/planted.py", "import viewer.render"),
    "reporting-layers": ("reporting/model/planted.py", "import reporting.drafts"),
    "workstation-layers": ("workstation/store/planted.py", "import workstation.platform"),
    "demo-apart": ("workstation/cli/planted.py", "import workstation.demo.seed"),
    "demo-imports-nothing": ("workstation/demo/planted.py", "import viewer.model"),
    "qt-in-qt": ("workstation/session/planted.py", "import PySide6.QtCore"),
    "requests-in-platform": ("workstation/sync/planted.py", "import requests"),
    "sqlcipher-in-store": ("workstation/sync/planted.py", "import sqlcipher3"),
    "starlette-in-demo": ("workstation/platform/planted.py", "import starlette"),
    "vtk-in-volume3d": ("viewer/qt/planted.py", "import vtkmodules.vtkCommonCore"),
    "pydicom-in-four-rooms": ("workstation/session/planted.py", "import pydicom"),
}


def _contracts() -> list[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return [contract["id"] for contract in settings["tool"]["importlinter"]["contracts"]]


def _lint(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(LINTER), "--no-cache", *arguments],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the product's packages that may be spoiled."""
    copy = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def test_every_contract_has_a_planted_break() -> None:
    assert sorted(PLANTS) == sorted(_contracts())


@pytest.mark.timeout(60)
def test_the_contracts_hold(tree: Path) -> None:
    result = _lint(tree)
    assert result.returncode == 0, result.stdout[-3000:]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("contract", sorted(PLANTS))
def test_a_planted_break_is_reported(tree: Path, contract: str) -> None:
    module, statement = PLANTS[contract]
    planted = tree / module
    planted.write_text(f'"""Planted."""\n\n{statement}\n', encoding="utf-8")
    try:
        result = _lint(tree, "--contract", contract)
    finally:
        planted.unlink()
    assert result.returncode == 1
    assert "BROKEN" in result.stdout
    assert "planted" in result.stdout
