"""The report as TID 2000."""

import io
from collections.abc import Iterator
from dataclasses import replace

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import Comprehensive3DSRStorage, EnhancedSRStorage

from reporting.errors import ExportFailed
from reporting.export.objects import ObjectReference
from reporting.export.sr import report_sr
from reporting.model.report import ReportContext, ReportDraft, Section, SectionId
from tests.kit import reporting
from tests.kit.report_images import headers
from tests.kit.signed_forms import NOW, context, draft

MEASUREMENTS = ObjectReference(reporting.STUDY, "2.25.55", "2.25.56", Comprehensive3DSRStorage)


def made(
    text: ReportDraft | None = None,
    told: ReportContext | None = None,
    *,
    measured: ObjectReference | None = None,
    language: str = "en",
) -> Dataset:
    data = report_sr(
        text or draft(),
        told or context(),
        signed_at=NOW,
        measurement_sr_ref=measured,
        language=language,
    )
    return dcmread(io.BytesIO(data))


def walk(item: Dataset) -> Iterator[Dataset]:
    for child in item.get("ContentSequence", []):
        yield child
        yield from walk(child)


def name(item: Dataset) -> str:
    return str(item.ConceptNameCodeSequence[0].CodeMeaning)


def texts(document: Dataset) -> dict[str, str]:
    return {name(i): i.TextValue for i in walk(document) if i.ValueType == "TEXT"}


def test_is_complete_final_and_verified() -> None:
    document = made()
    assert document.SOPClassUID == EnhancedSRStorage
    flags = (document.CompletionFlag, document.VerificationFlag, document.PreliminaryFlag)
    assert flags == ("COMPLETE", "VERIFIED", "FINAL")
    observer = document.VerifyingObserverSequence[0]
    assert observer.VerifyingObserverName == "ITO^KEIKO"
    assert observer.VerifyingOrganization == "Night Reads"
    assert document.ContentTemplateSequence[0].TemplateIdentifier == "2000"


def test_sections_stand_under_their_headings() -> None:
    told = texts(made())
    assert told["Procedure Description"] == "CT of the chest."
    assert told["Request"] == "Nodule growth?"
    assert told["History"] == "Known nodule, 30 pack-years."
    assert told["Impression"] == "Nodule of 8.0 mm."
    assert told["Finding"] == (
        "An 8.0 mm nodule in the right upper lobe.\r\nA line of 12.3 px – projected."
    )


def test_a_chip_is_a_number_with_its_image() -> None:
    (finding,) = [i for i in walk(made()) if name(i) == "Finding"]
    first, second = finding.ContentSequence
    assert (first.ValueType, first.RelationshipType) == ("NUM", "INFERRED FROM")
    value = first.MeasuredValueSequence[0]
    assert value.NumericValue == 8.0
    assert value.MeasurementUnitsCodeSequence[0].CodeValue == "mm"
    assert name(first) == "Length"
    image = first.ContentSequence[0].ReferencedSOPSequence[0]
    assert image.ReferencedSOPInstanceUID == reporting.frame().sop
    unit = second.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0]
    assert (unit.CodeValue, unit.CodeMeaning) == ("{pixels}", "pixels")


def test_measured_images_are_evidence() -> None:
    found = {
        sop.ReferencedSOPInstanceUID
        for study in made().CurrentRequestedProcedureEvidenceSequence
        for series in study.ReferencedSeriesSequence
        for sop in series.ReferencedSOPSequence
    }
    assert {reporting.frame().sop, reporting.frame(7).sop} <= found


def test_a_measured_prior_is_other_evidence() -> None:
    on = reporting.frame(3, reporting.PRIOR)
    text = reporting.draft("Was {{m:m1}}.", "Stable.", reporting.finding(on=on))
    told = context(sop_classes={on.sop: "1.2.840.10008.5.1.4.1.1.2"})
    (other,) = made(text, told).PertinentOtherEvidenceSequence
    assert other.StudyInstanceUID == reporting.PRIOR
    with pytest.raises(ExportFailed, match="another study"):
        made(text)


