"""A medium is read by its DICOMDIR, else whole; a hostile directory names nothing outside it."""

from pathlib import Path

import pytest
from pydicom.config import disable_value_validation
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian, MediaStorageDirectoryStorage

from viewer.loading.media import DIRECTORY, file_ids, find_files


def _directory(folder: Path, *ids: tuple[str, ...], name: str = DIRECTORY) -> Path:
    ds = Dataset()
    records = []
    for one in ids:
        record = Dataset()
        record.RecordInUseFlag = 0xFFFF
        record.DirectoryRecordType = "IMAGE"
        with disable_value_validation():
            record.add_new(0x00041500, "CS", list(one))
        records.append(record)
    ds.FileSetID = ""
    ds.DirectoryRecordSequence = Sequence(records)
    ds.file_meta = FileMetaDataset()
    ds.file_meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    ds.file_meta.MediaStorageSOPInstanceUID = UID("1.2.3")
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file = folder / name
    with disable_value_validation():
        ds.save_as(file, enforce_file_format=True)
    return file


def _put(folder: Path, *names: str) -> None:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(name.encode())


def _names(folder: Path, files: tuple[Path, ...]) -> list[str]:
    return [str(file.relative_to(folder)) for file in files]


def test_the_directory_says_which_files_and_in_which_order(tmp_path: Path) -> None:
    _put(tmp_path, "A/IM2", "A/IM1", "VIEWER/SETUP.EXE")
    _directory(tmp_path, ("A", "IM2"), ("A", "IM1"))
    for chosen in (tmp_path, tmp_path / DIRECTORY):
        medium = find_files([chosen])
        assert _names(tmp_path, medium.files) == ["A/IM2", "A/IM1"]
        assert medium.by_directory
        assert not medium.rejected


@pytest.mark.parametrize("written", ["a/im1", "A/IM1.;1", "A/IM1;1"])
def test_names_are_found_as_a_disk_writes_them(tmp_path: Path, written: str) -> None:
    _put(tmp_path, written)
    _directory(tmp_path, ("A", "IM1"), name="dicomdir")
    assert _names(tmp_path, find_files([tmp_path]).files) == [written]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    _put(tmp_path, "A/IM1")
    _directory(tmp_path, ("A", "IM1"), ("A", "IM9"))
    medium = find_files([tmp_path])
    assert len(medium.files) == 1
    (told,) = medium.rejected
    assert told.file.name == "IM9"
    assert "not on the medium" in told.reason


@pytest.mark.parametrize(
    "hostile",
    [("..", "secret"), ("", "secret"), ("A", "..", "..", "secret"), ("/etc", "passwd"),
     ("LINK", "secret"), ("LINKED",), ("A",) * 20, ("A\0B",)],
)  # fmt: skip
def test_no_file_outside_the_medium_is_named(tmp_path: Path, hostile: tuple[str, ...]) -> None:
    _put(tmp_path, "secret", "medium/A/IM1")
    medium = tmp_path / "medium"
    (medium / "LINK").symlink_to(tmp_path)
    (medium / "LINKED").symlink_to(tmp_path / "secret")
    _directory(medium, ("A", "IM1"), hostile)
    assert _names(medium, find_files([medium]).files) == ["A/IM1"]


@pytest.mark.parametrize("content", [b"", b"no directory", b"\0" * 200])
def test_where_the_directory_is_damaged_the_folder_is_read_whole(
    tmp_path: Path, content: bytes
) -> None:
    _put(tmp_path, "B/2", "A/1")
    (tmp_path / DIRECTORY).write_bytes(content)
    medium = find_files([tmp_path])
    assert _names(tmp_path, medium.files) == ["A/1", "B/2"]
    assert not medium.by_directory


def test_a_directory_of_nothing_that_is_there_leaves_the_folder(tmp_path: Path) -> None:
    _put(tmp_path, "A/1")
    _directory(tmp_path, ("X", "Y"))
    medium = find_files([tmp_path])
    assert _names(tmp_path, medium.files) == ["A/1"]
    assert len(medium.rejected) == 1


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b", "nowhere/at/all"])
def test_a_path_that_cannot_be_is_left_to_whoever_opens_it(tmp_path: Path, name: str) -> None:
    medium = find_files([tmp_path / name])
    assert medium.files == (tmp_path / name,)


def test_single_files_are_taken_as_they_are_and_a_huge_folder_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _put(tmp_path, *(f"{n:02}" for n in range(12)))
    assert len(find_files([tmp_path / "03", tmp_path / "03"]).files) == 1
    monkeypatch.setattr("viewer.loading.media.MOST_FILES", 5)
    medium = find_files([tmp_path])
    assert len(medium.files) == 5
    assert "first 5 files" in medium.rejected[0].reason
    assert not find_files([tmp_path], lambda: True).files


def test_real_directories(shared_dicom: Path) -> None:
    folder = shared_dicom / "dicomdir"
    names = ("DICOMDIR", "DICOMDIR-implicit", "DICOMDIR-bigEnd", "DICOMDIR-reordered")
    counts = {name: len(file_ids(folder / name)) for name in names}
    assert set(counts.values()) == {31}
    medium = find_files([folder])
    assert medium.by_directory
    assert len(medium.files) == 31
