"""Cases from any folder of DICOM: one per study, the patient's earlier studies as its priors."""

import os
import re
import shutil
import struct
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pydicom
from pydicom.errors import InvalidDicomError
from pydicom.valuerep import PersonName

from workstation.demo.seed_case import PlannedCase
from workstation.demo.seed_plan import (
    CasePlan,
    InstancePlan,
    PatientPlan,
    PriorPlan,
    SeriesPlan,
    StudyPlan,
)

_WANTED = [
    "SpecificCharacterSet",
    "SOPClassUID",
    "SOPInstanceUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "StudyDate",
    "StudyTime",
    "StudyDescription",
    "AccessionNumber",
    "SeriesNumber",
    "SeriesDescription",
    "InstanceNumber",
    "Modality",
    "BodyPartExamined",
    "PatientID",
    "IssuerOfPatientID",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
]
_UID = re.compile(r"[0-9][0-9.]{0,63}")
_CODE = re.compile(r"[A-Z0-9_]{1,16}")
_DIRECTORY = "1.2.840.10008.1.3.10"
_UNREADABLE = (
    InvalidDicomError,
    OSError,
    EOFError,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
    NotImplementedError,
    RecursionError,
    OverflowError,
    MemoryError,
    struct.error,
)


@dataclass(frozen=True, slots=True)
class _Found:
    """What one file says about itself; every text already trimmed."""

    file: Path
    texts: dict[str, str]

    def __getitem__(self, keyword: str) -> str:
        return self.texts.get(keyword, "")

    @property
    def order(self) -> tuple[int, str]:
        return _number(self["InstanceNumber"]), self["SOPInstanceUID"]


@dataclass(frozen=True, slots=True)
class FolderScan:
    """The cases of a folder, and how many of its files could not be used."""

    cases: tuple[PlannedCase, ...]
    skipped: int


def scan_folder(data: Path, now: datetime | None = None) -> FolderScan:
    """Read the headers of all files below ``data``; unreadable ones are counted."""
    seeded = now or datetime.now(UTC).astimezone()
    skipped = 0
    studies: dict[str, dict[str, _Found]] = defaultdict(dict)
    for file in _files(data):
        found = _read(file)
        if found is None:
            skipped += 1
        else:
            studies[found["StudyInstanceUID"]].setdefault(found["SOPInstanceUID"], found)
    plans = _plans([sorted(s.values(), key=lambda f: f.order) for s in studies.values()])
    writer = FolderWriter(
        {f["SOPInstanceUID"]: f.file for s in studies.values() for f in s.values()}
    )
    return FolderScan(tuple(PlannedCase(p, seeded, writer) for p in plans), skipped)


class FolderWriter:
    """Brings the files of a folder to the platform unchanged: linked, or copied across disks."""

    version = "folder 1"

    def __init__(self, files: dict[str, Path]) -> None:
        self._files = files

    def write(
        self,
        plan: CasePlan,
        study: StudyPlan,
        folder: Path,
        *,
        seeded: datetime,
        written: Callable[[], None],
    ) -> None:
        """Link each object to ``<series number>-<n>/<k>.dcm``."""
        for place, series in enumerate(study.series, 1):
            home = folder / f"{place:03d}"
            home.mkdir()
            for index, instance in enumerate(series.instances, 1):
                _link(self._files[instance.uid].resolve(), home / f"{index:04d}.dcm")
                written()


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk, or a file system without links
        shutil.copyfile(source, target)


