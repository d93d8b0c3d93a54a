"""Documents say here what they say elsewhere: pydicom for the tree, dsrdump for whole reports."""

import io
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import highdicom as hd
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import UID

from viewer.errors import HeaderError, UnsupportedSopClass
from viewer.loading.documents import read_document
from viewer.model.document import ImageLink, PageDocument, TextDocument

PDF = b"%PDF-1.4\n%%EOF\n"


def read(ds: Dataset) -> TextDocument | PageDocument:
    out = io.BytesIO()
    ds.save_as(out, enforce_file_format=True)
    out.seek(0)
    return read_document(out, name="it")


def images(count: int) -> list[Dataset]:
    found: list[Dataset] = []
    for number in range(count):
        ds = pydicom.dcmread(str(get_testdata_file("CT_small.dcm")))
        ds.SOPInstanceUID = f"1.2.3.{number + 1}"
        ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
        found.append(ds)
    return found


def key_objects() -> Dataset:
    evidence = images(2)
    selection = hd.ko.KeyObjectSelection(
        document_title=codes.cid7010.ForReferringProvider,
        referenced_objects=evidence,
        description="The nodule <b>here</b>",
    )
    return hd.ko.KeyObjectSelectionDocument(
        evidence=evidence,
        content=selection,
        series_instance_uid="1.2.9",
        series_number=9,
        sop_instance_uid="1.2.9.1",
        instance_number=1,
        manufacturer="Test",
        institution_name=None,
    )


def pdf(**changes: object) -> Dataset:
    ds = pydicom.dcmread(str(get_testdata_file("CT_small.dcm")))
    for name in ("PixelData", "Rows", "Columns"):
        delattr(ds, name)
    ds.SOPClassUID = UID("1.2.840.10008.5.1.4.1.1.104.1")
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.DocumentTitle = "Old letter"
    ds.MIMETypeOfEncapsulatedDocument = "application/pdf"
    ds.EncapsulatedDocument = PDF + b"\0"
    ds.EncapsulatedDocumentLength = len(PDF)
    for name, value in changes.items():
        setattr(ds, name, value)
    return ds


def test_a_key_object_selection_names_its_images() -> None:
    found = read(key_objects())
    assert isinstance(found, TextDocument)
    assert found.is_key_objects
    assert found.title == "For Referring Provider"
    assert found.links == (ImageLink("1.2.3.1"), ImageLink("1.2.3.2"))  # type: ignore[arg-type]
    assert "The nodule <b>here</b>" in [line.text for line in found.lines]


def test_a_pdf_is_as_long_as_the_header_says() -> None:
    found = read(pdf())
    assert isinstance(found, PageDocument)
    assert (found.title, found.data) == ("Old letter", PDF)


@pytest.mark.parametrize(
    ("changes", "kind", "sentence"),
    [
        ({"EncapsulatedDocument": b""}, HeaderError, "holds no PDF"),
        ({"MIMETypeOfEncapsulatedDocument": "text/xml"}, UnsupportedSopClass, "text/xml, not PDF"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.104.2"}, UnsupportedSopClass, "CDA"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2"}, UnsupportedSopClass, "not a document"),
    ],
)
def test_what_is_no_document_says_so(
    changes: dict[str, object], kind: type[Exception], sentence: str
) -> None:
    with pytest.raises(kind, match=sentence):
        read(pdf(**changes))


def walked(ds: Dataset) -> Iterator[Dataset]:
    for item in ds.get("ContentSequence", ()):
        yield item
        yield from walked(item)


REPORTS = ["reports/reportsi.dcm", "reports/test-SR.dcm", "highdicom/sr_document.dcm",
           "highdicom/sr_document_with_multiple_groups.dcm", "dcmqi-tid1500/sr.dcm",
           "dwv-tid1500-like/sample-sr.dcm"]  # fmt: skip


