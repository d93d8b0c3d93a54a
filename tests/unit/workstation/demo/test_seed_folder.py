"""Cases from a folder: one per study, earlier studies as priors, the others named with a reason."""

import os
from pathlib import Path
from typing import Any

import pydicom
import pytest

from tests.kit.seeded import NOW, write_file
from workstation.demo.seed_folder import FolderScan, scan_folder


def _scan(folder: Path) -> FolderScan:
    return scan_folder(folder, NOW)


def _resource(scan: FolderScan, case: int, kind: str) -> dict[str, Any]:
    return next(r for r in scan.cases[case].resources() if r["resourceType"] == kind)


def test_each_study_is_a_case_and_the_newest_has_the_earlier_ones_as_priors(
    tmp_path: Path,
) -> None:
    write_file(tmp_path / "a" / "1", "1.2.1", StudyDate="20240101")
    write_file(tmp_path / "b" / "2", "1.2.2", StudyDate="20260101")
    write_file(tmp_path / "3", "1.2.3", StudyDate="20250101")
    plans = [c.plan for c in _scan(tmp_path).cases]
    assert [p.study.uid for p in plans] == ["1.2.2", "1.2.3", "1.2.1"]
    assert [[q.study.uid for q in p.priors] for p in plans] == [["1.2.3", "1.2.1"], ["1.2.1"], []]


def test_patients_with_different_ids_share_no_priors(tmp_path: Path) -> None:
    write_file(tmp_path / "1", "1.2.1")
    write_file(tmp_path / "2", "1.2.2", PatientID="P-2")
    assert all(not c.plan.priors for c in _scan(tmp_path).cases)


def test_without_an_id_only_name_and_birth_date_together_make_one_patient(tmp_path: Path) -> None:
    write_file(tmp_path / "1", "1.2.1", PatientID="")
    write_file(tmp_path / "2", "1.2.2", PatientID="")
    assert [len(c.plan.priors) for c in _scan(tmp_path).cases] == [0, 0]
    for name in ("1", "2"):
        write_file(tmp_path / name, f"1.2.{name}", PatientID="", PatientBirthDate="19700101")
    assert sorted(len(c.plan.priors) for c in _scan(tmp_path).cases) == [0, 1]


def test_unusable_files_are_left_out_with_a_reason(tmp_path: Path) -> None:
    write_file(tmp_path / "good", "1.2.1")
    write_file(tmp_path / "no study", "1.2.9", StudyInstanceUID=None)
    write_file(tmp_path / "bad uid", "1.2.9", StudyInstanceUID=None, SeriesInstanceUID="")
    (tmp_path / "text").write_text("no DICOM")
    (tmp_path / "empty").touch()
    (tmp_path / "cut").write_bytes((tmp_path / "good").read_bytes()[:180])
    scan = _scan(tmp_path)
    assert len(scan.cases) == 1
    assert scan.names == {"1.2.1.1.1": "good"}
    assert {f.name: f.reason for f in scan.left_out} == {
        "bad uid": "It does not say its Study Instance UID.",
        "cut": "It does not say its SOP Class UID.",
        "empty": "It is not a DICOM file.",
        "no study": "It does not say its Study Instance UID.",
        "text": "It is not a DICOM file.",
    }


def test_another_object_under_the_same_uid_is_left_out_and_an_equal_one_silently(
    tmp_path: Path,
) -> None:
    write_file(tmp_path / "1", "1.2.1")
    write_file(tmp_path / "2 equal", "1.2.1")
    write_file(tmp_path / "sub" / "3\u202e other\n", "1.2.1", Modality="MR")
    (left,) = _scan(tmp_path).left_out
    assert left.name == "sub/3\\u202e other\\u000a"
    assert left.reason == "It has the SOP Instance UID of 1, but other content."


@pytest.mark.parametrize("implicit", [True, False])
def test_a_file_that_begins_with_its_data_set_is_served_as_part_10(
    tmp_path: Path, *, implicit: bool
) -> None:
    whole = pydicom.dcmread(write_file(tmp_path / "whole", "1.2.1"))
    (tmp_path / "data").mkdir()
    whole.preamble = None
    whole.file_meta = pydicom.dataset.FileMetaDataset()
    whole.save_as(
        tmp_path / "data" / "bare",
        implicit_vr=implicit,
        little_endian=True,
        enforce_file_format=False,
    )
    assert (tmp_path / "data" / "bare").read_bytes()[:2] == b"\x08\x00"
    case = _scan(tmp_path / "data").cases[0]
    case.make_images(tmp_path / "images", lambda *_: None)
    made = pydicom.dcmread(tmp_path / "images" / "f1-1" / "study-f1-1" / "001" / "0001.dcm")
    assert made.file_meta.TransferSyntaxUID.is_implicit_VR is implicit
    assert made.PatientID == "P-1"