def test_refers_to_the_measurement_object() -> None:
    document = made(measured=MEASUREMENTS)
    (composite,) = [i for i in walk(document) if i.ValueType == "COMPOSITE"]
    assert composite.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == MEASUREMENTS.sop
    assert [i for i in walk(made()) if i.ValueType == "COMPOSITE"] == []


def test_empty_sections_and_unknown_chips() -> None:
    text = reporting.draft("  \n ", "See {{m:gone}}.")
    told = made(text, context(order=replace(context().order, question="", history=" ")))
    assert set(texts(told)) == {
        "Person Observer's Organization Name",
        "Procedure Description",
        "Impression",
    }
    assert texts(told)["Impression"] == "See {{m:gone}}."


def test_every_section_has_a_place() -> None:
    sections = tuple(Section(s, s.value, f"Text of {s.value}.") for s in SectionId)
    told = texts(made(replace(draft(), sections=sections)))
    for section in SectionId:
        assert f"Text of {section.value}." in told.values()


def test_control_characters_do_not_get_in() -> None:
    text = reporting.draft("A\x00B\x1bC\tD\r\nE\u2028F", "x")
    assert texts(made(text))["Finding"] == "ABC\tD\r\nE\r\nF"


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        (("http://loinc.org", "24627-2", "CT Chest"), ("24627-2", "LN")),
        (("http://snomed.info/sct", "169069000", ""), ("169069000", "SCT")),
        (("https://local.example", "X1", "Chest"), ("363679005", "SCT")),
        (("", "", ""), ("363679005", "SCT")),
    ],
)
def test_the_procedure_reported(code: tuple[str, str, str], wanted: tuple[str, str]) -> None:
    told = context(order=replace(context().order, procedure_code=code))
    document = made(told=told)
    (item,) = [i for i in walk(document) if name(i) == "Procedure reported"]
    found = item.ConceptCodeSequence[0]
    assert (found.CodeValue, found.CodingSchemeDesignator) == wanted


def test_the_order_it_answers() -> None:
    (request,) = made().ReferencedRequestSequence
    assert request.AccessionNumber == "A-123"
    assert request.RequestedProcedureDescription == "CT Chest"
    long = context(order=replace(context().order, accession="A" * 17))
    assert made(told=long).ReferencedRequestSequence[0].AccessionNumber == ""


@pytest.mark.parametrize(("tag", "meaning"), [("en", "English"), ("de-CH", "German"), ("pt", "pt")])
def test_says_its_language(tag: str, meaning: str) -> None:
    document = made(language=tag)
    item = document.ContentSequence[0].ConceptCodeSequence[0]
    assert (item.CodeValue, item.CodeMeaning) == (tag, meaning)


@pytest.mark.parametrize(
    ("given", "written"), [("Bono", "Bono^"), ("A" * 70, "A" * 63 + "^"), ("Ito^K\\x", "Ito^K/x")]
)
def test_names_fit_their_rules(given: str, written: str) -> None:
    told = context(reader=replace(context().reader, name=given, organization="O" * 70))
    observer = made(told=told).VerifyingObserverSequence[0]
    assert observer.VerifyingObserverName == written
    assert observer.VerifyingOrganization == "O" * 64


def test_a_patient_of_one_name_and_an_image_of_a_class_nobody_knows() -> None:
    image = headers(PatientName="Anonymized", SOPClassUID="1.2.840.10008.5.1.4.1.1.6")
    document = made(told=context(image_headers=image))
    assert document.PatientName == "Anonymized"
    assert document.IssuerOfPatientID == "Harbour Hospital"


def test_what_the_library_refuses_is_a_sentence() -> None:
    with pytest.raises(ExportFailed, match="report could not be written as DICOM"):
        made(told=context(reader=replace(context().reader, organization=None)))  # type: ignore[arg-type] # a broken promise
