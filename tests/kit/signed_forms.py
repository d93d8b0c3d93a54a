"""Signed forms of an invented report, made once in a test run."""

import base64
import json
from dataclasses import dataclass, replace
from functools import cache

from reporting.export.fhir import fhir_report, transaction
from reporting.export.measurement_sr import measurement_sr
from reporting.export.objects import reference_to
from reporting.export.sr import report_sr
from reporting.model.report import ReportContext, ReportDraft
from reporting.signing.canonical import canonical
from reporting.signing.jws import detached_jws
from reporting.signing.signer import Signer
from tests.kit import reporting
from tests.kit.identities import Identity, reader
from tests.kit.report_images import headers, line
from viewer.model.annotation import Annotation, AnnotationId
from viewer.model.measurement import CalibrationKind, MeasurementId, Unit
from viewer.model.refs import Code

NOW = reporting.NOW
HTML = b"<html><body>Report</body></html>"


def blank_pdf(text: str = "Report") -> bytes:
    """A PDF of one page with a plain cross-reference table."""
    stream = f"BT /F1 24 Tf 72 720 Td ({text}) Tj ET".encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out = b"%PDF-1.7\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R /ID [<%s> <%s>] >>\n" % (
        len(objects) + 1,
        b"00" * 16,
        b"00" * 16,
    )
    return out + b"startxref\n%d\n%%%%EOF\n" % start


@dataclass(frozen=True)
class Signed:
    """All forms, with the identity that signed them."""

    identity: Identity
    pdf: bytes
    sr: bytes
    measurements: bytes
    payload: bytes
    jws: str
    bundle: str
    """The transaction as JSON text."""

    def flattened(self) -> dict[str, str]:
        """Payload and signature as a flattened JWS."""
        protected, _, signature = self.jws.split(".")
        payload = base64.urlsafe_b64encode(self.payload).rstrip(b"=").decode("ascii")
        return {"payload": payload, "protected": protected, "signature": signature}


def annotations() -> dict[AnnotationId, Annotation]:
    """The lines behind the findings m1 (in space) and m2 (in the image alone)."""
    lines = (line("m1", reporting.frame()), line("m2", reporting.frame(7), in_space=False))
    return {drawn.id: drawn for drawn in lines}


def draft() -> ReportDraft:
    """A draft with two measurements, one of them in pixels."""
    second = reporting.finding(
        "m2", 12.345, calibration=CalibrationKind.NONE, on=reporting.frame(7)
    )
    text = "An {{m:m1}} nodule in the right upper lobe.\nA line of {{m:m2}} – projected."
    return reporting.draft(text, "Nodule of {{m:m1}}.", reporting.finding(), second)


def context(**changes: object) -> ReportContext:
    """The context of tests.kit.reporting with an image's headers."""
    return reporting.context(**({"image_headers": headers()} | changes))


def sign_all(signer: Signer, identity: Identity) -> Signed:
    """Make and sign every form as one act."""
    measured = measurement_sr(draft(), context(), signed_at=NOW, annotations=annotations())
    assert measured is not None
    measurements = signer.sign_sr(measured, signed_at=NOW)
    unsigned = report_sr(
        draft(), context(), signed_at=NOW, measurement_sr_ref=reference_to(measurements)
    )
    sr = signer.sign_sr(unsigned, signed_at=NOW)
    pdf = signer.sign_pdf(
        blank_pdf(), reason="Final radiology report", location="Night Reads", signed_at=NOW
    )
    report = fhir_report(
        draft(), context(), signed_at=NOW, html=HTML, pdf=pdf, objects=(sr, measurements)
    )
    payload = canonical(report)
    jws = detached_jws(payload, signer, signed_at=NOW)
    bundle = transaction(
        draft(), context(), report=report, payload=payload, jws=jws, pdf=pdf, signed_at=NOW
    )
    return Signed(identity, pdf, sr, measurements, payload, jws, json.dumps(bundle))


@cache
def signed() -> Signed:
    """All forms, signed by the good reader."""
    return sign_all(reader().signer(), reader())


def sure_draft() -> ReportDraft:
    """A draft whose one finding has an uncertainty and two further numbers."""
    found = reporting.finding()
    first = replace(found.measurement, plus_minus=0.5)
    mean = replace(
        first,
        id=MeasurementId("m1/mean"),
        name=Code("112031", "DCM", "Attenuation Coefficient"),
        unit=Unit.HOUNSFIELD,
        calibration=CalibrationKind.NONE,
        value=-12.5,
        plus_minus=None,
        derivation=Code("373098007", "SCT", "Mean"),
    )
    short = replace(
        first, id=MeasurementId("m1/short"), name=Code("103340004", "SCT", "Short Axis"), value=6.0
    )
    one = replace(found, measurement=first, others=(short, mean))
    return reporting.draft("A nodule of {{m:m1}}.", "Nodule of {{m:m1}}.", one)
