"""A stack of reconstructed planes as a DICOM series of single images, written whole or not at all.

PS3.3 A.3 (CT) and A.4 (MR); General Image C.7.6.1, Image Plane C.7.6.2, SOP Common C.12.1.
"""

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.errors import InvalidDicomError
from pydicom.sequence import Sequence as Items
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from pydicom.valuerep import format_number_as_ds

from viewer.errors import HeaderError
from viewer.model.geometry import ImagePlane
from viewer.model.presentation import Rescale, VoiFunction, Window
from viewer.model.sample_grid import SlabMode
from viewer.model.study import Instance

CT, MR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4"
CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
_CODES = {
    None: ("113072", "Multiplanar reformatting"),
    SlabMode.MAXIMUM: ("113078", "Maximum intensity projection"),
    SlabMode.MINIMUM: ("113079", "Minimum intensity projection"),
    SlabMode.MEAN: ("113072", "Multiplanar reformatting"),
}
"""Derivation Code Sequence, CID 7203."""
_CURVED = ("113073", "Curved multiplanar reformatting")
_SOURCE = ("121322", "Source image for image processing operation")
_EMPTY_IF_UNKNOWN = (
    "PatientName", "PatientID", "PatientBirthDate", "PatientSex",
    "StudyDate", "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName",
    "PositionReferenceIndicator", "PatientPosition",
)  # fmt: skip
_COPIED = (
    "SpecificCharacterSet", "TimezoneOffsetFromUTC", "StudyInstanceUID", "StudyDescription",
    "IssuerOfPatientID", "OtherPatientIDs", "PatientAge", "PatientSize", "PatientWeight",
    "PatientIdentityRemoved", "DeidentificationMethod", "Modality",
    "BodyPartExamined", "ProtocolName", "Laterality", "AnatomicRegionSequence",
    "FrameOfReferenceUID", "InstitutionName", "AcquisitionDate", "AcquisitionTime",
    "ContrastBolusAgent", "ContrastBolusRoute", "LossyImageCompressionRatio",
    "LossyImageCompressionMethod", "BurnedInAnnotation", "RecognizableVisualFeatures",
)  # fmt: skip
_OF_CT_EMPTY = ("KVP", "AcquisitionNumber")
_OF_CT = ("ConvolutionKernel",)
_OF_MR_EMPTY = ("ScanOptions", "MRAcquisitionType", "EchoTime", "EchoTrainLength")
_OF_MR = (
    "ScanningSequence", "SequenceVariant", "RepetitionTime", "InversionTime", "FlipAngle",
    "MagneticFieldStrength", "ImagingFrequency", "SequenceName", "ImagedNucleus",
)  # fmt: skip

_NOT_CURVED = (
    "FrameOfReferenceUID", "PositionReferenceIndicator", "PatientPosition", "SliceThickness",
    "SpacingBetweenSlices",
)  # fmt: skip
"""What says where an image lies: a surface that was bent straight lies nowhere."""


@dataclass(frozen=True, slots=True)
class PlaneSeries:
    """What all images of the series have in common."""

    rows: int
    columns: int
    step: float
    """From plane to plane, mm."""
    thickness: float
    """Of each plane, mm."""
    mode: SlabMode | None
    """How a thick plane was made; None for single planes."""
    rescale: Rescale
    """Stored value to modality value."""
    signed: bool
    padding: int
    """The stored value where there is nothing."""
    window: Window | None
    description: str
    derivation: str
    lossy: bool
    """Whether any source was compressed with loss, however long ago (F55)."""
    inverse: bool = False
    """Whether the lowest values are white."""
    curved: bool = False
    """Whether it is a surface bent straight: a Secondary Capture without a place."""


def why_not_written(instance: Instance) -> str | None:
    """Why planes of such images cannot become a series, as a sentence; None where they can."""
    if instance.sop_class in {CT, MR}:
        return None
    if instance.pet is not None or instance.modality == "PT":
        return "Planes of a PET are not exported: their uptake values could not be trusted."
    return "Only planes of CT and MR series of single images are exported."


