"""Which check a file gets, and files that get none."""

from pathlib import Path

import pytest

from reporting.errors import NothingToVerify, ReportingError
from reporting.signing.verdict import Trust
from reporting.signing.verify import verify_file
from tests.kit.identities import authority, reader
from tests.kit.signed_forms import signed


@pytest.mark.parametrize(
    ("before", "which", "form"),
    [
        (b"", "pdf", "PDF (PAdES)"),
        (b"\n" + b" " * 40, "pdf", "PDF"),
        (b"", "sr", "DICOM object (PS3.15)"),
        (b"", "bundle", "FHIR report (JWS)"),
        (b"\xef\xbb\xbf \r\n\t", "bundle", "FHIR report (JWS)"),
    ],
)
def test_the_content_says_what_it_is(tmp_path: Path, before: bytes, which: str, form: str) -> None:
    content = getattr(signed(), which)
    path = tmp_path / "file.bin"
    path.write_bytes(before + (content.encode() if isinstance(content, str) else content))
    (verdict,) = verify_file(path)
    assert verdict.form.startswith(form)
    assert verdict.trust is Trust.UNCHECKED


def test_roots_make_it_trusted_or_not(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(signed().pdf)
    assert verify_file(path, trust=[reader().trust(tmp_path)])[0].trust is Trust.TRUSTED
    other = authority("Somebody Else").trust(tmp_path)
    verdict = verify_file(path, trust=[other])[0]
    assert verdict.intact
    assert not verdict.valid


@pytest.mark.parametrize("content", [b"", b"text", b"[]", bytes(200), b"\x89PNG"])
def test_other_files_have_nothing_to_verify(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(content)
    with pytest.raises(NothingToVerify, match=r"file\.bin is neither"):
        verify_file(path)


def test_a_huge_file_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "huge.pdf"
    with path.open("wb") as file:
        file.truncate((1 << 28) + 1)
    with pytest.raises(NothingToVerify, match="too large"):
        verify_file(path)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        verify_file(tmp_path / "none.pdf")
    with pytest.raises(ReportingError, match="none"):
        verify_file(tmp_path / "none.pdf", trust=[tmp_path / "none.pem"])
