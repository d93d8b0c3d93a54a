"""``lightbox verify``: what it says and how it ends."""

import argparse
import json
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.kit.identities import Recipe, authority, identity, reader
from tests.kit.signed_forms import NOW, blank_pdf, signed
from workstation.cli import verify


def run(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    verify.add_arguments(parser)
    return verify.run(parser.parse_args([str(a) for a in arguments]))


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.pdf"
    path.write_bytes(signed().pdf)
    return path


def test_valid(report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(report, "--trust", reader().trust(tmp_path)) == 0
    told = capsys.readouterr().out
    assert told.startswith("VALID: PDF (PAdES)\n")
    for words in ("Dr Keiko Ito", "Test Signing Authority", "2026-11-24T12:01:07+09:00"):
        assert words in told
    assert "  signer     trusted\n" in told


def test_without_roots_it_says_so(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(report) == 0
    assert "untrusted: no root certificate was given" in capsys.readouterr().out


def test_an_unknown_signer_is_not_valid(
    report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(authority("Somebody Else").certificate.public_bytes(Encoding.PEM))
    assert run(report, "--trust", other) == 1
    assert "NOT VALID" in capsys.readouterr().out
    assert run(report, "--trust", other, "--trust", reader().trust(tmp_path)) == 0


def test_json(report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(report, "--json", "--trust", reader().trust(tmp_path)) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["file"], told["valid"]) == ("report.pdf", True)
    (found,) = told["signatures"]
    assert found["signer"]["common_name"] == "Dr Keiko Ito"
    assert datetime.fromisoformat(found["signed_at"]) == NOW
    assert (found["intact"], found["trust"], found["valid"]) == (True, "trusted", True)


def test_changed(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report.write_bytes(signed().pdf.replace(b"(Report)", b"(Retort)"))
    assert run(report) == 1
    assert "changed after it was signed" in capsys.readouterr().out
    report.write_bytes(signed().pdf[:-200])
    assert run(report) == 1
    assert "signed by" not in capsys.readouterr().out
    assert run(report, "--json") == 1
    assert json.loads(capsys.readouterr().out)["signatures"][0]["signer"] is None


def test_nothing_to_verify(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report.write_bytes(blank_pdf())
    assert run(report) == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "lightbox: report.pdf carries no signature.\n")
    assert run(report, "--json") == 2
    told = json.loads(capsys.readouterr().out)
    assert (told["valid"], told["signatures"]) == (False, [])
    assert told["reason"] == "report.pdf carries no signature."


def test_files_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "none.pdf") == 2
    assert (
        capsys.readouterr().err == "lightbox: none.pdf cannot be read: No such file or directory.\n"
    )
    assert run(tmp_path, "--trust", tmp_path / "none.pem") == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_name_cannot_steer_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = identity(Recipe(common_name="Dr \x1b[2JEvil\nVALID"))
    path = tmp_path / "report.pdf"
    signer = evil.signer()
    path.write_bytes(signer.sign_pdf(blank_pdf(), reason="", location="", signed_at=NOW))
    assert run(path) == 0
    told = capsys.readouterr().out
    assert "\x1b" not in told
    assert "signed by  Dr [2JEvilVALID\n" in told
