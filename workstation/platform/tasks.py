"""Reading and changing Tasks with their version, so that two readers never overwrite each other."""

import json
from contextlib import suppress

from workstation.errors import BadAnswer, ClaimLost, PlatformError, Refused
from workstation.model.case import Case, CaseId, CaseState, StudyOnPlatform
from workstation.platform.api import FHIR_JSON, Api
from workstation.platform.dicomweb import DicomWeb
from workstation.platform.faults import refusal
from workstation.platform.fhir_search import value
from workstation.platform.fhir_values import Json, reference, text

_LOST = frozenset({409, 412})
_ENDED = frozenset({"cancelled", "rejected", "failed", "entered-in-error"})


class Tasks:
    """The cases of one platform as Tasks."""

    def __init__(self, api: Api) -> None:
        """Speak through ``api``."""
        self._api = api

    def read(self, case: CaseId) -> Json:
        """Give the Task as it is now."""
        task = self._api.get(f"{self._api.base}/Task/{value(case)}", what="show the case")
        if task.get("resourceType") != "Task" or text(task.get("id")) != case:
            raise BadAnswer("The platform gave something else than the case asked for.")
        return task

    def put(self, case: Case, changed: Json, *, version: str) -> Json:
        """Write over ``version`` (an ETag); ClaimLost when that is no longer the newest."""
        body = json.dumps(changed, ensure_ascii=False).encode()
        url = f"{self._api.base}/Task/{value(case.id)}"
        headers = {"Content-Type": FHIR_JSON, "Accept": FHIR_JSON, "If-Match": version}
        reply = self._api.send("PUT", url, headers=headers, body=body)
        if reply.status in _LOST:
            raise self._lost(case)
        if reply.status not in {200, 201, 204}:
            raise refusal(
                reply.status, reply.headers, reply.body, url, what=f"change case {case.number}"
            )
        task = reply.json() if reply.body else self.read(case.id)
        if task.get("resourceType") != "Task":
            task = self.read(case.id)
        if text(task.get("status")) != changed.get("status"):
            raise BadAnswer(f"The platform did not change case {case.number} as asked.")
        return task

    def check_still_ours(self, case: Case, task: Json) -> None:
        """ClaimLost when the case has gone to somebody else or was ended."""
        owner = reference(task.get("owner"), self._api.base)
        if owner != case.owner:
            raise ClaimLost(f"Case {case.number} is now assigned to somebody else.")
        state = text(task.get("status"), 40)
        if state in _ENDED:
            raise ClaimLost(f"Case {case.number} was ended on the platform: it is {state}.")
        if state == CaseState.COMPLETED:
            raise ClaimLost(f"Case {case.number} is already completed on the platform.")

    def web(self, study: StudyOnPlatform) -> DicomWeb:
        """The DICOMweb service that holds a study."""
        if not study.dicomweb:
            raise Refused("The platform does not say where the images of this study are.")
        return DicomWeb(self._api, study.dicomweb)

    def _lost(self, case: Case) -> PlatformError:
        sentence = f"Case {case.number} has changed on the platform meanwhile."
        with suppress(PlatformError):
            task = self.read(case.id)
            self.check_still_ours(case, task)
            sentence = f"Case {case.number} is {text(task.get('status'), 40)} on the platform now."
        return ClaimLost(sentence)
