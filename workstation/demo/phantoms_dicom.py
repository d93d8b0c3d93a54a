"""The DICOM objects of the phantoms: headers by module, one Part 10 file per image."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import UID, ExplicitVRLittleEndian

from workstation.demo.seed_identity import identify
from workstation.demo.seed_plan import CasePlan, InstancePlan, SeriesPlan, StudyPlan, demo_uid

SYNTHETIC = "SYNTHETIC: invented anatomy made by a program, no person was examined"
_IMPLEMENTATION = demo_uid("implementation")
CT_INTERCEPT = -1024
F18_SECONDS = 6586.2
"""Half-life of fluorine 18."""


@dataclass(frozen=True, slots=True)
class CtLook:
    """What differs between the CT phantoms beside their pixels."""

    spacing: float
    """Row and column spacing, mm."""
    thickness: float
    windows: Sequence[tuple[str, float, float]]
    """Explanation, centre, width."""
    protocol: str
    kernel: str
    kvp: int
    milliampere: int


def ct_header(
    plan: CasePlan, study: StudyPlan, series: SeriesPlan, begun: datetime, look: CtLook
) -> Dataset:
    """Give what all images of a CT series share (PS3.3 A.3)."""
    dataset = _header(plan, study, series, begun)
    dataset.ImageType = ["DERIVED", "PRIMARY", "AXIAL"]
    dataset.FrameOfReferenceUID = demo_uid(study.uid, "space")
    dataset.PositionReferenceIndicator = ""
    dataset.PatientPosition = "HFS"
    dataset.ProtocolName = look.protocol
    dataset.KVP = look.kvp
    dataset.XRayTubeCurrent = look.milliampere
    dataset.ConvolutionKernel = look.kernel
    dataset.GantryDetectorTilt = 0
    dataset.AcquisitionNumber = 1
    dataset.SliceThickness = look.thickness
    dataset.PixelSpacing = [look.spacing, look.spacing]
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.WindowCenterWidthExplanation = [w[0] for w in look.windows]
    dataset.WindowCenter = [w[1] for w in look.windows]
    dataset.WindowWidth = [w[2] for w in look.windows]
    dataset.RescaleIntercept = CT_INTERCEPT
    dataset.RescaleSlope = 1
    dataset.RescaleType = "HU"
    dataset.PhotometricInterpretation = "MONOCHROME2"
    _depth(dataset, allocated=16, stored=16, signed=True)
    return dataset


def ct_image(dataset: Dataset, hu: NDArray[np.float32], first: tuple[float, float, float]) -> None:
    """Set the pixels and the place of one CT image; ``first`` is the centre of its first pixel."""
    stored = np.clip(np.rint(hu) - CT_INTERCEPT, -32768, 32767).astype("<i2")
    dataset.Rows, dataset.Columns = hu.shape
    dataset.ImagePositionPatient = [round(c, 4) for c in first]
    dataset.SliceLocation = round(first[2], 4)
    dataset.PixelData = stored.tobytes()


def cr_header(
    plan: CasePlan, study: StudyPlan, series: SeriesPlan, begun: datetime, *, view: str
) -> Dataset:
    """Give the header of a computed radiograph (PS3.3 A.2); ``view`` is PA or LL."""
    dataset = _header(plan, study, series, begun)
    dataset.ImageType = ["DERIVED", "PRIMARY"]
    dataset.ViewPosition = view
    dataset.PatientOrientation = ["L", "F"] if view == "PA" else ["P", "F"]
    dataset.AcquisitionNumber = 1
    dataset.KVP = 125
    dataset.ProtocolName = f"Chest {view}"
    dataset.DistanceSourceToDetector = 1800
    _depth(dataset, allocated=16, stored=12, signed=False)
    return dataset


def cr_image(dataset: Dataset, values: NDArray[np.uint16], *, pitch: float, inverse: bool) -> None:
    """Set the pixels of a radiograph whose bones are high; ``inverse`` stores MONOCHROME1."""
    centre, width = 1900, 3300
    dataset.Rows, dataset.Columns = values.shape
    dataset.ImagerPixelSpacing = [pitch, pitch]
    dataset.PhotometricInterpretation = "MONOCHROME1" if inverse else "MONOCHROME2"
    dataset.WindowCenter = 4095 - centre if inverse else centre
    dataset.WindowWidth = width
    dataset.WindowCenterWidthExplanation = "CHEST"
    dataset.PixelData = (4095 - values if inverse else values).astype("<u2").tobytes()


@dataclass(frozen=True, slots=True)
class Injection:
    """The F-18 that was given, and to whom."""

    dose: float
    """Bq, when it was given."""
    weight: float
    """kg."""
    height: float
    """m."""
    minutes: float
    """From the injection to the scan."""

    @property
    def suv_factor(self) -> float:
        """SUV by body weight for each Bq/ml at the time of the scan."""
        return self.weight * 1000 / (self.dose * 2 ** (-self.minutes * 60 / F18_SECONDS))


def pet_header(
    plan: CasePlan, study: StudyPlan, series: SeriesPlan, begun: datetime, given: Injection
) -> Dataset:
    """Give what all images of a PET series share (PS3.3 A.21), corrected to the scan's begin."""
    dataset = _header(plan, study, series, begun)
    dataset.ImageType = ["DERIVED", "PRIMARY"]
    dataset.FrameOfReferenceUID = demo_uid(study.uid, "space")
    dataset.PositionReferenceIndicator = ""
    dataset.PatientWeight, dataset.PatientSize = given.weight, given.height
    dataset.Units, dataset.CountsSource = "BQML", "EMISSION"
    dataset.SeriesType = ["STATIC", "IMAGE"]
    dataset.NumberOfSlices = len(series.instances)
    dataset.CorrectedImage = ["DECY", "ATTN", "SCAT", "DTIM", "RAN", "NORM"]
    dataset.DecayCorrection, dataset.DecayFactor = "START", 1
    dataset.CollimatorType = "NONE"
    dataset.FrameReferenceTime, dataset.ActualFrameDuration = 0, 180000
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.PatientOrientation = []
    dataset.PatientGantryRelationshipCodeSequence = Items([_code("102540001", "SCT", "headfirst")])
    dataset.PatientOrientationCodeSequence = Items([_code("102538003", "SCT", "recumbent")])
    dataset.RadiopharmaceuticalInformationSequence = Items([_injection(begun, given)])
    _depth(dataset, allocated=16, stored=16, signed=True)
    return dataset


