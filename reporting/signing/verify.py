"""One door for checking any signed form of a report: PDF, DICOM SR, FHIR JSON."""

from collections.abc import Sequence
from pathlib import Path

from reporting.errors import NothingToVerify
from reporting.signing.verdict import Verdict


def verify_file(path: Path, *, trust: Sequence[Path] = ()) -> tuple[Verdict, ...]:
    """Check every signature in a file; ``trust`` are PEM files of trusted roots.

    Raises NothingToVerify when there is no signature that is known here, OSError when the file
    cannot be read.
    """
    raise NothingToVerify(f"{path.name} carries no signature that is known here.")
