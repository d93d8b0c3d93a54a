"""A draft becomes a signed report in one step: every form is made and signed, or nothing is."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from reporting.errors import NotSignable, SignerUnavailable
from reporting.export.fhir import fhir_report, transaction
from reporting.export.html import render_html
from reporting.export.identity import image_identity
from reporting.export.measurement_sr import measurement_sr
from reporting.export.objects import reference_to
from reporting.export.pdf import render_pdf
from reporting.export.sr import report_sr
from reporting.model.issue import Issue, Severity
from reporting.model.report import ReportContext, ReportDraft
from reporting.model.signed import SignedReport, SignerIdentity
from reporting.rules.presign import PresignRules, check
from reporting.signing.canonical import canonical
from reporting.signing.jws import detached_jws
from reporting.signing.signer import Signer
from viewer.model.annotation import Annotation, AnnotationId

_REASON = "Final radiology report"


@dataclass(frozen=True, slots=True)
class _Objects:
    sr: bytes
    others: tuple[bytes, ...]


def preview_pdf(draft: ReportDraft, context: ReportContext, *, resources: Path) -> bytes:
    """The draft as the PDF that would be signed, marked as a draft; raises ExportFailed."""
    return render_pdf(draft, context, resources=resources)


def presign_issues(
    draft: ReportDraft,
    context: ReportContext,
    rules: PresignRules,
    *,
    incomplete_acknowledged: bool = False,
) -> tuple[Issue, ...]:
    """All that the rules find, the images' own headers included, exactly as ``finalise`` looks.

    Raises ExportFailed when the headers cannot be read.
    """
    return check(
        draft,
        context,
        rules,
        incomplete_acknowledged=incomplete_acknowledged,
        images=image_identity(context.image_headers),
    )


def finalise(
    draft: ReportDraft,
    context: ReportContext,
    signer: Signer,
    *,
    rules: PresignRules,
    now: datetime,
    resources: Path,
    annotations: Mapping[AnnotationId, Annotation] | None = None,
    incomplete_acknowledged: bool = False,
    version: int = 1,
) -> SignedReport:
    """Check, typeset, sign and pack; raises NotSignable, SignerUnavailable, ExportFailed.

    ``now`` is the time of signing, with an offset; ``resources`` the folder that ships with the
    program; ``annotations`` give the geometry of the measurements.
    """
    if now.tzinfo is None:
        raise ValueError("the time of signing needs an offset")
    issues = presign_issues(draft, context, rules, incomplete_acknowledged=incomplete_acknowledged)
    blocking = [issue for issue in issues if issue.severity is Severity.BLOCK]
    if blocking:
        raise NotSignable(blocking)
    _in_force(signer.identity, now)
    html = render_html(draft, context, signed_at=now, signer=signer.identity)
    pdf = signer.sign_pdf(
        render_pdf(draft, context, resources=resources, signed_at=now, signer=signer.identity),
        reason=_REASON,
        location=context.reader.organization,
        signed_at=now,
    )
    objects = _dicom(draft, context, signer, now, annotations or {})
    report = fhir_report(
        draft,
        context,
        signed_at=now,
        html=html,
        pdf=pdf,
        objects=(objects.sr, *objects.others),
        version=version,
    )
    payload = canonical(report)
    jws = detached_jws(payload, signer, signed_at=now)
    bundle = transaction(
        draft, context, report=report, payload=payload, jws=jws, pdf=pdf, signed_at=now
    )
    return SignedReport(
        id=draft.id,
        case=draft.case,
        version=version,
        signed_at=now,
        signer=signer.identity,
        pdf=pdf,
        sr=objects.sr,
        objects=objects.others,
        html=html,
        payload=payload,
        jws=jws,
        bundle=bundle,
        sha256=hashlib.sha256(payload).hexdigest(),
    )


def _in_force(identity: SignerIdentity, now: datetime) -> None:
    if now < identity.not_before:
        raise SignerUnavailable(
            f"The certificate of {identity.common_name} is not valid before "
            f"{identity.not_before.date().isoformat()}."
        )
    if now > identity.not_after:
        raise SignerUnavailable(
            f"The certificate of {identity.common_name} expired on "
            f"{identity.not_after.date().isoformat()}."
        )


def _dicom(
    draft: ReportDraft,
    context: ReportContext,
    signer: Signer,
    now: datetime,
    annotations: Mapping[AnnotationId, Annotation],
) -> _Objects:
    measured = measurement_sr(draft, context, signed_at=now, annotations=annotations)
    others: tuple[bytes, ...] = ()
    reference = None
    if measured is not None:
        signed = signer.sign_sr(measured, signed_at=now)
        others, reference = (signed,), reference_to(signed)
    sr = report_sr(draft, context, signed_at=now, measurement_sr_ref=reference)
    return _Objects(signer.sign_sr(sr, signed_at=now), others)
