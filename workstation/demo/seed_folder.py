"""Cases from any folder of DICOM: one per study, the patient's earlier studies as its priors."""

import os
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from workstation.demo.folder_files import Found, LeftOut, read_files, shown, whole_number
from workstation.demo.seed_case import PlannedCase
from workstation.demo.seed_plan import (
    CasePlan,
    InstancePlan,
    PatientPlan,
    PriorPlan,
    SeriesPlan,
    StudyPlan,
)

_CODE = re.compile(r"[A-Z0-9_]{1,16}")


@dataclass(frozen=True, slots=True)
class FolderScan:
    """The cases of a folder, and which of its files are not in them."""

    cases: tuple[PlannedCase, ...]
    left_out: tuple[LeftOut, ...]
    names: Mapping[str, str]
    """The file of each SOP Instance, by its place in the folder."""


def scan_folder(data: Path, now: datetime | None = None) -> FolderScan:
    """Read the headers of all files below ``data``; what cannot be used is left out."""
    seeded = now or datetime.now(UTC).astimezone()
    files, left_out = read_files(data)
    studies: dict[str, list[Found]] = defaultdict(list)
    for found in files:
        studies[found["StudyInstanceUID"]].append(found)
    plans = _plans([sorted(s, key=lambda f: f.order) for s in studies.values()])
    writer = FolderWriter({f["SOPInstanceUID"]: f for f in files})
    names = {f["SOPInstanceUID"]: shown(f.file.relative_to(data).as_posix()) for f in files}
    return FolderScan(tuple(PlannedCase(p, seeded, writer) for p in plans), left_out, names)


class FolderWriter:
    """Brings the files of a folder to the platform unchanged: linked, or copied across disks.

    Only a file that begins with its data set gets the preamble and meta information it lacks.
    """

    version = "folder 2"

    def __init__(self, files: Mapping[str, Found]) -> None:
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
                _bring(self._files[instance.uid], home / f"{index:04d}.dcm")
                written()


def _bring(found: Found, target: Path) -> None:
    source = found.file.resolve()
    if found.prefix:
        target.write_bytes(found.prefix + source.read_bytes())
        return
    try:
        os.link(source, target)
    except OSError:  # another disk, or a file system without links
        shutil.copyfile(source, target)


def _plans(studies: list[list[Found]]) -> list[CasePlan]:
    by_patient: dict[tuple[str, ...], list[list[Found]]] = defaultdict(list)
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


def _patient_key(found: Found) -> tuple[str, ...]:
    if found["PatientID"]:
        return ("id", found["PatientID"], found["IssuerOfPatientID"])
    if found["PatientName"] and found["PatientBirthDate"]:
        return ("name", found["PatientName"], found["PatientBirthDate"])
    return ("study", found["StudyInstanceUID"])


def _patient(found: Found, number: int) -> PatientPlan:
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


def _study(files: list[Found], key: str) -> StudyPlan:
    first = files[0]
    by_series: dict[str, list[Found]] = defaultdict(list)
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
        dated=_started(first) is not None,
    )


def _series(files: list[Found]) -> SeriesPlan:
    first = files[0]
    part = first["BodyPartExamined"].upper()
    modality = first["Modality"].upper()
    return SeriesPlan(
        uid=first["SeriesInstanceUID"],
        number=whole_number(first["SeriesNumber"]),
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


def _started(found: Found) -> datetime | None:
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
