"""The signature inside the DICOM SR: RSA over SHA-256 (PS3.15 annex C, PS3.3 C.12.1.1.3)."""

from collections.abc import Callable, Iterable
from datetime import datetime

from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.tag import Tag
from pydicom.uid import generate_uid

from reporting.errors import ExportFailed
from reporting.signing.mac_stream import (
    EXPLICIT_LITTLE,
    BrokenStream,
    Element,
    elements_of,
    signed_bytes,
    split_file,
)

MAC_PARAMETERS = 0x4FFE0001
SIGNATURES = 0xFFFAFFFA
NOT_IN_MAC = frozenset({0x04000115, 0x04000120, 0x04000305, 0x04000310})
"""Certificate, Signature, Certified Timestamp Type, Certified Timestamp (C.12.1.1.3.1.1)."""
_PURPOSE = ("5", "ASTM-sigpurpose", "Verification Signature")


def may_be_signed(tag: int) -> bool:
    """Whether a signature can cover an element: no group lengths, nothing of signing."""
    group, number = tag >> 16, tag & 0xFFFF
    if number == 0 or group < 0x0008 or tag in {0x00080001, 0xFFFCFFFC}:
        return False
    return tag not in {MAC_PARAMETERS, SIGNATURES}


def sign_dicom(
    data: bytes, certificate: bytes, sign: Callable[[bytes], bytes], *, signed_at: datetime
) -> bytes:
    """Append a signature over every element; the bytes before it stay as they were.

    ``sign`` is RSASSA-PKCS1-v1_5 with SHA-256, ``certificate`` the signer's, DER. Raises
    ExportFailed.
    """
    try:
        syntax, elements = split_file(data)
    except BrokenStream as error:
        raise ExportFailed(f"The DICOM object cannot be signed: {error}.") from None
    if syntax != EXPLICIT_LITTLE:
        raise ExportFailed("Only Explicit VR Little Endian can be signed.")
    if any(element.tag >= MAC_PARAMETERS for element in elements):
        raise ExportFailed("The DICOM object is signed already.")
    covered = [element for element in elements if may_be_signed(element.tag)]
    item = _item(certificate, signed_at)
    item.Signature = sign(mac_bytes(covered, elements_of(_encoded(item))))
    tail = Dataset()
    tail.MACParametersSequence = [_parameters(covered)]
    tail.DigitalSignaturesSequence = [item]
    return data + _encoded(tail)


def mac_bytes(covered: Iterable[Element], signature_item: Iterable[Element]) -> bytes:
    """Give what is signed: the elements, then the signature's own fields."""
    own = (element for element in signature_item if element.tag not in NOT_IN_MAC)
    return signed_bytes(covered) + signed_bytes(own)


def _parameters(covered: Iterable[Element]) -> Dataset:
    item = Dataset()
    item.MACIDNumber = 0
    item.MACCalculationTransferSyntaxUID = EXPLICIT_LITTLE
    item.MACAlgorithm = "SHA256"
    item.DataElementsSigned = [Tag(element.tag) for element in covered]
    return item


def _item(certificate: bytes, signed_at: datetime) -> Dataset:
    item = Dataset()
    item.MACIDNumber = 0
    item.DigitalSignatureUID = generate_uid(prefix=None)
    item.DigitalSignatureDateTime = signed_at.strftime("%Y%m%d%H%M%S.%f%z")
    item.CertificateType = "X509_1993_SIG"
    item.CertificateOfSigner = certificate
    purpose = Dataset()
    purpose.CodeValue, purpose.CodingSchemeDesignator, purpose.CodeMeaning = _PURPOSE
    item.DigitalSignaturePurposeCodeSequence = [purpose]
    return item


def _encoded(dataset: Dataset) -> bytes:
    out = DicomBytesIO()
    out.is_little_endian = True
    out.is_implicit_VR = False
    write_dataset(out, dataset)
    return out.getvalue()
