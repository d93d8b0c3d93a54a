"""The one error of the demo platform's interfaces, so that each refusal is an OperationOutcome."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

FHIR_JSON = "application/fhir+json"


class Problem(Exception):
    """A refusal: HTTP status, FHIR issue type (value set issue-type) and one sentence."""

    def __init__(
        self,
        status: int,
        code: str,
        sentence: str,
        *,
        where: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """``where`` is the FHIRPath of the element at fault."""
        super().__init__(sentence)
        self.status = status
        self.code = code
        self.sentence = sentence
        self.where = where
        self.headers = dict(headers or {})

    def at(self, where: str) -> "Problem":
        """Say the same about an element of a larger whole."""
        return Problem(self.status, self.code, self.sentence, where=where, headers=self.headers)


def outcome(code: str, sentence: str, where: str = "") -> dict[str, Any]:
    """Build an OperationOutcome with one error."""
    issue: dict[str, Any] = {"severity": "error", "code": code, "diagnostics": sentence}
    if where:
        issue["expression"] = [where]
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def answer_problem(_: Request, problem: Exception) -> JSONResponse:
    """Turn a Problem into the HTTP answer; everything else is a fault of the server."""
    if not isinstance(problem, Problem):
        sentence = "The demo platform failed at this request."
        return JSONResponse(outcome("exception", sentence), 500, media_type=FHIR_JSON)
    return JSONResponse(
        outcome(problem.code, problem.sentence, problem.where),
        problem.status,
        headers=problem.headers,
        media_type=FHIR_JSON,
    )
