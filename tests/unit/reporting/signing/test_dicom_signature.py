"""Signatures in DICOM objects: made, checked, and broken in every way."""

import io
import itertools
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from pydicom import Dataset, dcmread
from pydicom.uid import ImplicitVRLittleEndian

from reporting.errors import ExportFailed, NothingToVerify
from reporting.signing.dicom_signature import may_be_signed, sign_dicom
from reporting.signing.verdict import Trust, Verdict
from reporting.signing.verify_dicom import verify_dicom
from tests.kit.identities import Recipe, authority, identity, reader
from tests.kit.report_images import headers
from tests.kit.signed_forms import NOW, signed

ROOTS = (authority().certificate,)


def only(data: bytes) -> Verdict:
    (verdict,) = verify_dicom(data, "sr.dcm", ROOTS)
    return verdict


def changed(change: Callable[[Dataset], object], data: bytes = b"") -> bytes:
    """The signed SR after somebody edited it."""
    dataset = dcmread(io.BytesIO(data or signed().sr))
    change(dataset)
    out = io.BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()


def item_of(dataset: Dataset) -> Dataset:
    found = dataset.DigitalSignaturesSequence[0]
    assert isinstance(found, Dataset)
    return found


def parameters_of(dataset: Dataset) -> Dataset:
    found = dataset.MACParametersSequence[0]
    assert isinstance(found, Dataset)
    return found


def test_our_own_signature_holds() -> None:
    verdict = only(signed().sr)
    assert verdict.valid
    assert verdict.trust is Trust.TRUSTED
    assert verdict.signed_at == NOW
    assert verdict.signer == reader().signer().identity
    assert verdict.covers.startswith("the whole object")
    assert only(signed().measurements).valid


def test_signing_appends_and_changes_nothing_before() -> None:
    plain = headers()
    done = reader().signer().sign_sr(plain, signed_at=NOW)
    assert done.startswith(plain)
    item = item_of(dcmread(io.BytesIO(done)))
    assert item.CertificateType == "X509_1993_SIG"
    assert item.DigitalSignaturePurposeCodeSequence[0].CodeMeaning == "Verification Signature"


def test_writing_it_anew_with_other_lengths_does_not_matter() -> None:
    def lengths(dataset: Dataset) -> None:
        dataset["ContentSequence"].is_undefined_length = True

    assert changed(lengths) != signed().sr
    assert only(changed(lengths)).valid


def set_text(dataset: Dataset) -> None:
    for element in dataset.iterall():
        if element.keyword == "TextValue":
            element.value = "No nodule."


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (set_text, "changed after it was signed"),
        (lambda d: setattr(d, "PatientName", "ROE^JANE"), "changed after it was signed"),
        (lambda d: setattr(d, "PatientComments", "new"), "not signed: PatientComments"),
        (lambda d: d.add_new(0x00111001, "LO", "x"), "not signed: 00111001"),
        (lambda d: delattr(d, "StudyDescription"), "an element that was signed is missing"),
        (
            lambda d: setattr(item_of(d), "DigitalSignatureDateTime", "20260101000000+0000"),
            "changed after it was signed",
        ),
        (lambda d: delattr(item_of(d), "Signature"), "changed after it was signed"),
        (lambda d: setattr(item_of(d), "MACIDNumber", 7), "does not say what it covers"),
        (lambda d: delattr(item_of(d), "MACIDNumber"), "does not say what it covers"),
        (lambda d: delattr(d, "MACParametersSequence"), "does not say what it covers"),
        (lambda d: setattr(parameters_of(d), "MACAlgorithm", "MD5"), "hash that is not safe"),
        (lambda d: delattr(parameters_of(d), "MACAlgorithm"), "hash that is not safe"),
        (lambda d: delattr(parameters_of(d), "DataElementsSigned"), "were not signed"),
        (
            lambda d: setattr(
                parameters_of(d), "MACCalculationTransferSyntaxUID", ImplicitVRLittleEndian
            ),
            "a form of the object that is not read",
        ),
    ],
)
def test_every_change_is_seen(change: Callable[[Dataset], object], reason: str) -> None:
    verdict = only(changed(change))
    assert not verdict.valid
    assert reason in verdict.reason
    assert verdict.signer is not None


