"""Makes the report's context from one case object: what is shown, signed and sent (R35)."""

from collections.abc import Mapping

from reporting.model.report import Reader, ReportContext
from workstation.model.case import Case


def report_context(
    case: Case,
    reader: Reader,
    *,
    image_headers: bytes,
    held: int,
    expected: int,
    sop_classes: Mapping[str, str],
    seen: tuple[int, int] = (0, 0),
) -> ReportContext:
    """Give the context of a case; ``held`` and ``expected`` count the current study's instances.

    ``seen``: its images that the reader has seen, and all that can be shown.
    """
    return ReportContext(
        case=case.id,
        patient=case.patient,
        study=case.study.identity,
        comparisons=tuple(prior.identity for prior in case.priors),
        reader=reader,
        order=case.order,
        image_headers=image_headers,
        complete=(held, expected),
        sop_classes=sop_classes,
        seen=seen,
    )
