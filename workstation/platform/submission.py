"""Sending a signed report so that it arrives once, and proving that it did (§3.3, R12)."""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress

from reporting.model.signed import SignedReport
from workstation.errors import (
    BadAnswer,
    ClaimLost,
    PatientMismatch,
    PlatformError,
    Refused,
    Unreachable,
)
from workstation.logs import Log
from workstation.model.case import Case, CaseState
from workstation.platform.api import FHIR_JSON, Api, address
from workstation.platform.client import Receipt
from workstation.platform.dicom_file import sop_instance_uid
from workstation.platform.dicomweb import DicomWeb, Stored
from workstation.platform.faults import outcome_text, refusal
from workstation.platform.fhir_report import (
    as_second_opinion,
    check_entries,
    inline,
    is_about,
    receipt_of,
    report_entry,
    report_identifier,
    signed_forms,
    transaction,
)
from workstation.platform.fhir_search import search, value
from workstation.platform.fhir_task import changed_task, completed_entry, task_of
from workstation.platform.fhir_values import (
    URI,
    Json,
    etag,
    node,
    nodes,
    own_name,
    reference,
    references,
    text,
)
from workstation.platform.tasks import Tasks

_OPEN = frozenset({CaseState.ACCEPTED, CaseState.IN_PROGRESS})
_NEXT = {
    CaseState.REQUESTED.value: CaseState.ACCEPTED,
    CaseState.ACCEPTED.value: CaseState.IN_PROGRESS,
    CaseState.ON_HOLD.value: CaseState.IN_PROGRESS,
}
"""The way to a case in progress, from which a report completes it."""
_STEPS = 6