class SeriesWriter:
    """Writes the images one by one into a hidden folder that gets its name at the end."""

    def __init__(
        self,
        into: Path,
        source: BinaryIO,
        references: Sequence[tuple[str, str]],
        made: PlaneSeries,
        now: datetime,
    ) -> None:
        """Make the hidden folder; ``references`` are SOP class and instance of every source image.

        Raises OSError where nothing can be written, HeaderError where the source cannot be read.
        """
        self._made = made
        self._common = _common(_header(source), references, made, now)
        self._name = _free(into, f"{made.description} {now:%Y-%m-%d %H%M%S}")
        self._part = self._name.with_name(f".{self._name.name}.part")
        self._part.mkdir()

    def put(self, number: int, plane: ImagePlane, pixels: NDArray[np.integer]) -> None:
        """Write one image (rows, columns) of stored values, counted from 0."""
        ds = self._image(number, pixels)
        ds.ImagePositionPatient = [_ds(x) for x in plane.position]
        ds.ImageOrientationPatient = [_ds(x) for x in (*plane.row, *plane.column)]
        ds.PixelSpacing = [_ds(x) for x in plane.spacing]
        self._write(ds)

    def put_curved(self, pixels: NDArray[np.integer], pixel: float) -> None:
        """Write the one image (rows, columns) of a surface; ``pixel`` is its edge along it, mm."""
        ds = self._image(0, pixels)
        ds.PixelSpacing = [_ds(pixel), _ds(pixel)]
        self._write(ds)

    def _image(self, number: int, pixels: NDArray[np.integer]) -> Dataset:
        made = self._made
        if pixels.shape != (made.rows, made.columns) or pixels.dtype.itemsize != 2:
            raise ValueError("the picture is not of the series")
        ds = Dataset()
        ds.update(self._common)
        ds.SOPInstanceUID = generate_uid(prefix=None)
        ds.InstanceNumber = number + 1
        ds.add_new(0x7FE00010, "OW", pixels.astype(pixels.dtype.newbyteorder("<")).tobytes())
        return ds

    def _write(self, ds: Dataset) -> None:
        ds.file_meta = FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
        ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
        with (self._part / f"IM{int(ds.InstanceNumber):05}.dcm").open("xb") as file:
            ds.save_as(file, enforce_file_format=True)
            file.flush()
            os.fsync(file.fileno())

    def finish(self) -> Path:
        """Give the folder its name; the series is there from now on."""
        self._part.rename(self._name)
        return self._name

    def discard(self) -> None:
        """Take away what was written so far."""
        shutil.rmtree(self._part, ignore_errors=True)


def _header(source: BinaryIO) -> Dataset:
    try:
        return dcmread(source, stop_before_pixels=True)
    except (InvalidDicomError, OSError, ValueError, EOFError) as error:
        raise HeaderError("The header of the source image cannot be read.") from error


def _common(
    source: Dataset, references: Sequence[tuple[str, str]], made: PlaneSeries, now: datetime
) -> Dataset:
    """Every element that all images share."""
    ds = Dataset()
    ct = str(source.get("SOPClassUID", "")) == CT
    for keyword in (*_EMPTY_IF_UNKNOWN, *(_OF_CT_EMPTY if ct else _OF_MR_EMPTY)):
        setattr(ds, keyword, source.get(keyword))
    for keyword in (*_COPIED, *(_OF_CT if ct else _OF_MR)):
        if keyword in source:
            setattr(ds, keyword, source[keyword].value)
    if "BodyPartExamined" not in source and "Laterality" not in source:
        ds.Laterality = None  # it may be a paired part
    ds.SOPClassUID = CT if ct else MR
    ds.ImageType = ["DERIVED", "SECONDARY", "REFORMATTED", *_projection(made.mode)]
    ds.SeriesInstanceUID = generate_uid(prefix=None)
    ds.SeriesNumber = _series_number(source)
    ds.SeriesDescription = made.description[:64]
    date, time = now.strftime("%Y%m%d"), now.strftime("%H%M%S")
    ds.SeriesDate = ds.ContentDate = ds.InstanceCreationDate = date
    ds.SeriesTime = ds.ContentTime = ds.InstanceCreationTime = time
    ds.Manufacturer = ds.ManufacturerModelName = "Lightbox"
    ds.DerivationDescription = made.derivation
    ds.DerivationCodeSequence = Items([_code(*_CODES[made.mode])])
    ds.SourceImageSequence = Items([_reference(*one) for one in references])
    if made.lossy:
        ds.LossyImageCompression = "01"
    elif "LossyImageCompression" in source:
        ds.LossyImageCompression = source.LossyImageCompression
    _describe_pixels(ds, made, ct=ct)
    if made.curved:
        _as_capture(ds, ct=ct)
    return ds


