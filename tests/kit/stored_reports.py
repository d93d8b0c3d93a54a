"""Structured reports as other programs write them, item by item."""

import io
from typing import Any

from pydicom import Dataset
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

COMPREHENSIVE_3D = "1.2.840.10008.5.1.4.1.1.88.34"
CT = "1.2.840.10008.5.1.4.1.1.2"


def code(value: str, scheme: str = "DCM", meaning: str = "") -> Dataset:
    made = Dataset()
    made.CodeValue, made.CodingSchemeDesignator = value, scheme
    made.CodeMeaning = meaning or value
    return made


def item(kind: str, name: Dataset | None = None, *children: Dataset, **more: Any) -> Dataset:
    made = Dataset()
    made.ValueType, made.RelationshipType = kind, more.pop("by", "CONTAINS")
    if name is not None:
        made.ConceptNameCodeSequence = [name]
    for keyword, value in more.items():
        setattr(made, keyword, value)
    if children:
        made.ContentSequence = list(children)
    return made


def image(sop: str, *, frame: int | None = None, segment: int | None = None) -> Dataset:
    reference = Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = CT, sop
    if frame is not None:
        reference.ReferencedFrameNumber = frame
    if segment is not None:
        reference.ReferencedSegmentNumber = segment
    return item("IMAGE", by="SELECTED FROM", ReferencedSOPSequence=[reference])


def scoord(graphic: str, points: list[float], sop: str | None, **more: Any) -> Dataset:
    """In an image; points from the corner of the first pixel."""
    below = [image(sop, **more)] if sop else []
    region = code("111030", meaning="Image Region")
    return item("SCOORD", region, *below, GraphicType=graphic, GraphicData=points)


def scoord_3d(graphic: str, points: list[float], space: str) -> Dataset:
    return item(
        "SCOORD3D", code("111030"), GraphicType=graphic, GraphicData=points,
        ReferencedFrameOfReferenceUID=space,
    )  # fmt: skip


def number(name: Dataset, value: str, unit: str, *children: Dataset) -> Dataset:
    measured = Dataset()
    measured.add_new("NumericValue", "DS", "")
    measured["NumericValue"]._value = value  # as it stands in the file, whatever it is
    measured.MeasurementUnitsCodeSequence = [code(unit, "UCUM")]
    return item("NUM", name, *children, MeasuredValueSequence=[measured])


LENGTH = code("410668003", "SCT", "Length")


def group(*children: Dataset, tracking: str = "One") -> Dataset:
    name = item("TEXT", code("112039"), TextValue=tracking, by="HAS OBS CONTEXT")
    uid = item("UIDREF", code("112040"), UID="1.2.3.4", by="HAS OBS CONTEXT")
    return item("CONTAINER", code("125007"), name, uid, *children)


def stored_report(
    *groups: Dataset, patient: str = "P1", sop_class: str = COMPREHENSIVE_3D
) -> bytes:
    """A file with these measurement groups."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = UID(sop_class)
    meta.MediaStorageSOPInstanceUID = generate_uid()
    made = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    made.SOPClassUID, made.SOPInstanceUID = UID(sop_class), meta.MediaStorageSOPInstanceUID
    made.PatientID, made.PatientName, made.Manufacturer = patient, "Doe^Jane", "Other"
    made.ContentDate, made.ContentTime, made.ValueType = "20260102", "030405", "CONTAINER"
    made.ConceptNameCodeSequence = [code("126000")]
    observer = item("PNAME", code("121008"), PersonName="Roe^R", by="HAS OBS CONTEXT")
    measured = item("CONTAINER", code("126010"), *groups)
    made.ContentSequence = [observer, measured]
    out = io.BytesIO()
    made.save_as(out, enforce_file_format=True)
    return out.getvalue()
