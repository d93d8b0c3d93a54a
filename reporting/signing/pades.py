"""The signature inside the PDF: PAdES-B, over the whole file."""

import io
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_cms import SimpleSigner
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner, PdfSigningSession
from pyhanko_certvalidator.registry import SimpleCertificateStore

from reporting.errors import ExportFailed

_FIELD = "Reader"


class _PdfSigner(PdfSigner):
    """Writes the moment of the user's act into the signature, not the moment of writing."""

    def __init__(
        self, meta: PdfSignatureMetadata, signer: SimpleSigner, signed_at: datetime
    ) -> None:
        super().__init__(meta, signer)
        self._signed_at = signed_at

    def init_signing_session(
        self,
        pdf_out: BasePdfFileWriter,
        existing_fields_only: bool = False,
    ) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self._signed_at
        return session


def sign_pdf(
    pdf: bytes,
    key: RSAPrivateKey,
    chain: tuple[bytes, ...],
    *,
    name: str,
    reason: str,
    location: str,
    signed_at: datetime,
) -> bytes:
    """Append an invisible signature (ETSI.CAdES.detached, SHA-256); raises ExportFailed."""
    secret = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    certificates = [c for der in chain for c in load_certs_from_pemder_data(der)]
    registry = SimpleCertificateStore.from_certs(  # type: ignore[no-untyped-call]  # pyHanko's
        certificates
    )
    meta = PdfSignatureMetadata(
        field_name=_FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        name=name,
        reason=reason,
        location=location,
    )
    signer = SimpleSigner(
        certificates[0], load_private_key_from_pemder_data(secret, None), registry
    )
    out = io.BytesIO()
    try:
        _PdfSigner(meta, signer, signed_at).sign_pdf(
            IncrementalPdfFileWriter(io.BytesIO(pdf)), output=out
        )
    except (PdfError, SigningError) as error:
        raise ExportFailed(f"The PDF could not be signed: {error}.") from None
    return out.getvalue()
