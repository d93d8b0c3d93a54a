"""One door for checking any signed form of a report: PDF, DICOM SR, FHIR JSON."""

import os
from collections.abc import Sequence
from pathlib import Path

from reporting.errors import NothingToVerify
from reporting.signing.chain import load_roots
from reporting.signing.verdict import Verdict
from reporting.signing.verify_dicom import verify_dicom
from reporting.signing.verify_json import verify_json
from reporting.signing.verify_pdf import verify_pdf

_LARGEST = 1 << 28
_PDF_HEAD = 1024
_DICOM_MARK = slice(128, 132)


def verify_file(path: Path, *, trust: Sequence[Path] = ()) -> tuple[Verdict, ...]:
    """Check every signature in a file; ``trust`` are PEM files of trusted roots.

    Raises NothingToVerify when there is no signature that is known here, ReportingError when a
    file of roots cannot be used, OSError when the file cannot be read.
    """
    roots = load_roots(trust)
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size > _LARGEST:
            raise NothingToVerify(f"{path.name} is too large to be a report.")
        data = file.read(_LARGEST)
    if data[_DICOM_MARK] == b"DICM":
        return verify_dicom(data, path.name, roots)
    if b"%PDF-" in data[:_PDF_HEAD]:
        return verify_pdf(data, path.name, roots)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return verify_json(data, path.name, roots)
    raise NothingToVerify(f"{path.name} is neither a PDF nor a DICOM object nor JSON.")
