"""What the benches read: one CT in several transfer syntaxes and a folder of headers, seeded.

Made once into a build folder (``BENCH_DATA``, by default build/bench) and found there again.
"""

import io
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import rle
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian

ROWS = COLUMNS = 512
SLICES = 600
HEADERS = 5000
_UID = "1.2.826.0.1.3680043.10.999"
_SOP, _NUMBER, _PLACE = "7777777777", "88888888", "99999999.9"
"""Places in the template, of fixed width, that each instance fills with its own values."""

Encode = Callable[[NDArray[np.uint16]], bytes]

SYNTAXES: dict[str, tuple[str, Encode | None]] = {
    "raw": (str(ExplicitVRLittleEndian), None),
    "RLE": (
        "1.2.840.10008.1.2.5",
        lambda a: bytes(rle.rle.encode_frame(a.tobytes(), a.shape[0], a.shape[1], 1, 16, "<")),
    ),
    "JPEG-LS": ("1.2.840.10008.1.2.4.80", lambda a: bytes(imagecodecs.jpegls_encode(a))),
    "HTJ2K": (
        "1.2.840.10008.1.2.4.201",
        lambda a: bytes(imagecodecs.htj2k_encode(a, reversible=True)),
    ),
    "J2K": (
        "1.2.840.10008.1.2.4.90",
        lambda a: bytes(imagecodecs.jpeg2k_encode(a, codecformat="J2K", reversible=True)),
    ),
}

PROJECTIONS = {
    "CR": ("1.2.840.10008.5.1.4.1.1.1", 3000, 2500),
    "MG": ("1.2.840.10008.5.1.4.1.1.1.2", 4096, 3328),
}
"""SOP class, rows and columns."""
_MADE = [*SYNTAXES, "headers", *PROJECTIONS]


def base() -> Path:
    """The folder of everything that the benches make."""
    return Path(os.environ.get("BENCH_DATA", "build/bench"))


def slice_of(number: int) -> NDArray[np.uint16]:
    """Slice ``number`` of the CT: a body with organs and the noise of a thin reconstruction."""
    rng = np.random.default_rng(number)
    y, x = np.mgrid[:ROWS, :COLUMNS].astype(np.float32)
    z = number / SLICES
    image = np.full((ROWS, COLUMNS), 24.0, np.float32)
    _ellipse(image, x, y, (256, 256, 205 + 20 * np.sin(6 * z), 150), 1060)
    for centre in (180, 332):
        _ellipse(image, x, y, (centre, 240, 55 * (1 - abs(z - 0.5)), 80), 180)
    _ellipse(image, x, y, (256, 350, 24, 28), 1900)
    for k in range(12):
        spot = (120 + 24 * k, 256 + 90 * np.sin(k + 20 * z), 6 + k % 3, 6)
        _ellipse(image, x, y, spot, 1120 + 15 * k)
    noise = rng.normal(0, 1, image.shape).astype(np.float32) * np.where(image > 100, 9, 4)
    image += noise
    return np.clip(image, 0, 4095).astype(np.uint16)


