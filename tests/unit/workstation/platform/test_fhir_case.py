"""FHIR Task and all it refers to → Case: what is shown, what is blocked, what is not shown."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.kit import fhir
from tests.kit.fhir import Records
from workstation.errors import BadAnswer, PatientMismatch, PlatformError, UserFacingError
from workstation.model.case import Block, Case, CaseKind, CaseState, Priority
from workstation.platform.fhir_case import case
from workstation.platform.fhir_people import reader
from workstation.platform.fhir_task import after_change, changed_task, completed_entry


@pytest.fixture
def records() -> Records:
    return Records()


def shown(records: Records) -> Case:
    return case(records.task, records, records.me())


def test_case_says_what_the_reader_must_know(records: Records) -> None:
    found = shown(records)
    assert (found.id, found.number, found.version) == ("case-1", "C-000123", 'W/"3"')
    assert (found.state, found.priority) == (CaseState.REQUESTED, Priority.STAT)
    assert found.kind is CaseKind.PRIMARY
    assert found.due == datetime.fromisoformat("2026-11-24T20:45:00+01:00")
    assert found.patient.name == "Doe^Jane^Mary Ann^Dr"
    assert (found.patient.id, found.patient.id_issuer) == ("4711", "KLINIK")
    assert (found.patient.birth_date, found.patient.sex) == ("1972-03-04", "F")
    assert found.order.question == "Pulmonary embolism?"
    assert found.order.history == "Sudden dyspnoea."
    assert found.order.procedure_code[:2] == ("http://loinc.org", "29252-4")
    assert found.order.referrer == "Dr Emre Kaya"
    assert found.owner == "PractitionerRole/dr-ito"
    assert not found.has_ai
    assert found.blocks == ()


def test_studies_tell_where_they_are_and_how_large(records: Records) -> None:
    found = shown(records)
    assert found.study.identity.uid == "1.2.3.4"
    assert found.study.identity.accession == "A-123"
    assert (found.study.identity.date, found.study.identity.time) == ("2026-11-24", "19:40:00")
    assert (found.study.identity.modality, found.study.identity.body_part) == ("CT", "CHEST")
    assert (found.study.modalities, found.study.kind) == (("CT",), "CT")  # a report is no image
    assert (found.study.instances, found.study.series) == (320, 2)
    assert found.study.dicomweb == "https://platform.example/dicom-web"
    assert [p.identity.uid for p in found.priors] == ["1.2.3.0"]


def test_a_study_of_two_kinds_of_images_says_both(records: Records) -> None:
    records["ImagingStudy/study-1"]["modality"] = [{"code": m} for m in ("SR", "CT", "PT")]
    assert shown(records).study.kind == "CT/PT"


def test_prior_report_is_plain_text_with_its_study(records: Records) -> None:
    (report,) = shown(records).prior_reports
    assert report.text == "FINDINGS\n\nClear lungs.\n\nNo nodule."
    assert (report.study_uid, report.date, report.status) == ("1.2.3.0", "2025-01-10", "final")


def test_type_of_resource_goes_before_a_wrong_code(records: Records) -> None:
    records.task["input"][1]["type"] = {"text": "whatever"}
    records.task["input"][2]["type"] = fhir.STUDY
    found = shown(records)
    assert found.study.identity.uid == "1.2.3.4"
    assert [p.identity.uid for p in found.priors] == ["1.2.3.0"]
    assert len(found.prior_reports) == 1


def test_earlier_studies_of_the_patient_are_found_and_later_ones_left_out(
    records: Records,
) -> None:
    for ident, started, patient in (
        ("old", "2020-01-01T00:00:00Z", "Patient/p1"),
        ("later", "2027-01-01T00:00:00Z", "Patient/p1"),
        ("foreign", "2019-01-01T00:00:00Z", "Patient/p2"),
    ):
        records.all[f"ImagingStudy/{ident}"] = {
            **records["ImagingStudy/study-0"],
            "id": ident,
            "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:1.9.{len(ident)}"}],
            "started": started,
            "subject": {"reference": patient},
        }
    assert [p.identity.uid for p in shown(records).priors] == ["1.2.3.0", "1.9.3"]


def test_answer_to_this_very_order_is_no_prior_report(records: Records) -> None:
    records.all["DiagnosticReport/mine"] = {
        **records["DiagnosticReport/report-0"],
        "id": "mine",
        "basedOn": [{"reference": "ServiceRequest/order-1"}],
    }
    assert [r.reference for r in shown(records).prior_reports] == ["DiagnosticReport/report-0"]


def test_software_results_are_flagged_and_are_no_prior_report(records: Records) -> None:
    records.all["DiagnosticReport/ai"] = {
        **records["DiagnosticReport/report-0"],
        "id": "ai",
        "status": "preliminary",
    }
    records.task["input"].append(fhir.given(fhir.AI, "DiagnosticReport/ai"))
    found = shown(records)
    assert found.has_ai
    assert len(found.prior_reports) == 1


@pytest.mark.parametrize(
    ("details", "kind"),
    [
        ([fhir.CONSULTATIVE], CaseKind.SECOND_OPINION),
        ([fhir.OFFICIAL], CaseKind.SECOND_OPINION_OFFICIAL),
        ([], CaseKind.SECOND_OPINION),
    ],
)
def test_second_opinions(records: Records, details: list[Any], kind: CaseKind) -> None:
    order = records["ServiceRequest/order-1"]
    order["reasonCode"] = [fhir.SECOND_OPINION, {"text": "New nodule?"}]
    order["orderDetail"] = details
    assert shown(records).kind is kind
    assert shown(records).order.question == "New nodule?"


@pytest.mark.parametrize(
    "name", ["ServiceRequest/order-1", "ImagingStudy/study-1", "ImagingStudy/study-0"]
)
def test_another_patient_anywhere_in_the_case_is_not_shown(records: Records, name: str) -> None:
    records[name]["subject"] = {"reference": "Patient/p2"}
    with pytest.raises(PatientMismatch, match=f"{name} is about Patient/p2"):
        shown(records)


def test_consent_of_another_patient_is_not_taken(records: Records) -> None:
    records["Consent/consent-1"]["patient"] = {"reference": "Patient/p2"}
    with pytest.raises(PatientMismatch):
        shown(records)


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        (("status",), "inactive", "not active"),
        (("provision", "type"), "deny", "refused"),
        (("provision", "period", "end"), "2026-11-22", "expired"),
        (("provision", "period", "start"), "2026-12-24", "expired or has not begun"),
        (("provision", "period", "end"), "soon", "expired"),
        (("provision", "actor"), [{"reference": {"reference": "Organization/x"}}], "organisation"),
        (("provision", "purpose"), [{"system": "x", "code": "HRESCH"}], "diagnostic"),
    ],
)
def test_consent_that_does_not_cover_the_reading_stops_the_download(
    records: Records, path: tuple[str, ...], value: object, why: str
) -> None:
    place = records["Consent/consent-1"]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    (block,) = shown(records).blocks
    assert block.stops_download
    assert why in block.why


@pytest.mark.parametrize(
    "bend",
    [
        lambda q: q["period"].update(end="2020-12-31"),
        lambda q: q["extension"][0]["extension"][0].update(valueCode="inactive"),
        lambda q: q["extension"][0]["extension"].pop(),
        lambda q: q.pop("extension"),
    ],
)
def test_licence_that_does_not_cover_the_place_leaves_only_an_opinion(
    records: Records, bend: Any
) -> None:
    bend(records["Practitioner/dr-ito"]["qualification"][0])
    (block,) = shown(records).blocks
    assert block == Block(
        stops_download=False,
        why="You hold no active licence for DE-BE: only a consultative opinion can be signed.",
    )
    records["ServiceRequest/order-1"]["reasonCode"] = [fhir.SECOND_OPINION]
    assert shown(records).blocks == ()


def test_licence_for_a_whole_country_covers_its_states(records: Records) -> None:
    extension = records["Practitioner/dr-ito"]["qualification"][0]["extension"][0]["extension"]
    extension[1]["valueCodeableConcept"] = fhir.concept("urn:iso:std:iso:3166", "DE")
    assert shown(records).blocks == ()


@pytest.mark.parametrize(
    "bend",
    [
        lambda r: r.task.pop("for"),
        lambda r: r.task.pop("focus"),
        lambda r: r.task.pop("input"),
        lambda r: r.task.update(input="x"),
        lambda r: r.task.update(status="dancing"),
        lambda r: r.all.pop("Patient/p1"),
        lambda r: r["ImagingStudy/study-1"].pop("identifier"),
        lambda r: r.task["input"][0].update(valueReference={"reference": "ImagingStudy/none"}),
        lambda r: r.task["for"].update(reference="https://evil.example/fhir/Patient/p1"),
    ],
)
def test_broken_case_is_a_sentence_and_no_crash(records: Records, bend: Any) -> None:
    bend(records)
    with pytest.raises(PlatformError) as caught:
        shown(records)
    assert str(caught.value)


JUNK: list[object] = [None, 7, "x", [], {}, [None], ["x"], {"coding": 3}, [{"coding": "x"}], True]


@pytest.mark.parametrize("junk", JUNK, ids=str)
def test_wrong_types_anywhere_are_survived(records: Records, junk: object) -> None:
    resources = [records.task, *records.all.values()]
    places = [place for resource in resources for place in every_place(resource)]
    assert len(places) > 150
    for holder, key in places:
        kept = holder[key]
        holder[key] = junk
        try:
            assert isinstance(shown(records), Case)
        except UserFacingError as error:
            assert str(error)  # noqa: PT017 - either outcome is right
        holder[key] = kept
    assert shown(records).number == "C-000123"


def every_place(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each (container, key) inside ``value``, however deep."""
    keys = range(len(value)) if isinstance(value, list) else list(value)
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from every_place(value[key])


