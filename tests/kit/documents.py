"""Documents made from scratch: key object selections, encapsulated PDF; a worker that fails."""

import io
import os
import signal
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection

import highdicom as hd
import pydicom
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code
from pydicom.uid import UID

from viewer.loading import page_worker
from viewer.loading.worker import Ready

REFERRING = Code("113002", "DCM", "For Referring Provider")
REJECTED = Code("113001", "DCM", "Rejected for Quality Reasons")
KO_CLASS = "1.2.840.10008.5.1.4.1.1.88.59"
PDF_CLASS = "1.2.840.10008.5.1.4.1.1.104.1"
SR_CLASS = "1.2.840.10008.5.1.4.1.1.88.33"
CRASH, HANG = b"crash", b"hang"


def ct_images(count: int) -> list[Dataset]:
    """CT images 1.2.3.1, 1.2.3.2, … of one study."""
    found: list[Dataset] = []
    for number in range(count):
        ds = pydicom.dcmread(str(get_testdata_file("CT_small.dcm")))
        ds.SOPInstanceUID = f"1.2.3.{number + 1}"
        ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
        found.append(ds)
    return found


def key_objects(
    images: Sequence[Dataset], title: Code = REFERRING, *, uid: str = "1.2.9.1", words: str = ""
) -> Dataset:
    """A key object selection as highdicom writes it."""
    selection = hd.ko.KeyObjectSelection(
        document_title=title, referenced_objects=images, description=words or None
    )
    return hd.ko.KeyObjectSelectionDocument(
        evidence=images,
        content=selection,
        series_instance_uid="1.2.9",
        series_number=9,
        sop_instance_uid=uid,
        instance_number=1,
        manufacturer="Test",
        institution_name=None,
    )


def encapsulated(data: bytes, **changes: object) -> Dataset:
    """An Encapsulated PDF object around any bytes."""
    ds = pydicom.dcmread(str(get_testdata_file("CT_small.dcm")))
    for name in ("PixelData", "Rows", "Columns"):
        delattr(ds, name)
    ds.SOPClassUID = UID(PDF_CLASS)
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.DocumentTitle = "Old letter"
    ds.MIMETypeOfEncapsulatedDocument = "application/pdf"
    ds.EncapsulatedDocument = data + b"\0" * (len(data) % 2)
    ds.EncapsulatedDocumentLength = len(data)
    for name, value in changes.items():
        setattr(ds, name, value)
    return ds


def bytes_of(ds: Dataset) -> bytes:
    """The data set as a file."""
    out = io.BytesIO()
    ds.save_as(out, enforce_file_format=True)
    return out.getvalue()


def pdf(*pages: str, extra: Sequence[str] = (), page_keys: str = "", root: str = "") -> bytes:
    """A PDF whose pages of 300 by 400 points say one line each.

    ``extra`` are further objects, numbered after the pages; ``root`` and ``page_keys`` go into the
    catalogue and into each page.
    """
    bodies = ["", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids: list[str] = []
    for words in pages:
        content = f"BT /F1 18 Tf 20 200 Td ({words}) Tj ET"
        number = len(bodies) + 1
        kids.append(f"{number} 0 R")
        bodies.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 400] /Contents {number + 1} 0 R "
            f"/Resources << /Font << /F1 3 0 R >> >> {page_keys} >>"
        )
        bodies.append(f"<< /Length {len(content)} >> stream\n{content}\nendstream")
    bodies[0] = f"<< /Type /Catalog /Pages 2 0 R {root} >>"
    bodies[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(pages)} >>"
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate([*bodies, *extra], 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    tail = f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n{table}"
    tail += f"trailer << /Size {len(places) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + tail.encode()


def serve(pipe: Connection, memory_limit: int) -> None:
    """The loop of a page process that does what the bytes of a PDF say."""
    pipe.send(Ready(()))
    while (request := pipe.recv()) is not None:
        if isinstance(request, page_worker.OpenPdf):
            if request.data == CRASH:
                os.kill(os.getpid(), signal.SIGSEGV)
            if request.data == HANG:
                time.sleep(60)
            pipe.send(page_worker.Opened("", 1, ((300.0, 400.0),)))
        else:
            pipe.send(page_worker.Drawn("", 30_000, 40_000, ""))


def report(
    title: str,
    texts: Sequence[str],
    images: Sequence[str],
    *,
    sop_class: str = SR_CLASS,
    patient: str = "4711",
) -> Dataset:
    """A structured report with one TEXT item for each text and one IMAGE item for each image."""
    ds = encapsulated(b"")
    ds.SOPClassUID = UID(sop_class)
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    for name in ("EncapsulatedDocument", "EncapsulatedDocumentLength", "PatientBirthDate"):
        if name in ds:
            delattr(ds, name)
    ds.PatientID, ds.SpecificCharacterSet = patient, "ISO_IR 192"
    ds.PatientName = "DOE^JANE"
    ds.ConceptNameCodeSequence = [_concept(title)]
    ds.ContentSequence = [_item("TEXT", "Finding", TextValue=text) for text in texts]
    for sop in images:
        reference = Dataset()
        reference.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
        reference.ReferencedSOPInstanceUID = sop
        ds.ContentSequence.append(_item("IMAGE", "Source", ReferencedSOPSequence=[reference]))
    return ds


def _concept(meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "1", "99TEST", meaning
    return code


def _item(kind: str, meaning: str, **more: object) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = "CONTAINS", kind
    item.ConceptNameCodeSequence = [_concept(meaning)]
    for name, value in more.items():
        setattr(item, name, value)
    return item
