"""A second opinion on the report PDF: poppler reads the same words, all fonts are inside."""

import shutil
import subprocess
from pathlib import Path

import pytest

from reporting.export.pdf import render_pdf
from tests.kit.reporting import NOW, RESOURCES, context, draft, signer_identity


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    made = draft("An {{m:m1}} nodule, first finding.\nOffice \u202e.", "Right upper lobe nodule.")
    path = tmp_path / "report.pdf"
    path.write_bytes(
        render_pdf(made, context(), resources=RESOURCES, signed_at=NOW, signer=signer_identity())
    )
    return path


def poppler(tool: str, *arguments: str) -> str:
    program = shutil.which(tool)
    if program is None:
        pytest.skip(f"{tool} is not on this machine")
    done = subprocess.run([program, *arguments], capture_output=True, check=True, timeout=10)
    return done.stdout.decode("utf-8")


def test_pdftotext_reads_the_words(pdf: Path) -> None:
    text = poppler("pdftotext", "-layout", str(pdf), "-")
    for words in (
        "DOE, JANE",
        "A-123",
        "An 8.0 mm nodule, first finding.",
        "Office [U+202E].",
        "Right upper lobe nodule.",
        "Page 1 of 1",
    ):
        assert words in text


def test_every_font_is_embedded(pdf: Path) -> None:
    rows = poppler("pdffonts", str(pdf)).splitlines()[2:]
    assert rows
    for row in rows:
        assert row.split()[-5:-2] == ["yes", "yes", "yes"], row  # embedded, subset, to Unicode


def test_pdfinfo_sees_a_tagged_file_without_script_or_form(pdf: Path) -> None:
    info = dict(
        line.split(":", 1) for line in poppler("pdfinfo", str(pdf)).splitlines() if ":" in line
    )
    wanted = {"Tagged": "yes", "JavaScript": "no", "Form": "none", "Encrypted": "no"}
    assert {key: info[key].strip() for key in wanted} == wanted