def test_absolute_references_to_our_own_server_are_its_own(records: Records) -> None:
    records.task["for"] = {"reference": f"{fhir.BASE}/Patient/p1/_history/2"}
    assert shown(records).order.patient_reference == "Patient/p1"


def test_control_characters_do_not_reach_the_screen(records: Records) -> None:
    records.task["description"] = "CT\u202e chest\x1b[31m\x00"
    assert shown(records).description == "CT chest[31m"


def test_reader_is_role_person_and_organisation(records: Records) -> None:
    found = reader(
        records["PractitionerRole/dr-ito"],
        records["Practitioner/dr-ito"],
        records["Organization/nightreads"],
        fhir.BASE,
    )
    assert (found.name, found.display) == ("Ito^Keiko^^Dr", "Dr Keiko Ito")
    assert found.fhir_reference == "PractitionerRole/dr-ito"
    assert found.organization == "Night Reads GmbH"
    assert found.registration == "LANR123456"


def test_changed_task_sends_back_what_it_does_not_change(records: Records) -> None:
    raw = shown(records).raw_task
    sent = changed_task(raw, CaseState.REJECTED, reason="Not my field")
    assert sent["status"] == "rejected"
    assert sent["statusReason"] == {"text": "Not my field"}
    untouched = {k: v for k, v in json.loads(raw).items() if k not in {"status", "meta"}}
    assert {k: v for k, v in sent.items() if k not in {"status", "statusReason"}} == untouched


def test_case_without_its_task_cannot_be_changed() -> None:
    for raw in ("", "[]", "{}"):
        with pytest.raises(BadAnswer):
            changed_task(raw, CaseState.ACCEPTED)


def test_completed_entry_carries_report_and_version(records: Records) -> None:
    records.task["status"] = "in-progress"
    entry: Any = completed_entry(records.task, "urn:uuid:1")
    assert entry["request"] == {"method": "PUT", "url": "Task/case-1", "ifMatch": 'W/"3"'}
    assert entry["resource"]["status"] == "completed"
    assert entry["resource"]["output"][0]["valueReference"] == {"reference": "urn:uuid:1"}


def test_case_after_a_change_is_the_platforms_answer(records: Records) -> None:
    before = shown(records)
    answer = {**records.task, "status": "accepted", "meta": {"versionId": "4"}}
    after = after_change(before, answer)
    assert (after.state, after.version) == (CaseState.ACCEPTED, 'W/"4"')
    assert after.study == before.study
