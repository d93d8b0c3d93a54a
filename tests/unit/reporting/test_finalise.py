"""All or nothing: every form made and signed, or no signed report at all."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reporting.errors import ExportFailed, NotSignable, SignerUnavailable
from reporting.finalise import finalise, presign_issues, preview_pdf
from reporting.model.issue import Issue
from reporting.model.report import ReportContext, ReportDraft
from reporting.model.signed import SignedReport
from reporting.rules.presign import load_rules
from reporting.signing.verify import verify_file
from tests.kit.identities import reader
from tests.kit.report_images import headers, image, line
from tests.kit.reporting import NOW, RESOURCES, FakeSigner, context, draft, finding, frame
from viewer.model.annotation import AnnotationId

RULES = load_rules(RESOURCES / "rules")


def sign(
    made: ReportDraft | None = None,
    about: ReportContext | None = None,
    signer: FakeSigner | None = None,
    *,
    incomplete_acknowledged: bool = False,
    now: datetime = NOW,
) -> SignedReport:
    return finalise(
        made or draft(),
        about or context(image_headers=headers()),
        signer or FakeSigner(),
        rules=RULES,
        now=now,
        resources=RESOURCES,
        annotations={AnnotationId("m1"): line("m1", frame())},
        incomplete_acknowledged=incomplete_acknowledged,
    )


def rules_of(error: NotSignable) -> set[str]:
    return {issue.rule for issue in error.issues if isinstance(issue, Issue)}


def test_every_form_is_there_and_agrees() -> None:
    report = sign()
    assert (report.id, report.case, report.version) == (draft().id, "case-1", 1)
    assert report.signed_at == NOW
    assert report.pdf.startswith(b"%PDF")
    assert b"Final radiology report Night Reads" in report.pdf
    assert report.sr[128:132] == b"DICM"
    assert len(report.objects) == 1
    assert b"8.0 mm" in report.html
    assert report.sha256 == hashlib.sha256(report.payload).hexdigest()
    assert report.jws.count("..") == 1
    assert json.loads(report.payload)["resourceType"] == "DiagnosticReport"
    assert report.bundle["resourceType"] == "Bundle"


def test_the_signature_covers_the_pdf_by_its_digest() -> None:
    report = sign()
    assert hashlib.sha256(report.pdf).hexdigest() in report.payload.decode()


def test_without_measurements_there_is_no_measurement_sr() -> None:
    assert sign(replace(draft("Normal.", "Normal."), findings=())).objects == ()


def test_blocking_issues_stop_before_the_key_is_used() -> None:
    signer = FakeSigner()
    with pytest.raises(NotSignable) as caught:
        sign(draft("", ""), signer=signer)
    assert rules_of(caught.value) == {"empty-section"}
    assert signer.signed == []


def test_warnings_do_not_stop() -> None:
    assert sign(draft(impression_text="Left upper lobe nodule.")).sha256


@pytest.mark.parametrize("change", [{"PatientID": "4712"}, {"StudyInstanceUID": "2.25.5"}])
def test_images_of_someone_else_block(change: dict[str, object]) -> None:
    with pytest.raises(NotSignable) as caught:
        sign(about=context(image_headers=headers(image(**change))))
    assert rules_of(caught.value) == {"patient-mismatch"}


def test_incomplete_study_needs_the_readers_word() -> None:
    about = context(image_headers=headers(), complete=(1, 2))
    with pytest.raises(NotSignable):
        sign(about=about)
    report = sign(about=about, incomplete_acknowledged=True)
    assert b"1 of 2 (incomplete study)" in report.html


def test_without_image_headers_nothing_is_signed() -> None:
    with pytest.raises(ExportFailed, match="not here"):
        sign(about=context())


@pytest.mark.parametrize(
    ("now", "why"),
    [
        (datetime(2025, 12, 31, tzinfo=UTC), "not valid before 2026-01-01"),
        (datetime(2028, 1, 1, tzinfo=UTC) + timedelta(seconds=1), "expired on 2028-01-01"),
    ],
)
def test_certificate_out_of_force(now: datetime, why: str) -> None:
    with pytest.raises(SignerUnavailable, match=why):
        sign(now=now)


def test_time_of_signing_needs_an_offset() -> None:
    with pytest.raises(ValueError, match="offset"):
        sign(now=datetime(2026, 11, 24))  # noqa: DTZ001 - what is refused


class FailingSigner(FakeSigner):
    """Gives up after some signatures, as a card that is pulled out."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self._left = after

    def _use(self) -> None:
        if not self._left:
            raise SignerUnavailable("The card was removed.")
        self._left -= 1

    def sign(self, data: bytes) -> bytes:
        self._use()
        return super().sign(data)

    def sign_pdf(self, pdf: bytes, *, reason: str, location: str, signed_at: datetime) -> bytes:
        self._use()
        return super().sign_pdf(pdf, reason=reason, location=location, signed_at=signed_at)

    def sign_sr(self, sr: bytes, *, signed_at: datetime) -> bytes:
        self._use()
        return super().sign_sr(sr, signed_at=signed_at)


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_a_key_lost_on_the_way_leaves_no_report(after: int) -> None:
    with pytest.raises(SignerUnavailable, match="removed"):
        sign(signer=FailingSigner(after))


def test_signs_four_times_in_all() -> None:
    assert sign(signer=FailingSigner(4)).sha256


def test_signing_says_what_the_dialog_said() -> None:
    about = context(image_headers=headers(PatientID="1"))
    shown = presign_issues(draft(), about, RULES)
    with pytest.raises(NotSignable) as caught:
        sign(about=about)
    assert caught.value.issues == shown


def test_preview_is_marked_as_draft() -> None:
    assert preview_pdf(draft(), context(), resources=RESOURCES).startswith(b"%PDF")


def test_two_measurements_make_one_measurement_sr() -> None:
    made = draft("{{m:m1}} and {{m:m2}}.", "x", finding("m1"), finding("m2", 3.0))
    assert len(sign(made).objects) == 1


def test_a_real_identity_signs_every_form_so_that_it_verifies(tmp_path: Path) -> None:
    known = reader()
    report = finalise(
        draft(),
        context(image_headers=headers()),
        known.signer(),
        rules=RULES,
        now=NOW,
        resources=RESOURCES,
        annotations={AnnotationId("m1"): line("m1", frame())},
    )
    trust = known.trust(tmp_path)
    bundle = json.dumps(report.bundle).encode()
    for name, data in (("r.pdf", report.pdf), ("r.dcm", report.sr), ("r.json", bundle)):
        (tmp_path / name).write_bytes(data)
        verdicts = verify_file(tmp_path / name, trust=[trust])
        assert verdicts
        assert all(verdict.valid for verdict in verdicts), (name, verdicts)