@pytest.mark.parametrize(
    "change",
    [
        lambda d: delattr(item_of(d), "CertificateOfSigner"),
        lambda d: setattr(item_of(d), "CertificateOfSigner", b"rubbish!"),
    ],
)
def test_a_signature_without_a_certificate(change: Callable[[Dataset], object]) -> None:
    verdict = only(changed(change))
    assert not verdict.valid
    assert "no readable certificate" in verdict.reason


def test_a_certificate_with_another_kind_of_key() -> None:
    curve = identity(Recipe(key=ec.generate_private_key(ec.SECP256R1())))
    data = sign_dicom(headers(), curve.der, lambda _: bytes(256), signed_at=NOW)
    assert "not made with an RSA key" in only(data).reason


def test_a_certificate_of_odd_length_is_read_without_its_padding() -> None:
    made = (identity(Recipe(common_name="A" * count)) for count in itertools.count(1))
    odd = next(one for one in made if len(one.der) % 2)
    assert only(odd.signer().sign_sr(headers(), signed_at=NOW)).valid


@pytest.mark.parametrize(
    ("stated", "moment"),
    [
        ("20260101120000", datetime(2026, 1, 1, 12, tzinfo=UTC)),
        ("20260101120000.5", datetime(2026, 1, 1, 12, 0, 0, 500_000, tzinfo=UTC)),
        ("2026", None),
        ("20269901120000", None),
    ],
)
def test_times_as_others_write_them(stated: str, moment: datetime | None) -> None:
    def restate(dataset: Dataset) -> None:
        item_of(dataset)["DigitalSignatureDateTime"]._value = stated

    assert only(changed(restate)).signed_at == moment


def test_without_a_signature_there_is_nothing_to_verify() -> None:
    with pytest.raises(NothingToVerify, match=r"no signature in sr\.dcm"):
        verify_dicom(headers(), "sr.dcm", ())


def test_an_empty_list_of_signatures_is_not_valid() -> None:
    verdict = only(changed(lambda d: setattr(d, "DigitalSignaturesSequence", [])))
    assert not verdict.valid
    assert verdict.reason == "the list of signatures is empty"


def test_a_damaged_file_is_not_valid() -> None:
    verdict = only(signed().sr[:-1])
    assert not verdict.valid
    assert "damaged" in verdict.reason


def test_other_transfer_syntaxes_are_not_read() -> None:
    out = io.BytesIO()
    dataset = dcmread(io.BytesIO(headers()))
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    dataset.save_as(out, implicit_vr=True, little_endian=True, enforce_file_format=True)
    with pytest.raises(NothingToVerify, match="transfer syntax"):
        verify_dicom(out.getvalue(), "sr.dcm", ())
    with pytest.raises(ExportFailed, match="Explicit VR"):
        reader().signer().sign_sr(out.getvalue(), signed_at=NOW)


def test_what_cannot_be_signed() -> None:
    with pytest.raises(ExportFailed, match="signed already"):
        reader().signer().sign_sr(signed().sr, signed_at=NOW)
    with pytest.raises(ExportFailed, match="prefix"):
        reader().signer().sign_sr(b"nothing", signed_at=NOW)


@pytest.mark.parametrize(
    ("tag", "may"),
    [
        (0x00080016, True),
        (0x7FE00010, True),
        (0x00080000, False),
        (0x00080001, False),
        (0x00100000, False),
        (0x00020010, False),
        (0x4FFE0001, False),
        (0xFFFAFFFA, False),
        (0xFFFCFFFC, False),
    ],
)
def test_which_elements_may_be_signed(tag: int, may: bool) -> None:
    assert may_be_signed(tag) is may
