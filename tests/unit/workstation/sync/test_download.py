"""Downloads resume per instance and take nothing of another patient."""

from collections.abc import Callable, Iterator, Set
from dataclasses import replace
from pathlib import Path

import pytest

from tests.kit.platform import FakePlatform, a_case, a_study
from tests.kit.vault import open_database
from viewer.errors import NotDicom
from workstation.errors import (
    BadAnswer,
    Cancelled,
    DiskFull,
    Refused,
    Unreachable,
    UserFacingError,
)
from workstation.model.case import Block, StudyOnPlatform
from workstation.platform.client import InstanceBlob
from workstation.store.cases import CaseStore, Readiness
from workstation.sync.download import Download, DownloadProgress


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CaseStore]:
    database = open_database(tmp_path / "lightbox.db")
    yield CaseStore(tmp_path / "instances", database)
    database.close()


def _identify(data: bytes) -> tuple[str, str, str, str]:
    if not data.startswith(b"OK "):
        raise NotDicom("The bytes are not DICOM.")
    study, series, sop, patient = data.decode().split()[1:5]
    return study, series, sop, patient


def _blob(study: str, sop: str, patient: str = "4711") -> tuple[str, InstanceBlob]:
    return f"{study}.1", InstanceBlob(sop, f"OK {study} {study}.1 {sop} {patient}".encode())


def _never() -> bool:
    return False


def test_everything_arrives_with_progress(store: CaseStore) -> None:
    case = a_case(study=a_study("1.2"), priors=(a_study("3.4"),))
    platform = FakePlatform(
        instances={
            "1.2": [_blob("1.2", f"1.2.1.{n}") for n in range(5)],
            "3.4": [_blob("3.4", "9")],
        }
    )
    told: list[DownloadProgress] = []
    ticks = iter(range(1000))
    download = Download(platform, store, identify=_identify, monotonic=lambda: float(next(ticks)))
    assert download.run(case, told.append, _never) == ()
    assert store.readiness("1.2") == Readiness(5, 5)
    assert store.readiness("3.4") == Readiness(1, 1)
    assert told[-1].held == told[-1].expected == 6
    assert told[-1].seconds_left == 0
    assert all(t.bytes_per_second >= 0 for t in told)


def test_a_cut_download_goes_on_where_it_was(store: CaseStore) -> None:
    case = a_case(study=a_study("1.2"))
    platform = FakePlatform(
        instances={"1.2": [_blob("1.2", f"1.2.1.{n}") for n in range(6)]}, cut_after=4
    )
    download = Download(platform, store, identify=_identify)
    with pytest.raises(Unreachable):
        download.run(case, lambda _: None, _never)
    assert store.readiness("1.2") == Readiness(4, 6)
    platform.cut_after = None
    assert download.run(case, lambda _: None, _never) == ()
    assert sorted(platform.sent) == sorted({f"1.2.1.{n}" for n in range(6)})


def test_stopping_keeps_what_arrived(store: CaseStore) -> None:
    case = a_case(study=a_study("1.2"))
    platform = FakePlatform(instances={"1.2": [_blob("1.2", f"1.2.1.{n}") for n in range(6)]})
    told: list[DownloadProgress] = []
    with pytest.raises(Cancelled):
        Download(platform, store, identify=_identify).run(case, told.append, lambda: len(told) >= 3)
    assert 1 <= store.readiness("1.2").held < 6


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"OK 1.2 1.2.1 1.2.1.0 4712", "another patient"),
        (b"OK 9.9 1.2.1 1.2.1.0 4711", "another study"),
        (b"OK 1.2 9.9.1 1.2.1.0 4711", "another study or series"),
        (b"OK 1.2 1.2.1 8.8 4711", "another study"),
        (b"<html>", "not DICOM"),
    ],
)
def test_what_is_not_of_this_case_is_not_taken(store: CaseStore, data: bytes, words: str) -> None:
    case = a_case(study=a_study("1.2"))
    platform = FakePlatform(
        instances={"1.2": [("1.2.1", InstanceBlob("1.2.1.0", data)), _blob("1.2", "1.2.1.1")]}
    )
    problems = Download(platform, store, identify=_identify).run(case, lambda _: None, _never)
    assert len(problems) == 1
    assert words in problems[0].why
    assert (problems[0].sop, problems[0].study) == ("1.2.1.0", "1.2")
    assert store.held("1.2") == {"1.2.1.1"}


def test_a_blocked_case_is_not_asked_for(store: CaseStore) -> None:
    case = replace(a_case(), blocks=(Block(stops_download=True, why="Consent has expired."),))
    platform = FakePlatform()
    with pytest.raises(UserFacingError, match="Consent has expired"):
        Download(platform, store, identify=_identify).run(case, lambda _: None, _never)
    assert platform.sent == []


@pytest.mark.parametrize("fault", [Refused("It is not there.", status=404), BadAnswer("Odd.")])
def test_a_prior_that_is_not_given_keeps_nothing_else_away(
    store: CaseStore, fault: Exception
) -> None:
    case = a_case(study=a_study("1.2"), priors=(a_study("3.4"), a_study("5.6")))
    platform = FakePlatform(
        instances={u: [_blob(u, f"{u}.1.0")] for u in ("1.2", "3.4", "5.6")}, faults=[None, fault]
    )
    problems = Download(platform, store, identify=_identify).run(case, lambda _: None, _never)
    assert len(problems) == 1
    assert problems[0].what == "Prior CT chest of 2026-11-24"
    assert problems[0].why.startswith("It was not fetched: ")
    assert [store.readiness(u).held for u in ("1.2", "3.4", "5.6")] == [1, 0, 1]


