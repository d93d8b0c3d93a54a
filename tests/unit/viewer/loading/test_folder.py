"""Files and folders: what is read, and why the rest is not."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit import dicom_files
from viewer.errors import MissingInstance
from viewer.loading.folder import FolderSource
from viewer.model.refs import SopUid


def _write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def test_folders_are_read_deeply_and_every_other_file_has_a_reason(tmp_path: Path) -> None:
    folder = _write(tmp_path, {
        "a/1.dcm": dicom_files.file(1), "a/b/2": dicom_files.file(2), "notes.txt": b"hello",
        "empty.dcm": b"", "wide.dcm": dicom_files.file(3, Rows=65535, Columns=65535),
        "DICOMDIR": dicom_files.file(4, SOPClassUID="1.2.840.10008.1.3.10"),
    })  # fmt: skip
    source = FolderSource()
    scan = source.scan([folder])
    (study,) = scan.studies
    assert [i.number for i in study.series[0].instances] == [1, 2]
    reasons = {r.file.name: r.reason for r in scan.rejected}
    assert reasons["notes.txt"] == "The file is not a DICOM file."
    assert reasons["empty.dcm"] == "The file is empty."
    assert "4294836225 pixels" in reasons["wide.dcm"]
    assert "directory file" in reasons["DICOMDIR"]
    assert source.sops(study.uid) == ("1.2.826.0.1.1.1", "1.2.826.0.1.1.2")
    with source.open(SopUid("1.2.826.0.1.1.2")) as data:
        assert data.read() == dicom_files.file(2)


def test_equal_files_are_kept_once_and_unequal_ones_reported(tmp_path: Path) -> None:
    folder = _write(tmp_path, {
        "a": dicom_files.file(1), "b": dicom_files.file(1), "c": dicom_files.file(1, KVP="80"),
    })  # fmt: skip
    scan = FolderSource().scan([folder])
    assert len(scan.studies[0].series[0].instances) == 1
    assert [(r.file.name, r.reason) for r in scan.rejected] == [
        ("c", "It has the SOP Instance UID of a, but other content.")
    ]


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    scan = FolderSource().scan([tmp_path, tmp_path / "absent"])
    assert [r.reason for r in scan.rejected] == [
        "It is not a regular file.",
        "The file cannot be read: No such file or directory.",
    ]


def test_scanning_more_keeps_what_was_found(tmp_path: Path) -> None:
    _write(tmp_path, {"a/1": dicom_files.file(1), "b/2": dicom_files.file(2, series="2")})
    source = FolderSource()
    source.scan([tmp_path / "a"])
    scan = source.scan([tmp_path / "b"])
    assert [s.number for s in scan.studies[0].series] == [1, 2]


def test_a_file_that_went_away_is_missing(tmp_path: Path) -> None:
    _write(tmp_path, {"1": dicom_files.file(1)})
    source = FolderSource()
    source.scan([tmp_path / "1"])
    (tmp_path / "1").unlink()
    for sop in ("1.2.826.0.1.1.1", "9.9"):
        with pytest.raises(MissingInstance):
            source.open(SopUid(sop))


def test_a_link_to_a_folder_is_not_entered_and_told(tmp_path: Path) -> None:
    _write(tmp_path, {"elsewhere/1.dcm": dicom_files.file(1), "here/2.dcm": dicom_files.file(2)})
    (tmp_path / "here" / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "here" / "round").symlink_to(tmp_path / "here")
    scan = FolderSource().scan([tmp_path / "here"])
    assert [i.number for s in scan.studies for i in s.series[0].instances] == [2]
    assert [(r.file.name, r.reason) for r in scan.rejected] == [
        ("link", "Links to folders are not followed."),
        ("round", "Links to folders are not followed."),
    ]


def test_a_folder_that_may_not_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tmp_path, {"a/1.dcm": dicom_files.file(1), "b/2.dcm": dicom_files.file(2)})
    entered = os.scandir

    def refusing(path: str) -> Iterator[os.DirEntry[str]]:
        if str(path).endswith("a"):
            raise PermissionError(13, "Permission denied", str(path))
        return entered(path)

    monkeypatch.setattr(os, "scandir", refusing)
    scan = FolderSource().scan([tmp_path])
    assert [i.number for s in scan.studies for i in s.series[0].instances] == [2]
    assert [(r.file.name, r.reason) for r in scan.rejected] == [
        ("a", "The folder cannot be read: Permission denied.")
    ]
