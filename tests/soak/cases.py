"""Twenty cases that are made when they are fetched, so that they weigh nothing until then."""

import io
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import (
    UID,
    CTImageStorage,
    DigitalXRayImageStorageForPresentation,
    MRImageStorage,
    PositronEmissionTomographyImageStorage,
    RLELossless,
)

from reporting.model.report import Person
from tests.kit.demo_cases import ct_slice
from tests.kit.platform import FakePlatform, a_case, a_study
from workstation.model.case import StudyOnPlatform
from workstation.platform.client import InstanceBlob

COUNT = 20
_ROOT = "2.25.9000"


@dataclass(frozen=True, slots=True)
class Kind:
    """One series: how many images of what size."""

    modality: str
    sop_class: str
    images: int
    rows: int
    columns: int
    spacing: float
    step: float


_CT = Kind("CT", CTImageStorage, 48, 256, 256, 0.8, 2.0)
_PET = Kind("PT", PositronEmissionTomographyImageStorage, 24, 96, 96, 2.1, 4.0)
_MR = Kind("MR", MRImageStorage, 24, 192, 192, 1.0, 3.0)
_DX = Kind("DX", DigitalXRayImageStorageForPresentation, 2, 1400, 1100, 0.15, 0.0)
_STUDIES = ((_CT,), (_CT, _PET), (_MR, _MR), (_DX,), (_CT, _CT))


@dataclass(frozen=True, slots=True)
class MadeCase:
    """One case: its patient, its study and the series of that."""

    ident: str
    study: str
    patient: Person
    series: tuple[Kind, ...]

    def uids(self) -> list[tuple[int, Kind, int]]:
        """Series number, kind and image number of every image."""
        return [
            (number, kind, image)
            for number, kind in enumerate(self.series, 1)
            for image in range(1, kind.images + 1)
        ]

    def uid(self, series: int, image: int = 0) -> str:
        """UID of a series, or of an image in it."""
        return f"{self.study}.{series}" + (f".{image}" if image else "")


def made_cases() -> dict[str, MadeCase]:
    """Every case by its id."""
    cases = (
        MadeCase(
            f"case-{n:02}",
            f"{_ROOT}.{n}",
            Person(f"P-{n}", "https://x.example", f"SOAK^PATIENT {n}", "1970-01-02", "F"),
            _STUDIES[n % len(_STUDIES)],
        )
        for n in range(1, COUNT + 1)
    )
    return {case.ident: case for case in cases}


class SoakPlatform(FakePlatform):
    """The platform in memory, over cases that are made as they are asked for."""

    def __init__(self) -> None:
        """List every case."""
        super().__init__()
        self.made = made_cases()
        self._by_study = {case.study: case for case in self.made.values()}
        for case in self.made.values():
            listed = a_study(case.study, instances=len(case.uids()))
            self.cases[case.ident] = a_case(case.ident, study=listed, patient=case.patient)

    def instance_uids(self, study: StudyOnPlatform) -> tuple[tuple[str, str], ...]:
        """List what is there of a study."""
        case = self._by_study[study.identity.uid]
        return tuple((case.uid(s), case.uid(s, n)) for s, _, n in case.uids())

    def fetch_instances(
        self, study: StudyOnPlatform, *, have: Set[str], stop: Callable[[], bool]
    ) -> Iterator[InstanceBlob]:
        """Make what is missing."""
        case = self._by_study[study.identity.uid]
        for series, kind, number in case.uids():
            uid = case.uid(series, number)
            if stop():
                return
            if uid not in have:
                yield InstanceBlob(uid, _image(case, series, kind, number))


def _image(case: MadeCase, series: int, kind: Kind, number: int) -> bytes:
    data = pydicom.dcmread(
        io.BytesIO(ct_slice(number, study=case.study, series=case.uid(series), side=4))
    )
    data.SOPClassUID = data.file_meta.MediaStorageSOPClassUID = UID(kind.sop_class)
    data.Modality, data.SeriesNumber = kind.modality, series
    data.PatientName, data.PatientID = case.patient.name, case.patient.id
    data.PatientBirthDate = case.patient.birth_date.replace("-", "")
    data.AccessionNumber = "ACC-1"
    data.FrameOfReferenceUID = f"{case.study}.99"
    data.Rows, data.Columns = kind.rows, kind.columns
    pixels = _pixels(kind, number)
    data.PixelData = pixels.tobytes()
    data.WindowCenter, data.WindowWidth = 200, 1200
    _place(data, kind, number)
    if kind.modality == "PT":
        _tell_uptake(data)
    if kind.modality == "MR":  # which is decoded in processes of its own
        data.compress(RLELossless, generate_instance_uid=False)
    made = io.BytesIO()
    data.save_as(made, enforce_file_format=True)
    return made.getvalue()


def _place(data: Dataset, kind: Kind, number: int) -> None:
    if not kind.step:
        del data.ImagePositionPatient, data.ImageOrientationPatient
        data.ImagerPixelSpacing = [kind.spacing, kind.spacing]
        del data.PixelSpacing
        return
    half = kind.spacing * kind.columns / 2
    data.ImagePositionPatient = [-half, -half, kind.step * number]
    data.PixelSpacing, data.SliceThickness = [kind.spacing, kind.spacing], kind.step


def _tell_uptake(data: Dataset) -> None:
    data.Units, data.CorrectedImage = "BQML", ["ATTN", "DECY"]
    data.DecayCorrection, data.SeriesType = "START", ["STATIC", "IMAGE"]
    data.PatientWeight = 70


def _pixels(kind: Kind, number: int) -> NDArray[np.int16]:
    """A ball in a box, with a texture that does not repeat from image to image."""
    rows, columns = np.indices((kind.rows, kind.columns))
    depth = (number - kind.images / 2) / max(kind.images, 1)
    across = columns / kind.columns - 0.5
    down = rows / kind.rows - 0.5
    ball = across**2 + down**2 + depth**2 < 0.16
    texture = (rows * 7 + columns * 13 + number * 29) % 97
    return np.where(ball, 400 + texture, texture).astype(np.int16)
