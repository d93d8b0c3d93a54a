"""Kept headers are given only while their originals are the same, and cost no opening of files."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit import dicom_files, presentation_states
from tests.kit.vault import open_database
from viewer.loading.headers import read_header
from viewer.model.refs import SopUid, StudyUid
from viewer.model.split import load_rules
from workstation.paths import resources
from workstation.session.loading import StudyLoader
from workstation.store.cases import CaseStore
from workstation.store.decoded import DecodedStore, Room
from workstation.store.headers import KeptHeaders

STUDY = StudyUid("1.2.826.0.1")


class Place:
    """A case store with three slices, and what is kept beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = open_database(folder / "lightbox.db")
        self.cases = CaseStore(folder / "instances", self.database)
        self.decoded = DecodedStore(
            folder / "decoded", self.database, self.cases.digest, room=Room(spare=0)
        )
        self.headers = KeptHeaders(self.decoded, self.cases.digests)
        for number in range(1, 4):
            self.put(dicom_files.file(number))

    def put(self, data: bytes) -> None:
        ref = read_header(io.BytesIO(data), name="x").instance.ref
        self.cases.put(ref.study, ref.series, ref.sop, data)

    def loader(self) -> StudyLoader:
        return StudyLoader(self.cases, load_rules(resources() / "splitting.toml"), self.headers)

    def originals(self) -> list[Path]:
        return sorted((self.folder / "instances").iterdir())


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    place.decoded.close()
    place.database.close()


def test_the_second_opening_reads_no_original(place: Place) -> None:
    first = place.loader().load(STUDY)
    for file in place.originals():
        file.write_bytes(b"gone")
    again = place.loader().load(STUDY)
    assert again is not None
    assert again == first


def test_what_came_later_is_read_and_kept_too(place: Place) -> None:
    place.loader().load(STUDY)
    place.put(dicom_files.file(4))
    loaded = place.loader().load(STUDY)
    assert loaded is not None
    assert sum(len(s.instances) for s in loaded.study.series) == 4
    assert len(place.headers.of(STUDY)) == 4


def test_headers_of_another_original_are_not_given(place: Place) -> None:
    place.loader().load(STUDY)
    sop = place.cases.sops(STUDY)[0]
    with place.database.transaction() as change:
        change.write("UPDATE instance SET sha256 = 'other' WHERE sop = ?", (sop,))
    assert set(place.headers.of(STUDY)) == set(place.cases.sops(STUDY)) - {sop}


def test_damaged_headers_are_read_from_the_originals(place: Place) -> None:
    first = place.loader().load(STUDY)
    for file in (place.folder / "decoded").iterdir():
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
    assert place.headers.of(STUDY) == {}
    assert place.loader().load(STUDY) == first


def test_instances_that_are_not_held_are_not_kept(place: Place) -> None:
    read = read_header(io.BytesIO(dicom_files.file(9)), name="x")
    place.headers.keep(STUDY, {SopUid("9.9"): read})
    assert place.headers.of(STUDY) == {}


def test_code_that_reads_otherwise_reads_the_originals(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = place.loader().load(STUDY)
    monkeypatch.setattr("workstation.store.headers.record_form", lambda: "another")
    assert place.headers.of(STUDY) == {}
    assert place.loader().load(STUDY) == first
    assert len(place.headers.of(STUDY)) == 3


def test_a_record_that_makes_no_sense_is_not_given(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workstation.store.headers.pack", lambda _: b"nonsense")
    first = place.loader().load(STUDY)
    assert first is not None
    assert place.headers.of(STUDY) == {}
    assert place.loader().load(STUDY) == first


def test_a_presentation_state_is_read_from_its_original_each_time(place: Place) -> None:
    place.put(dicom_files.written(presentation_states.state()))
    first = place.loader().load(STUDY)
    assert len(place.headers.of(STUDY)) == 3
    assert place.loader().load(STUDY) == first
    assert first is not None
    assert [s.label for s in first.study.presentation_states] == ["STATE"]
