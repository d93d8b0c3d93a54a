"""Small DICOM objects made in code, as bytes, for tests of the loader."""

import io
import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence as Items
from pydicom.uid import UID, ExplicitVRLittleEndian

CT = "1.2.840.10008.5.1.4.1.1.2"
MR = "1.2.840.10008.5.1.4.1.1.4"
CR = "1.2.840.10008.5.1.4.1.1.1"
ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4.1"


def dataset(number: int = 1, *, series: str = "1", **values: Any) -> Dataset:
    """A CT image of 4 × 5 pixels at z = ``number`` mm; ``values`` by keyword, None removes."""
    ds = Dataset()
    ds.SOPClassUID = CT
    ds.SOPInstanceUID = f"1.2.826.0.1.{series}.{number}"
    ds.StudyInstanceUID = "1.2.826.0.1"
    ds.SeriesInstanceUID = f"1.2.826.0.1.{series}"
    ds.Modality = "CT"
    ds.PatientName = "Test^Patient"
    ds.PatientID = "T-1"
    ds.PatientBirthDate = "19700102"
    ds.PatientSex = "O"
    ds.StudyDate = "20260101"
    ds.InstanceNumber = number
    ds.SeriesNumber = int(series)
    ds.ImagePositionPatient = [0, 0, number]
    ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    ds.PixelSpacing = [0.5, 0.25]
    ds.FrameOfReferenceUID = "1.2.826.0.1.9"
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.Rows, ds.Columns = 4, 5
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, 12, 11
    ds.PixelRepresentation = 0
    ds.PixelData = np.arange(20, dtype="<u2").tobytes()
    for keyword, value in values.items():
        if value is None:
            delattr(ds, keyword)
        else:
            setattr(ds, keyword, value)
    return ds


def written(ds: Dataset, syntax: str = ExplicitVRLittleEndian, *, deflate: bool = False) -> bytes:
    """A Part 10 file of the data set; ``deflate`` compresses it behind the meta information."""
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = UID(syntax)
    ds.file_meta.MediaStorageSOPClassUID = ds.get("SOPClassUID", CT)
    ds.file_meta.MediaStorageSOPInstanceUID = ds.get("SOPInstanceUID", "1.2.3")
    if UID(syntax).is_encapsulated and not deflate:
        ds["PixelData"].VR = "OB"
        ds["PixelData"].is_undefined_length = True
    out = io.BytesIO()
    ds.save_as(out, enforce_file_format=True)
    return out.getvalue()


def file(number: int = 1, *, syntax: str = ExplicitVRLittleEndian, **values: Any) -> bytes:
    """A whole file: ``dataset`` written."""
    return written(dataset(number, **values), syntax)


def encoded(frames: Sequence[bytes], syntax: str, **values: Any) -> bytes:
    """A file with these codestreams as its frames."""
    ds = dataset(**values)
    ds.PixelData = encapsulate(list(frames))
    if len(frames) > 1:
        ds.NumberOfFrames = len(frames)
    return written(ds, syntax)


def enhanced(frames: Sequence[Dataset], pixels: NDArray[Any], **values: Any) -> bytes:
    """An enhanced MR object with one functional group item a frame."""
    ds = dataset(SOPClassUID=ENHANCED_MR, Modality="MR", **values)
    for keyword in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"):
        delattr(ds, keyword)
    ds.NumberOfFrames = len(frames)
    shared = Dataset()
    shared.PlaneOrientationSequence = Items([Dataset()])
    shared.PlaneOrientationSequence[0].ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    shared.PixelMeasuresSequence = Items([Dataset()])
    shared.PixelMeasuresSequence[0].PixelSpacing = [0.5, 0.25]
    ds.SharedFunctionalGroupsSequence = Items([shared])
    ds.PerFrameFunctionalGroupsSequence = Items(list(frames))
    ds.PixelData = pixels.astype("<u2").tobytes()
    return written(ds)


def frame_groups(z: float, slope: float, intercept: float, centre: float) -> Dataset:
    """Functional groups of one frame: position, value transformation, window."""
    item = Dataset()
    item.PlanePositionSequence = Items([Dataset()])
    item.PlanePositionSequence[0].ImagePositionPatient = [0, 0, z]
    item.PixelValueTransformationSequence = Items([Dataset()])
    transformation = item.PixelValueTransformationSequence[0]
    transformation.RescaleSlope, transformation.RescaleIntercept = slope, intercept
    transformation.RescaleType = "US"
    item.FrameVOILUTSequence = Items([Dataset()])
    item.FrameVOILUTSequence[0].WindowCenter = centre
    item.FrameVOILUTSequence[0].WindowWidth = 100
    return item


def lut(first: int, entries: Sequence[int], bits: int = 16, **values: Any) -> Dataset:
    """A LUT item whose descriptor is coded unsigned, as most writers do."""
    item = Dataset()
    item.add_new(0x00283002, "US", [len(entries) % 65536, first % 65536, bits])
    item.add_new(0x00283006, "OW", np.asarray(entries, "<u2").tobytes())
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item


def nested(depth: int) -> bytes:
    """A file whose private sequences of undefined length are nested ``depth`` deep."""
    data = written(dataset(PixelData=None))
    opening = struct.pack("<HH2sHI", 0x0073, 0x1001, b"SQ", 0, 0xFFFFFFFF)
    item = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
    item_end = struct.pack("<HHI", 0xFFFE, 0xE00D, 0)
    sequence_end = struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    return data + (opening + item) * depth + (item_end + sequence_end) * depth


def bomb(megabytes: int) -> bytes:
    """A deflated file that inflates to this much inside one private element."""
    whole = written(dataset(PixelData=None), "1.2.840.10008.1.2.1.99")
    start = 144 + struct.unpack_from("<I", whole, 140)[0]
    head = zlib.decompress(whole[start:], -zlib.MAX_WBITS)
    size = megabytes * 1024 * 1024
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(head + struct.pack("<HH2sHI", 0x0073, 0x1001, b"OB", 0, size))
    for _ in range(megabytes):
        packed += packer.compress(bytes(1024 * 1024))
    return whole[:start] + packed + packer.flush()
