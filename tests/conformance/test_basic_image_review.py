"""Every line of the Basic Image Review page has a proof that exists, or says that there is none."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "conformance" / "basic-image-review.md"
_PROOF = re.compile(r"`(tests/[\w/.]+\.py)::(test_\w+)`")


def _lines() -> list[list[str]]:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]
    return [row for row in cells if not row[0].startswith("**")]


def _names() -> list[tuple[str, str]]:
    return sorted(set(_PROOF.findall(PAGE.read_text(encoding="utf-8"))))


@pytest.mark.parametrize(("file", "name"), _names(), ids=lambda part: part)
def test_a_named_proof_exists(file: str, name: str) -> None:
    source = (ROOT / file).read_text(encoding="utf-8")
    assert re.search(rf"^def {name}\(", source, re.MULTILINE)


def test_each_line_has_a_proof_or_says_not_yet() -> None:
    lines = _lines()
    assert len(lines) > 50
    unproven = [row[0] for row in lines if not _PROOF.search(row[2])]
    assert unproven == [row[0] for row in lines if row[1].startswith("not yet")]
