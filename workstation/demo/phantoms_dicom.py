"""The DICOM objects of the phantoms: headers by module, one Part 10 file per image."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from workstation.demo.seed_identity import identify
from workstation.demo.seed_plan import CasePlan, InstancePlan, SeriesPlan, StudyPlan, demo_uid

SYNTHETIC = "SYNTHETIC: invented anatomy made by a program, no person was examined"
_IMPLEMENTATION = demo_uid("implementation")
CT_INTERCEPT = -1024


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