class Submission:
    """Sends one report; every step can be done again without harm."""

    def __init__(self, api: Api, tasks: Tasks) -> None:
        """``tasks`` reads and changes the case."""
        self._api = api
        self._tasks = tasks
        self._log = Log("submit")

    def send(self, case: Case, report: SignedReport, *, key: str) -> Receipt:
        """STOW, transaction, read back; a report that is there already is only completed."""
        entry = report_entry(report.bundle)
        resource = node(entry.get("resource"))
        identifier = report_identifier(resource)
        if not identifier:
            raise BadAnswer("The signed report carries no identifier; it was not sent.")
        _check_patient(case, resource)
        there, whole = self._copy(identifier), False
        if there is None:  # into the archive goes nothing of a case that is not ours any more
            self._tasks.check_still_ours(case, self._tasks.read(case.id))
        self._store_objects(case, report)
        if there is None:
            there, whole = self._transact(case, report, identifier, key=key)
        receipt = self._proved(there, identifier, report)
        if not whole:
            self._finish(case, report, there)
        self._log.info("report verified", key=key)
        return receipt

    def send_opinion(self, case: Case, report: SignedReport, *, key: str) -> Receipt:
        """Send the report marked as a second opinion; of the case itself nothing changes (§3.4)."""
        resource = node(report_entry(report.bundle).get("resource"))
        identifier = report_identifier(resource)
        if not identifier:
            raise BadAnswer("The signed report carries no identifier; it was not sent.")
        _check_patient(case, resource)
        there = self._copy(identifier)
        if there is None:
            self._store_objects(case, report)
            body = transaction(as_second_opinion(report.bundle), [])
            try:
                self._post_body(body, key=key)
            except (Refused, Unreachable):
                there = self._copy(identifier)
                if there is None:
                    raise
        there = there or self._copy(identifier)
        if there is None:
            raise BadAnswer("The platform accepted the report but does not find it again.")
        receipt = self._proved(there, identifier, report)
        self._sign(report, there)
        self._log.info("second opinion verified", key=key)
        return receipt

    def find(self, identifier: str) -> Receipt | None:
        """Give what the platform holds under a report identifier."""
        full = identifier if identifier.startswith("urn:") else f"urn:uuid:{identifier}"
        there = self._copy(full)
        if there is None:
            return None
        payload = self._payload(there)
        return receipt_of(there, payload, verified=is_about(payload, full))

    def _transact(
        self, case: Case, report: SignedReport, identifier: str, *, key: str
    ) -> tuple[Json, bool]:
        """Give the platform's copy, and whether all that belongs to it was taken with it."""
        for last in (False, True):
            task = self._ready_task(case)
            try:
                self._post_report(report, task, key=key)
                break
            except (Refused, ClaimLost, Unreachable) as error:
                # An answer may have been lost, this or an earlier one's, and the report be there.
                there = self._copy(identifier)
                if there is not None:
                    return there, False
                if not _is_stale(error):
                    raise
                self._tasks.check_still_ours(case, self._tasks.read(case.id))
                if last:
                    raise ClaimLost(
                        f"Case {case.number} changed on the platform while its report was being "
                        "sent."
                    ) from error
        there = self._copy(identifier)
        if there is None:
            raise BadAnswer("The platform accepted the report but does not find it again.")
        return there, True

    def _post_report(self, report: SignedReport, task: Json, *, key: str) -> None:
        url = text(report_entry(report.bundle).get("fullUrl"))
        self._post_body(transaction(report.bundle, [completed_entry(task, url)]), key=key)

    def _post_body(self, body: bytes, *, key: str) -> None:
        reply = self._api.send("POST", self._api.base, headers=_headers(key), body=body)
        if reply.status not in {200, 201}:
            raise refusal(
                reply.status, reply.headers, reply.body, reply.url, what="take the report"
            )
        check_entries(body, reply.json())

    def _ready_task(self, case: Case) -> Json:
        """The Task as it is now, in progress; ClaimLost when it is no longer this reader's.

        A change that is only our own, delivered twice, or the platform's of something else, is
        no conflict: the step is done again on what the Task is now (§3.4).
        """
        for _ in range(_STEPS):
            task = self._tasks.read(case.id)
            self._tasks.check_still_ours(case, task)
            wanted = _NEXT.get(text(task.get("status")))
            if wanted is None:
                return task
            with suppress(ClaimLost):
                self._step(case, task, wanted)
        raise Unreachable(f"Case {case.number} keeps changing on the platform.")

    def _step(self, case: Case, task: Json, state: CaseState) -> Json:
        return self._tasks.put(case, changed_task(json.dumps(task), state), version=etag(task))

    def _proved(self, there: Json, identifier: str, report: SignedReport) -> Receipt:
        payload = self._payload(there)
        if hashlib.sha256(payload).digest() != hashlib.sha256(report.payload).digest():
            raise Refused(
                "The platform holds another report under this report's identifier "
                f"({own_name(there)}); ours was not put in its place.",
                status=409,
            )
        return receipt_of(there, payload, verified=is_about(payload, identifier))

    def _finish(self, case: Case, report: SignedReport, there: Json) -> None:
        """Do what a platform without real transactions may have left undone."""
        name = own_name(there)
        task = self._tasks.read(case.id)
        if text(task.get("status")) in {s.value for s in _OPEN}:
            self._tasks.check_still_ours(case, task)
            ready = self._ready_task(case)
            entry = completed_entry(ready, name)
            self._tasks.put(case, node(entry.get("resource")), version=etag(ready))
        self._sign(report, there)

    def _sign(self, report: SignedReport, there: Json) -> None:
        """Give the signature, unless it is there."""
        name = own_name(there)
        if self._has_signature(name):
            return
        for entry in nodes(report.bundle.get("entry")):
            resource = node(entry.get("resource"))
            if resource.get("resourceType") == "Provenance":
                self._post({**resource, "target": [{"reference": name}]})

    def _has_signature(self, name: str) -> bool:
        query = f"Provenance?target={value(name)}"
        for _, found in search(self._api, query, what="show the signature"):
            if name in references(found.get("target"), self._api.base):
                return True
        return False

    def _post(self, resource: Json) -> None:
        body = transaction({"entry": [_as_post(resource)]}, [])
        reply = self._api.send("POST", self._api.base, headers=_headers(""), body=body)
        if reply.status not in {200, 201}:
            raise refusal(
                reply.status, reply.headers, reply.body, reply.url, what="take the signature"
            )
        check_entries(body, reply.json())

    def _copy(self, identifier: str) -> Json | None:
        """The platform's DiagnosticReport of that identifier, which is checked here as well."""
        query = f"DiagnosticReport?identifier={value(f'{URI}|{identifier}')}"
        found = {
            own_name(r): r
            for _, r in search(self._api, query, what="show the report")
            if r.get("resourceType") == "DiagnosticReport" and report_identifier(r) == identifier
        }
        if len(found) > 1:
            raise BadAnswer("The platform holds this report more than once.")
        return next(iter(found.values()), None)

    def _payload(self, report: Json) -> bytes:
        for form in signed_forms(report):
            data = inline(form)
            link = text(form.get("url"))
            if not data and link:
                url = address(self._api.base, link)
                reply = self._api.send("GET", url, headers={"Accept": FHIR_JSON})
                binary = reply.json() if reply.status == 200 else {}
                data = inline(binary) if binary.get("resourceType") == "Binary" else b""
            if data:
                return data
        return b""

    def _store_objects(self, case: Case, report: SignedReport) -> None:
        """STOW what the archive does not hold; it may hold all of it from an earlier try."""
        web = self._tasks.web(case.study)
        study = case.study.identity.uid
        named = {sop_instance_uid(data): data for data in (report.sr, *report.objects)}
        if "" in named:
            raise BadAnswer("A part of the signed report is not a DICOM file; it was not sent.")
        missing = {sop: data for sop, data in named.items() if not web.holds(study, sop)}
        if not missing:
            return
        answer = web.store(study, list(missing.values()))
        unsure = [sop for sop in missing if sop not in answer.stored]
        lost = [sop for sop in unsure if not _there(web, study, sop)]
        if lost:
            raise _not_stored(answer, len(lost))


def _is_stale(error: PlatformError) -> bool:
    """Whether the case was another one when the report came: it is looked at again."""
    refused = isinstance(error, Refused) and error.status in {409, 412}
    return refused or isinstance(error, ClaimLost)


def _there(web: DicomWeb, study: str, sop: str) -> bool:
    try:
        return web.holds(study, sop)
    except Refused:
        return False


def _not_stored(answer: Stored, lost: int) -> PlatformError:
    reply = answer.reply
    if reply.status >= 300:
        return refusal(
            reply.status, reply.headers, reply.body, reply.url, what="store the structured report"
        )
    why = outcome_text(reply.headers, reply.body)
    return Refused(
        f"The image archive did not store {lost} of the report's objects"
        + (f": {why}" if why else "."),
        status=reply.status,
    )


def _check_patient(case: Case, report: Json) -> None:
    subject = reference(report.get("subject"))
    wanted = case.order.patient_reference
    task = task_of(case.raw_task)
    if subject != wanted or reference(task.get("for")) not in {"", wanted}:
        raise PatientMismatch(
            f"The report is about {subject or 'nobody'}, but case {case.number} is about "
            f"{wanted}; it was not sent."
        )


def _headers(key: str) -> Mapping[str, str]:
    told = {"Content-Type": FHIR_JSON, "Accept": FHIR_JSON}
    return {**told, "Idempotency-Key": f'"{key}"'} if key else told


def _as_post(resource: Json) -> Json:
    return {"resource": resource, "request": {"method": "POST", "url": "Provenance"}}