@pytest.mark.parametrize("faults", [[Refused("No.")], [None, Unreachable("Away.")]])
def test_the_study_itself_and_a_lost_network_end_the_download(
    store: CaseStore, faults: list[Exception | None]
) -> None:
    case = a_case(study=a_study("1.2"), priors=(a_study("3.4"),))
    platform = FakePlatform(faults=faults)
    with pytest.raises((Refused, Unreachable)):
        Download(platform, store, identify=_identify).run(case, lambda _: None, _never)


def test_an_image_that_is_never_given_keeps_neither_the_others_nor_the_priors_away(
    store: CaseStore,
) -> None:
    case = a_case(study=a_study("1.2"), priors=(a_study("3.4"),))

    class Holey(FakePlatform):
        def fetch_instances(
            self, study: StudyOnPlatform, *, have: Set[str], stop: Callable[[], bool]
        ) -> Iterator[InstanceBlob]:
            yield from super().fetch_instances(study, have=have, stop=stop)
            if study.identity.uid == "1.2":
                raise BadAnswer("1 of 3 images could not be fetched.")

    platform = Holey(
        instances={
            "1.2": [_blob("1.2", f"1.2.1.{n}") for n in range(2)],
            "3.4": [_blob("3.4", "9")],
        }
    )
    (problem,) = Download(platform, store, identify=_identify).run(case, lambda _: None, _never)
    assert problem.why == "Not all of it was fetched: 1 of 3 images could not be fetched."
    assert problem.study == "1.2"
    assert store.readiness("3.4").held == 1


def test_images_that_do_not_come_are_counted(store: CaseStore) -> None:
    case = a_case(study=a_study("1.2"))

    class Short(FakePlatform):
        def fetch_instances(
            self, study: StudyOnPlatform, *, have: Set[str], stop: Callable[[], bool]
        ) -> Iterator[InstanceBlob]:
            yield from list(super().fetch_instances(study, have=have, stop=stop))[:1]

    platform = Short(instances={"1.2": [_blob("1.2", f"1.2.1.{n}") for n in range(3)]})
    problems = Download(platform, store, identify=_identify).run(case, lambda _: None, _never)
    assert [p.sentence for p in problems] == [
        "Study CT chest: 2 of 3 images did not arrive; open the case again to fetch them."
    ]


def test_an_image_that_changed_on_the_platform_is_told(store: CaseStore) -> None:
    case = a_case(study=a_study("1.2"))
    platform = FakePlatform(instances={"1.2": [_blob("1.2", "1.2.1.0")]})
    store.put("1.2", "1.2.1", "1.2.1.0", b"OK 1.2 1.2.1 1.2.1.0 4711 before")

    class Forgetful(FakePlatform):
        def fetch_instances(
            self, study: StudyOnPlatform, *, have: Set[str], stop: Callable[[], bool]
        ) -> Iterator[InstanceBlob]:
            yield from super().fetch_instances(study, have=frozenset(), stop=stop)

    again = Forgetful(instances={"1.2": [*platform.instances["1.2"], _blob("1.2", "1.2.1.1")]})
    problems = Download(again, store, identify=_identify).run(case, lambda _: None, _never)
    assert [p.why for p in problems] == [
        "Image 1.2.1.0 arrived again with other content; the first is kept."
    ]
    assert store.held("1.2") == {"1.2.1.0", "1.2.1.1"}


def test_the_data_set_names_the_object_whatever_the_file_says(store: CaseStore) -> None:
    case = a_case(study=a_study("1.2"))
    (_, first), (_, second) = _blob("1.2", "1.2.1.0"), _blob("1.2", "1.2.1.1")
    misnamed = InstanceBlob("1.2.1.0", second.data)

    class Mistaken(FakePlatform):
        """Gives the second object under the name of the first, which so is not sent at once."""

        def instance_uids(self, study: StudyOnPlatform) -> tuple[tuple[str, str], ...]:
            return (("1.2.1", "1.2.1.0"), ("1.2.1", "1.2.1.1"))

        def fetch_instances(
            self, study: StudyOnPlatform, *, have: Set[str], stop: Callable[[], bool]
        ) -> Iterator[InstanceBlob]:
            yield first if "1.2.1.1" in have else misnamed

    problems = Download(Mistaken(), store, identify=_identify).run(case, lambda _: None, _never)
    assert problems == ()
    assert store.held("1.2") == {"1.2.1.0", "1.2.1.1"}


def test_a_full_disk_ends_the_download(store: CaseStore, monkeypatch: pytest.MonkeyPatch) -> None:
    case = a_case(study=a_study("1.2"))
    platform = FakePlatform(instances={"1.2": [_blob("1.2", f"1.2.1.{n}") for n in range(3)]})

    def full(*_: object) -> None:
        raise DiskFull("The disk is full.")

    monkeypatch.setattr(store, "put_all", full)
    with pytest.raises(DiskFull):
        Download(platform, store, identify=_identify).run(case, lambda _: None, _never)
    assert platform.sent == ["1.2.1.0"]