def pet_image(
    dataset: Dataset,
    activity: NDArray[np.float32],
    first: tuple[float, float, float],
    voxel: tuple[float, float],
    index: int,
) -> None:
    """Set the pixels, Bq/ml, and the place of one PET image; ``voxel`` is in and through it, mm."""
    slope = max(float(activity.max()) / 32767, 1e-3)
    slope = float(f"{slope:.8g}")
    dataset.Rows, dataset.Columns = activity.shape
    dataset.PixelSpacing, dataset.SliceThickness = [voxel[0], voxel[0]], voxel[1]
    dataset.ImagePositionPatient = [round(c, 4) for c in first]
    dataset.ImageIndex = index + 1
    dataset.RescaleIntercept, dataset.RescaleSlope = 0, slope
    dataset.PixelData = np.clip(np.rint(activity / slope), 0, 32767).astype("<i2").tobytes()


def _injection(begun: datetime, given: Injection) -> Dataset:
    item = Dataset()
    at = begun - timedelta(minutes=given.minutes)
    item.Radiopharmaceutical = "Fluorodeoxyglucose"
    item.RadiopharmaceuticalStartTime = f"{at:%H%M%S}"
    item.RadiopharmaceuticalStartDateTime = f"{at:%Y%m%d%H%M%S}"
    item.RadionuclideTotalDose = given.dose
    item.RadionuclideHalfLife = F18_SECONDS
    item.RadionuclidePositronFraction = 0.97
    item.RadionuclideCodeSequence = Items([_code("77004003", "SCT", "^18^Fluorine")])
    item.RadiopharmaceuticalCodeSequence = Items(
        [_code("35321007", "SCT", "Fluorodeoxyglucose F^18^")]
    )
    return item


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def write(dataset: Dataset, instance: InstancePlan, number: int, file: Path) -> None:
    """Write one Part 10 file in Explicit VR Little Endian."""
    dataset.SOPClassUID = instance.sop_class
    dataset.SOPInstanceUID = instance.uid
    dataset.InstanceNumber = number
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(instance.sop_class)
    meta.MediaStorageSOPInstanceUID = UID(instance.uid)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID(_IMPLEMENTATION)
    meta.ImplementationVersionName = "LIGHTBOX_DEMO"
    dataset.file_meta = meta
    dataset.save_as(file, enforce_file_format=True)


def _header(plan: CasePlan, study: StudyPlan, series: SeriesPlan, begun: datetime) -> Dataset:
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    identify(dataset, plan, study, begun)
    dataset.SeriesInstanceUID = series.uid
    dataset.SeriesNumber = series.number
    dataset.SeriesDescription = series.description
    dataset.Modality = series.modality
    dataset.BodyPartExamined = series.body_part
    dataset.Manufacturer = "Lightbox"
    dataset.ManufacturerModelName = "Phantom"
    dataset.DeviceSerialNumber = "0"
    dataset.SoftwareVersions = "1"
    dataset.ImageComments = SYNTHETIC
    dataset.DerivationDescription = SYNTHETIC
    dataset.BurnedInAnnotation = "NO"
    dataset.PatientComments = "Invented person of a demonstration"
    dataset.SamplesPerPixel = 1
    return dataset


def _depth(dataset: Dataset, *, allocated: int, stored: int, signed: bool) -> None:
    dataset.BitsAllocated = allocated
    dataset.BitsStored = stored
    dataset.HighBit = stored - 1
    dataset.PixelRepresentation = int(signed)
