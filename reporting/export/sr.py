"""The report as a DICOM structured report (TID 2000, Enhanced SR)."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from highdicom.sr import (
    CodeContentItem,
    CompositeContentItem,
    ContainerContentItem,
    ContentItem,
    ContentSequence,
    ImageContentItem,
    NumContentItem,
    RelationshipTypeValues,
    TextContentItem,
)
from pydicom import Dataset
from pydicom.sr.coding import Code as Coded

from reporting.export import sr_words
from reporting.export.certainty import calibrated, ranges
from reporting.export.identifiers import shown
from reporting.export.objects import (
    ObjectReference,
    Source,
    frame_numbers,
    image_reference,
    measured_images,
    reference_item,
    source_of,
)
from reporting.export.sr_document import ReportDocument, told_in_one_sentence, verified
from reporting.model.chips import by_measurement, chips_in, words
from reporting.model.finding import Finding
from reporting.model.report import ReportContext, ReportDraft, Section, SectionId

_Codes = tuple[Coded, Coded]
_CONTAINS = RelationshipTypeValues.CONTAINS
_INFERRED_FROM = RelationshipTypeValues.INFERRED_FROM
_MODIFIER = RelationshipTypeValues.HAS_CONCEPT_MOD
_TITLE = Coded("18748-4", "LN", "Diagnostic Imaging Report")
_PROCEDURE_REPORTED = Coded("121058", "DCM", "Procedure reported")
_SOURCE_OF_MEASUREMENT = Coded("121112", "DCM", "Source of Measurement")
_HISTORY = Coded("11329-0", "LN", "History")
_REQUEST = Coded("55115-0", "LN", "Request")
_FINDINGS = Coded("59776-5", "LN", "Findings")
_CODES: Mapping[SectionId, _Codes] = {
    SectionId.TECHNIQUE: (
        Coded("55111-9", "LN", "Current Procedure Descriptions"),
        Coded("121065", "DCM", "Procedure Description"),
    ),
    SectionId.COMPARISON: (
        Coded("18834-2", "LN", "Previous Findings"),
        Coded("121069", "DCM", "Previous Finding"),
    ),
    SectionId.FINDINGS: (_FINDINGS, Coded("121071", "DCM", "Finding")),
    SectionId.IMPRESSION: (
        Coded("19005-8", "LN", "Impressions"),
        Coded("121073", "DCM", "Impression"),
    ),
}
"""Heading (CID 7001) and element (CID 7002) of each section."""
_SERIES = (9901, "Report")
_SHORT_STRING = 16


def report_sr(
    draft: ReportDraft,
    context: ReportContext,
    *,
    signed_at: datetime,
    measurement_sr_ref: ObjectReference | None = None,
    language: str = "en",
) -> bytes:
    """Write the report as a DICOM file: complete, final, verified; raises ExportFailed.

    A chip reads as its label in the text; a NUM that the text is inferred from states it as a
    code, with the image it was measured on.
    """
    with told_in_one_sentence("The report"):
        source = source_of(context)
        root = _root(draft, context, source, measurement_sr_ref, language)
        evidence = measured_images(draft, context, source)
        if measurement_sr_ref is not None:
            evidence.append(reference_item(measurement_sr_ref))
        return verified(
            ReportDocument,
            root,
            evidence,
            context,
            source,
            series=_SERIES,
            signed_at=signed_at,
            requested_procedures=[_requested(context)],
        )


def _root(
    draft: ReportDraft,
    context: ReportContext,
    source: Source,
    measurements: ObjectReference | None,
    language: str,
) -> ContainerContentItem:
    root = ContainerContentItem(_TITLE, template_id="2000")
    items = ContentSequence()
    items.extend(sr_words.language_of(language))
    items.extend(sr_words.observer(context))
    procedure = sr_words.procedure_reported(context)
    items.append(CodeContentItem(_PROCEDURE_REPORTED, procedure, _MODIFIER))
    items.extend(_told(_REQUEST, context.order.question))
    items.extend(_told(_HISTORY, context.order.history))
    for section in draft.sections:
        items.extend(_section(section, draft, context, source))
    if measurements is not None:
        items.append(_measured_elsewhere(measurements))
    root.ContentSequence = items
    return root


def _told(name: Coded, text: str) -> Iterator[ContentItem]:
    told = sr_words.clean(text)
    if told:
        yield _container(name, TextContentItem(name, told, _CONTAINS))


def _section(
    section: Section, draft: ReportDraft, context: ReportContext, source: Source
) -> Iterator[ContentItem]:
    heading, element = _CODES[section.id]
    known = by_measurement(draft.findings)
    told = sr_words.clean(words(section.text, known))
    if not told:
        return
    text = TextContentItem(element, told, _CONTAINS)
    found = [known[chip] for chip in chips_in([section.text]) if chip in known]
    if found:
        text.ContentSequence = ContentSequence([_number(f, context, source) for f in found])
    yield _container(heading, text)


def _container(name: Coded, item: ContentItem) -> ContainerContentItem:
    container = ContainerContentItem(name, relationship_type=_CONTAINS)
    container.ContentSequence = ContentSequence([item])
    return container


def _number(finding: Finding, context: ReportContext, source: Source) -> NumContentItem:
    measured = finding.measurement
    image = image_reference(measured.on, context, source)
    number = NumContentItem(
        name=sr_words.concept(measured.name),
        value=shown(measured.value),
        unit=sr_words.unit(measured.unit),
        relationship_type=_INFERRED_FROM,
    )
    seen_on = ImageContentItem(
        name=_SOURCE_OF_MEASUREMENT,
        referenced_sop_class_uid=image.SOPClassUID,
        referenced_sop_instance_uid=image.SOPInstanceUID,
        referenced_frame_numbers=frame_numbers(measured.on, image.SOPClassUID),
        relationship_type=_INFERRED_FROM,
    )
    number.ContentSequence = ContentSequence([seen_on, calibrated(measured), *ranges(measured)])
    return number


def _measured_elsewhere(reference: ObjectReference) -> ContainerContentItem:
    document = CompositeContentItem(
        name=_SOURCE_OF_MEASUREMENT,
        referenced_sop_class_uid=reference.sop_class,
        referenced_sop_instance_uid=reference.sop,
        relationship_type=_CONTAINS,
    )
    return _container(_FINDINGS, document)


def _requested(context: ReportContext) -> Dataset:
    item = Dataset()
    accession = context.order.accession or context.study.accession
    item.StudyInstanceUID = context.study.uid
    item.ReferencedStudySequence = []
    item.AccessionNumber = accession if len(accession) <= _SHORT_STRING else ""
    item.PlacerOrderNumberImagingServiceRequest = ""
    item.FillerOrderNumberImagingServiceRequest = ""
    item.RequestedProcedureID = ""
    item.RequestedProcedureDescription = sr_words.long_string(context.order.procedure_code[2])
    item.RequestedProcedureCodeSequence = [sr_words.procedure_reported(context)]
    return item
