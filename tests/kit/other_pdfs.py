"""PDFs signed or changed in ways that Lightbox itself never does."""

import io

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from tests.kit.identities import Identity


def signed_by_others(
    pdf: bytes,
    identity: Identity,
    *,
    field: str = "Other",
    subfilter: SigSeedSubFilter = SigSeedSubFilter.ADOBE_PKCS7_DETACHED,
    md_algorithm: str = "sha256",
) -> bytes:
    """A signature as another program makes it."""
    assert isinstance(identity.key, RSAPrivateKey)
    secret = identity.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    (certificate,) = load_certs_from_pemder_data(identity.der)
    signer = SimpleSigner(
        certificate,
        load_private_key_from_pemder_data(secret, None),
        SimpleCertificateStore(),  # type: ignore[no-untyped-call]  # pyHanko's
    )
    meta = PdfSignatureMetadata(field_name=field, md_algorithm=md_algorithm, subfilter=subfilter)
    out = io.BytesIO()
    PdfSigner(meta, signer).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), output=out)
    return out.getvalue()


def with_other_words(pdf: bytes, words: bytes) -> bytes:
    """The PDF with an update appended that shows other words, as an editor would save it."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0]
    stream = generic.StreamObject(stream_data=b"BT /F1 24 Tf 72 720 Td (" + words + b") Tj ET")
    page["/Contents"] = writer.add_object(stream)
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]  # pyHanko's
    return out.getvalue()
