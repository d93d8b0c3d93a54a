"""What was read of a header comes back whole, and only to the code that read it."""

import os
from pathlib import Path

import pytest

from tests.kit import dicom_files
from viewer.loading import records
from viewer.loading.folder import FolderSource
from viewer.loading.headers import HeaderRead, read_header


def _reads(paths: list[Path]) -> list[HeaderRead]:
    source = FolderSource()
    scan = source.scan(paths)
    found = []
    for study in scan.studies:
        for sop in source.sops(study.uid):
            with source.open(sop) as data:
                found.append(read_header(data, name=str(sop)))
    return found


def _same(reads: list[HeaderRead]) -> None:
    again = records.unpack(records.pack(reads))
    assert again == reads
    assert repr(again) == repr(reads)


def test_made_headers_come_back(tmp_path: Path) -> None:
    for number in range(1, 5):
        (tmp_path / str(number)).write_bytes(dicom_files.file(number))
    reads = _reads([tmp_path])
    assert len(reads) == 4
    _same(reads)


@pytest.mark.parametrize(
    "folder", ["enhanced", "petct-acrin-nsclc-042", "lut-overlay-shutter", "us", "geometry"]
)
def test_real_headers_come_back(shared_dicom: Path, folder: str) -> None:
    reads = _reads([shared_dicom / folder])
    assert reads
    _same(reads)


def test_edited_code_reads_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("loading", "model", "calibration"):
        (tmp_path / folder).mkdir()
    code = tmp_path / "model" / "study.py"
    code.write_text("A = 1")
    monkeypatch.setattr(records, "__file__", str(tmp_path / "loading" / "records.py"))
    forms = [records.record_form.__wrapped__()]
    os.utime(code, ns=(1, 1))
    forms.append(records.record_form.__wrapped__())
    code.write_text("A = 10")
    os.utime(code, ns=(1, 1))
    forms.append(records.record_form.__wrapped__())
    code.unlink()
    forms.append(records.record_form.__wrapped__())
    assert len(set(forms)) == 4
    assert records.record_form() == records.record_form()