def _ellipse(
    image: NDArray[np.float32],
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    place: tuple[float, float, float, float],
    value: float,
) -> None:
    cx, cy, rx, ry = place
    image[((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1] = value


def ct(syntax: str, slices: int = SLICES) -> Path:
    """The folder of the CT in one syntax (a key of ``SYNTAXES``), made when it is not there."""
    folder = base() / f"ct-{slices}-{syntax}"
    return _made(folder, lambda to: _write_ct(to, syntax, slices))


def headers(count: int = HEADERS) -> Path:
    """A folder of instances with long headers and small images."""
    return _made(base() / f"headers-{count}", lambda to: _write_headers(to, count))


def projection(modality: str) -> Path:
    """A folder with one image of a modality (a key of ``PROJECTIONS``)."""
    return _made(base() / f"projection-{modality}", lambda to: _write_projection(to, modality))


def series_uid(what: str) -> str:
    """Series Instance UID of a folder that was made here."""
    return f"{_UID}.2.{1 + _MADE.index(what)}"


def study_uid(what: str) -> str:
    """Study Instance UID of a folder that was made here."""
    return f"{_UID}.1.{1 + _MADE.index(what)}"


def _made(folder: Path, make: Callable[[Path], None]) -> Path:
    if not folder.is_dir():
        part = folder.with_suffix(".part")
        part.mkdir(parents=True, exist_ok=True)
        make(part)
        part.rename(folder)
    return folder


def _write_ct(to: Path, name: str, slices: int) -> None:
    syntax, encode = SYNTAXES[name]
    head, tail = _template(name, ROWS, syntax)

    def write(number: int) -> None:
        image = slice_of(number)
        pixels = _native(image) if encode is None else _encapsulated(encode(image))
        (to / f"{number:05}.dcm").write_bytes(_filled(head, number) + pixels + tail)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(write, range(slices)))


def _write_headers(to: Path, count: int) -> None:
    head, tail = _template("headers", 64, str(ExplicitVRLittleEndian))
    pixels = _native(np.arange(64 * 64, dtype=np.uint16).reshape(64, 64))
    for number in range(count):
        (to / f"{number:05}.dcm").write_bytes(_filled(head, number) + pixels + tail)


def _write_projection(to: Path, modality: str) -> None:
    sop_class, rows, columns = PROJECTIONS[modality]
    ds = _dataset(modality, rows)
    ds.SOPClassUID, ds.Modality, ds.Columns = sop_class, modality, columns
    ds.SOPInstanceUID, ds.InstanceNumber = f"{_UID}.3.1", "1"
    for keyword in ("ImageOrientationPatient", "ImagePositionPatient", "SliceLocation"):
        delattr(ds, keyword)
    ds.RescaleIntercept, ds.RescaleType = "0", "US"
    ds.PixelSpacing, ds.ImagerPixelSpacing = ["0.07", "0.07"], ["0.07", "0.07"]
    head, _ = _head_and_tail(ds, str(ExplicitVRLittleEndian))
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    image = 2000 + 1500 * np.sin(x / 300) * np.cos(y / 400)
    image += np.random.default_rng(7).normal(0, 60, image.shape).astype(np.float32)
    (to / "1.dcm").write_bytes(head + _native(np.clip(image, 0, 4095).astype(np.uint16)))


def _native(image: NDArray[np.uint16]) -> bytes:
    return b"\xe0\x7f\x10\x00OW\0\0" + image.nbytes.to_bytes(4, "little") + image.tobytes()


def _encapsulated(codestream: bytes) -> bytes:
    end = b"\xfe\xff\xdd\xe0\0\0\0\0"
    return b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff" + encapsulate([codestream]) + end


def _filled(head: bytes, number: int) -> bytes:
    for mark, text in (
        (_SOP, f"{number + 1000000001}"),
        (_NUMBER, f"{number + 1:08}"),
        (_PLACE, f"{number * 0.7:010.1f}"),
    ):
        head = head.replace(mark.encode(), text.encode())
    return head


def _template(name: str, size: int, syntax: str) -> tuple[bytes, bytes]:
    """A file up to its pixel data and behind it, with marks where instances differ."""
    return _head_and_tail(_dataset(name, size), syntax)


def _head_and_tail(ds: Dataset, syntax: str) -> tuple[bytes, bytes]:
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = UID(syntax)
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    out = io.BytesIO()
    ds.save_as(out, enforce_file_format=True, implicit_vr=False, little_endian=True)
    return out.getvalue(), b""


def _dataset(name: str, size: int) -> Dataset:
    ds = Dataset()
    for keyword, value in _VALUES.items():
        setattr(ds, keyword, value)
    ds.StudyInstanceUID, ds.SeriesInstanceUID = study_uid(name), series_uid(name)
    ds.SOPInstanceUID = f"{_UID}.3.{_SOP}"
    ds.FrameOfReferenceUID = f"{_UID}.4.1"
    ds.InstanceNumber = _NUMBER
    ds.ImagePositionPatient = ["-179.65", "-179.65", _PLACE]
    ds.SliceLocation = _PLACE
    ds.Rows = ds.Columns = size
    for keyword in _SEQUENCES:
        setattr(ds, keyword, Sequence([_code(), _code()]))
    for group, creator in ((0x0009, "GENERIC 01"), (0x0019, "GENERIC 02"), (0x0045, "GENERIC 03")):
        _add_private(ds, group, creator)
    return ds


def _code() -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator = "113014", "DCM"
    item.CodeMeaning = "Study"
    item.ReferencedSOPClassUID = "1.2.840.10008.3.1.2.3.1"
    item.ReferencedSOPInstanceUID = f"{_UID}.5.1"
    return item


def _add_private(ds: Dataset, group: int, creator: str) -> None:
    block = ds.private_block(group, creator, create=True)
    for number, (vr, value) in enumerate(_private_values()):
        block.add_new(number, vr, value)


def _private_values() -> Iterator[tuple[str, Any]]:
    for k in range(8):
        yield "LO", f"PRIVATE TEXT {k}"
        yield "DS", f"{k}.{k}25"
        yield "SL", k * 1000
        yield "FD", k / 3
        yield "OB", bytes(64)


_SEQUENCES = (
    "ReferencedStudySequence",
    "ReferencedPatientSequence",
    "ReferencedImageSequence",
    "SourceImageSequence",
    "AnatomicRegionSequence",
    "RequestAttributesSequence",
)
_VALUES: dict[str, Any] = {
    "SOPClassUID": "1.2.840.10008.5.1.4.1.1.2",
    "SpecificCharacterSet": "ISO_IR 100",
    "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL", "CT_SOM5 SPI"],
    "StudyDate": "20261124", "SeriesDate": "20261124",
    "AcquisitionDate": "20261124", "ContentDate": "20261124",
    "StudyTime": "101500.123", "SeriesTime": "101601.1",
    "AcquisitionTime": "101633.5", "ContentTime": "101633.5",
    "AccessionNumber": "ACC-4711", "Modality": "CT", "Manufacturer": "Lightbox phantom",
    "InstitutionName": "General Hospital", "InstitutionAddress": "1 Main Street",
    "ReferringPhysicianName": "Refers^Rita", "StationName": "CT01",
    "StudyDescription": "CT chest, abdomen", "SeriesDescription": "Thin 0.7 soft",
    "InstitutionalDepartmentName": "Radiology", "OperatorsName": "Op^Erator",
    "ManufacturerModelName": "Phantom 600",
    "PatientName": "Bench^Patient", "PatientID": "BENCH-1", "PatientBirthDate": "19700102",
    "PatientSex": "O", "PatientAge": "056Y", "PatientSize": "1.75", "PatientWeight": "75",
    "ContrastBolusAgent": "Iodine", "BodyPartExamined": "CHEST", "ScanOptions": "HELICAL",
    "SliceThickness": "0.7", "KVP": "120", "DataCollectionDiameter": "500",
    "DeviceSerialNumber": "12345", "SoftwareVersions": "1.0", "ProtocolName": "Thorax routine",
    "ReconstructionDiameter": "360", "DistanceSourceToDetector": "1085.6",
    "DistanceSourceToPatient": "595", "GantryDetectorTilt": "0", "TableHeight": "150",
    "RotationDirection": "CW", "ExposureTime": "500", "XRayTubeCurrent": "200",
    "Exposure": "100", "FilterType": "WEDGE_2", "GeneratorPower": "24",
    "FocalSpots": "1.2", "DateOfLastCalibration": "20261123", "ConvolutionKernel": "B30f",
    "PatientPosition": "HFS", "ExposureModulationType": "XYZ_EC",
    "EstimatedDoseSaving": 30.5, "CTDIvol": 7.5, "StudyID": "1", "SeriesNumber": "3",
    "AcquisitionNumber": "2", "ImageOrientationPatient": ["1", "0", "0", "0", "1", "0"],
    "PositionReferenceIndicator": "", "ImageComments": "No comment",
    "SamplesPerPixel": 1, "PhotometricInterpretation": "MONOCHROME2",
    "PixelSpacing": ["0.703125", "0.703125"], "BitsAllocated": 16, "BitsStored": 12,
    "HighBit": 11, "PixelRepresentation": 0, "SmallestImagePixelValue": 0,
    "LargestImagePixelValue": 4095, "WindowCenter": ["40", "-600"],
    "WindowWidth": ["400", "1500"], "RescaleIntercept": "-1024", "RescaleSlope": "1",
    "WindowCenterWidthExplanation": ["SOFT", "LUNG"], "RescaleType": "HU",
    "PerformedProcedureStepStartDate": "20261124", "PerformedProcedureStepStartTime": "101500",
    "PerformedProcedureStepID": "PPS1", "PerformedProcedureStepDescription": "CT chest",
}  # fmt: skip