def _files(data: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(data):
        names.sort()
        yield from (Path(folder) / f for f in sorted(files))


def _read(file: Path) -> _Found | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dataset = pydicom.dcmread(file, stop_before_pixels=True, specific_tags=_WANTED)
            syntax = dataset.file_meta.get("TransferSyntaxUID", "")
            texts = {k: _text(dataset.get(k)) for k in _WANTED}
    except _UNREADABLE:
        return None
    uids = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
    if not syntax or not all(_UID.fullmatch(texts[k]) for k in uids):
        return None
    return None if texts["SOPClassUID"] == _DIRECTORY else _Found(file, texts)


def _text(value: object) -> str:
    if isinstance(value, PersonName):
        value = value.alphabetic or value.ideographic or value.phonetic
    text = "" if value is None else str(value)
    return " ".join(c for c in text.split() if c.isprintable())


def _plans(studies: list[list[_Found]]) -> list[CasePlan]:
    by_patient: dict[tuple[str, ...], list[list[_Found]]] = defaultdict(list)
    for study in studies:
        by_patient[_patient_key(study[0])].append(study)
    plans: list[CasePlan] = []
    for number, own in enumerate(by_patient.values(), 1):
        own.sort(key=lambda s: (s[0]["StudyDate"], s[0]["StudyTime"], s[0]["StudyInstanceUID"]))
        patient = _patient(own[-1][0], number)
        ready = [_study(s, f"study-f{number}-{k}") for k, s in enumerate(own, 1)]
        for k in reversed(range(len(ready))):
            priors = tuple(PriorPlan(s, own_case=True) for s in reversed(ready[:k]))
            plans.append(_case(patient, ready[k], priors, f"f{number}-{k + 1}", len(plans)))
    return plans


def _patient_key(found: _Found) -> tuple[str, ...]:
    if found["PatientID"]:
        return ("id", found["PatientID"], found["IssuerOfPatientID"])
    if found["PatientName"] and found["PatientBirthDate"]:
        return ("name", found["PatientName"], found["PatientBirthDate"])
    return ("study", found["StudyInstanceUID"])


def _patient(found: _Found, number: int) -> PatientPlan:
    family, _, given = found["PatientName"].partition("^")
    return PatientPlan(
        key=f"patient-f{number}",
        id=found["PatientID"] or f"UNKNOWN-{number}",
        issuer=found["IssuerOfPatientID"] or "not stated",
        family=family.strip() or "Unknown",
        given=given.strip("^ "),
        sex=found["PatientSex"],
        born=_date(found["PatientBirthDate"]),
    )


def _study(files: list[_Found], key: str) -> StudyPlan:
    first = files[0]
    by_series: dict[str, list[_Found]] = defaultdict(list)
    for found in files:
        by_series[found["SeriesInstanceUID"]].append(found)
    series = sorted((_series(s) for s in by_series.values()), key=lambda s: (s.number, s.uid))
    modality, part = series[0].modality, series[0].body_part
    return StudyPlan(
        key=key,
        uid=first["StudyInstanceUID"],
        accession=first["AccessionNumber"] or key.upper(),
        description=first["StudyDescription"] or " ".join(filter(None, (modality, part.lower()))),
        procedure=None,
        age=timedelta(0),
        series=tuple(series),
        started=_started(first),
    )


def _series(files: list[_Found]) -> SeriesPlan:
    first = files[0]
    part = first["BodyPartExamined"].upper()
    modality = first["Modality"].upper()
    return SeriesPlan(
        uid=first["SeriesInstanceUID"],
        number=_number(first["SeriesNumber"]),
        modality=modality if _CODE.fullmatch(modality) else "OT",
        description=first["SeriesDescription"],
        body_part=part if _CODE.fullmatch(part) else "",
        instances=tuple(InstancePlan(f["SOPInstanceUID"], f["SOPClassUID"]) for f in files),
    )


def _case(
    patient: PatientPlan, study: StudyPlan, priors: tuple[PriorPlan, ...], key: str, place: int
) -> CasePlan:
    return CasePlan(
        key=key,
        number=f"C-{900 + place:06d}",
        patient=patient,
        study=study,
        priority="urgent" if place == 0 else "routine",
        due_in=timedelta(hours=1 + place),
        description=study.description,
        question="Please report.",
        history="",
        priors=priors,
    )


def _started(found: _Found) -> datetime | None:
    day = _date(found["StudyDate"])
    if day is None:
        return None
    digits = re.sub(r"\D", "", found["StudyTime"].split(".")[0]).ljust(6, "0")[:6]
    try:
        clock = datetime.strptime(digits, "%H%M%S").replace(tzinfo=UTC).time()
    except ValueError:
        return datetime(day.year, day.month, day.day).astimezone()
    return datetime.combine(day, clock).astimezone()


def _date(text: str) -> date | None:
    digits = text.replace(".", "").replace("-", "")
    try:
        day = datetime.strptime(digits, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None
    return day if day.year >= 1900 else None


def _number(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0