def _as_capture(ds: Dataset, *, ct: bool) -> None:
    """Make it a Secondary Capture of a workstation: PS3.3 A.8.1, C.8.6.1."""
    of_source = (*_OF_CT_EMPTY, *_OF_CT) if ct else (*_OF_MR_EMPTY, *_OF_MR)
    for keyword in (*_NOT_CURVED, *of_source):
        if keyword in ds:
            delattr(ds, keyword)
    ds.SOPClassUID = CAPTURE
    ds.ConversionType = "WSD"
    ds.PatientOrientation = None  # its rows turn with the path
    projection = [one for one in ds.DerivationCodeSequence if one.CodeValue != _CODES[None][0]]
    ds.DerivationCodeSequence = Items([_code(*_CURVED), *projection])


def _describe_pixels(ds: Dataset, made: PlaneSeries, *, ct: bool) -> None:
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME1" if made.inverse else "MONOCHROME2"
    ds.Rows, ds.Columns = made.rows, made.columns
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit = 15
    ds.PixelRepresentation = int(made.signed)
    ds.add_new(0x00280120, "SS" if made.signed else "US", made.padding)
    ds.SliceThickness, ds.SpacingBetweenSlices = _ds(made.thickness), _ds(made.step)
    rescale = made.rescale
    if ct or (rescale.slope, rescale.intercept) != (1.0, 0.0):
        ds.RescaleIntercept, ds.RescaleSlope = _ds(rescale.intercept), _ds(rescale.slope)
        ds.RescaleType = rescale.unit or "US"
    window = made.window
    if window is not None:
        ds.WindowCenter, ds.WindowWidth = _ds(window.centre), _ds(window.width)
        if window.function is not VoiFunction.LINEAR:
            ds.VOILUTFunction = window.function.name


def _projection(mode: SlabMode | None) -> tuple[str, ...]:
    return {
        None: (),
        SlabMode.MAXIMUM: ("MAXIMUM",),
        SlabMode.MINIMUM: ("MINIMUM",),
        SlabMode.MEAN: ("AVERAGE",),
    }[mode]


def _series_number(source: Dataset) -> int | None:
    """A hundred times the source's, so that it sorts behind it and seldom meets another."""
    try:
        number = int(str(source.get("SeriesNumber")))
    except ValueError:
        return None
    return number * 100 + 1 if 0 <= number < 10_000_000 else None


def _code(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
    return item


def _reference(sop_class: str, sop: str) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, sop
    item.PurposeOfReferenceCodeSequence = Items([_code(*_SOURCE)])
    return item


def _ds(number: float) -> str:
    return format_number_as_ds(float(number) + 0.0)


def _free(into: Path, name: str) -> Path:
    """A name that nothing in the folder has, of letters that any disk takes."""
    plain = re.sub(r"[^\w.,+-]+", " ", name).strip(" .") or "MPR"
    found, n = into / plain, 1
    while found.exists():
        n += 1
        found = into / f"{plain} {n}"
    return found