@pytest.mark.parametrize("name", REPORTS)
def test_no_content_item_of_a_real_report_is_lost(shared_dicom: Path, name: str) -> None:
    file = shared_dicom / "seg-rt-sr-ko-pr" / name
    ds = pydicom.dcmread(file)
    with file.open("rb") as data:
        found = read_document(data, name=name)
    assert isinstance(found, TextDocument)
    theirs = list(walked(ds))
    assert len(found.lines) == len(theirs) > 5
    for line, item in zip(found.lines, theirs, strict=True):
        if "ConceptNameCodeSequence" in item:
            assert line.label.endswith(item.ConceptNameCodeSequence[0].CodeMeaning)
        if item.get("ValueType") == "NUM" and item.MeasuredValueSequence:
            assert line.text.startswith(str(item.MeasuredValueSequence[0].NumericValue))
        if item.get("ValueType") == "TEXT":
            assert line.text.split() == item.TextValue.split()
        if item.get("ValueType") == "IMAGE":
            assert line.links[0].sop == item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID


@pytest.mark.skipif(shutil.which("dsrdump") is None, reason="dcmtk is not installed")
def test_dsrdump_prints_the_same_numbers(shared_dicom: Path) -> None:
    file = shared_dicom / "seg-rt-sr-ko-pr/highdicom/sr_document.dcm"
    with file.open("rb") as data:
        found = read_document(data, name=file.name)
    assert isinstance(found, TextDocument)
    done = subprocess.run(["dsrdump", str(file)], check=True, capture_output=True, text=True)
    numbers = [line for line in done.stdout.splitlines() if " NUM:" in line]
    ours = [line for line in found.lines if line.text.endswith(("cm2", "mm", "HU"))]
    assert numbers
    assert len(ours) == len(numbers)
    for mine, other in zip(ours, numbers, strict=True):
        assert f'="{mine.text.split()[0]}"' in other


def test_a_tree_that_is_too_deep_is_refused() -> None:
    deepest = Dataset()
    for _ in range(40):
        around = Dataset()
        around.ValueType = "CONTAINER"
        around.ContentSequence = [deepest]
        deepest = around
    report = pdf()
    report.SOPClassUID = UID("1.2.840.10008.5.1.4.1.1.88.33")
    report.ContentSequence = [deepest]
    with pytest.raises(HeaderError):
        read(report)


def test_a_cut_report_says_that_it_is_not_whole(shared_dicom: Path) -> None:
    data = (shared_dicom / "seg-rt-sr-ko-pr/reports/reportsi.dcm").read_bytes()
    whole = read_document(io.BytesIO(data), name="it")
    assert isinstance(whole, TextDocument)
    assert not any("INCOMPLETE" in caution for caution in whole.cautions)
    cut = read_document(io.BytesIO(data[:-40]), name="it")
    assert cut.cautions[0].startswith("INCOMPLETE: The data set is cut or corrupt at byte")


def test_a_cut_pdf_says_how_much_of_it_is_here() -> None:
    found = read(pdf(EncapsulatedDocumentLength=1000))
    assert found.cautions == (f"INCOMPLETE: the PDF has {len(PDF) + 1} of 1000 bytes.",)


def test_a_report_that_is_not_finished_says_so() -> None:
    report = pdf()
    report.SOPClassUID = UID("1.2.840.10008.5.1.4.1.1.88.33")
    report.ConceptNameCodeSequence = [Dataset()]
    report.ConceptNameCodeSequence[0].CodeMeaning = "Chest report"
    assert read(report).cautions == ("COMPLETENESS NOT STATED", "VERIFICATION NOT STATED")
    report.CompletionFlag, report.VerificationFlag = "PARTIAL", "UNVERIFIED"
    assert read(report).cautions == ("PARTIAL REPORT", "NOT VERIFIED")
    report.CompletionFlag, report.VerificationFlag = "COMPLETE", "VERIFIED"
    assert read(report).cautions == ()