def test_a_pipe_in_the_folder_stops_nothing(tmp_path: Path) -> None:
    write_file(tmp_path / "good", "1.2.1")
    os.mkfifo(tmp_path / "pipe")
    assert _scan(tmp_path).left_out[0].reason == "It is not a regular file."


def test_pydicoms_own_broken_files_stop_nothing() -> None:
    scan = _scan(Path(pydicom.__file__).parent / "data" / "test_files")
    assert len(scan.cases) > 10
    assert len(scan.left_out) > 5
    assert all(f.reason.endswith(".") for f in scan.left_out)


def test_a_second_copy_of_an_object_counts_once(tmp_path: Path) -> None:
    write_file(tmp_path / "1", "1.2.1")
    write_file(tmp_path / "again", "1.2.1")
    assert _scan(tmp_path).cases[0].plan.study.instances == 1


def test_objects_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for index in (10, 2, 1):
        write_file(tmp_path / f"{index}", "1.2.1", index)
    instances = _scan(tmp_path).cases[0].plan.study.series[0].instances
    assert [i.uid for i in instances] == ["1.2.1.1.1", "1.2.1.1.2", "1.2.1.1.10"]


def test_identities_come_from_the_files(tmp_path: Path) -> None:
    write_file(
        tmp_path / "1",
        "1.2.1",
        PatientName="Probe^Paula Maria",
        PatientSex="F",
        PatientBirthDate="19700203",
        AccessionNumber="A7",
        StudyDescription="Thorax",
    )
    scan = _scan(tmp_path)
    patient = _resource(scan, 0, "Patient")
    assert patient["name"] == [{"family": "Probe", "given": ["Paula Maria"]}]
    assert (patient["gender"], patient["birthDate"]) == ("female", "1970-02-03")
    assert patient["identifier"][0]["value"] == "P-1"
    assert _resource(scan, 0, "ServiceRequest")["identifier"][0]["value"] == "A7"
    assert _resource(scan, 0, "ImagingStudy")["description"] == "Thorax"


def test_empty_identities_have_a_stand_in(tmp_path: Path) -> None:
    write_file(
        tmp_path / "1",
        "1.2.1",
        PatientName="",
        PatientID="",
        StudyDate="",
        StudyTime="",
        Modality="",
    )
    scan = _scan(tmp_path)
    patient = _resource(scan, 0, "Patient")
    assert patient["name"][0]["family"] == "Unknown"
    assert patient["identifier"][0]["value"] == "UNKNOWN-1"
    assert "birthDate" not in patient
    assert _resource(scan, 0, "ImagingStudy")["description"] == "OT"


@pytest.mark.parametrize("date", ["20260230", "17010101"])
def test_an_impossible_date_is_no_date(tmp_path: Path, date: str) -> None:
    write_file(tmp_path / "1", "1.2.1", StudyDate=date)
    scan = _scan(tmp_path)
    assert scan.cases[0].plan.study.started is None
    assert "started" not in _resource(scan, 0, "ImagingStudy")


def test_files_are_linked_unchanged(tmp_path: Path) -> None:
    file = write_file(tmp_path / "data" / "1", "1.2.1")
    case = _scan(tmp_path / "data").cases[0]
    case.make_images(tmp_path / "images", lambda *_: None)
    made = tmp_path / "images" / "f1-1" / "study-f1-1" / "001" / "0001.dcm"
    assert made.read_bytes() == file.read_bytes()
    assert made.stat().st_ino == file.stat().st_ino


def test_where_links_are_refused_files_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: Path, target: Path) -> None:
        raise OSError("invalid cross-device link")

    file = write_file(tmp_path / "data" / "1", "1.2.1")
    monkeypatch.setattr(os, "link", refuse)
    _scan(tmp_path / "data").cases[0].make_images(tmp_path / "images", lambda *_: None)
    made = tmp_path / "images" / "f1-1" / "study-f1-1" / "001" / "0001.dcm"
    assert made.read_bytes() == file.read_bytes()


def test_a_prior_with_its_own_case_is_brought_only_by_that_case(tmp_path: Path) -> None:
    write_file(tmp_path / "1", "1.2.1", StudyDate="20240101")
    write_file(tmp_path / "2", "1.2.2", StudyDate="20260101")
    newest, older = _scan(tmp_path).cases
    studies = [
        [r["id"] for r in case.resources() if r["resourceType"] == "ImagingStudy"]
        for case in (newest, older)
    ]
    assert studies == [["study-f1-2"], ["study-f1-1"]]
    task = next(r for r in newest.resources() if r["resourceType"] == "Task")
    assert "ImagingStudy/study-f1-1" in str(task["input"])
