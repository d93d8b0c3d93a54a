"""``lightbox verify FILE``: who signed, when, and whether it holds.

Exit 0: every signature is intact and, where ``--trust`` was given, made by a signer whose
certificate led to a trusted root when it was made. Without ``--trust`` an intact signature
counts, and the answer says that the signer was not checked. Exit 1: one does not hold. Exit 2:
there is no signature, or a file cannot be read.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from reporting.errors import ReportingError
from reporting.model.signed import SignerIdentity
from reporting.signing.verdict import Trust, Verdict
from reporting.signing.verify import verify_file

_TRUST = {
    Trust.TRUSTED: "trusted",
    Trust.UNTRUSTED: "not trusted",
    Trust.UNCHECKED: "untrusted: no root certificate was given (--trust)",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``verify`` takes."""
    parser.add_argument("file", type=Path, help="signed PDF, DICOM SR or FHIR JSON")
    parser.add_argument(
        "--trust",
        type=Path,
        action="append",
        default=[],
        metavar="PEM",
        help="file of root certificates to trust; may be given several times",
    )
    parser.add_argument("--json", action="store_true", help="answer as JSON")


def run(args: argparse.Namespace) -> int:
    """Check the file; 0 valid, 1 not valid, 2 nothing to verify."""
    try:
        verdicts = verify_file(args.file, trust=args.trust)
    except ReportingError as error:
        return _nothing(args, str(error))
    except OSError as error:
        return _nothing(args, f"{args.file.name} cannot be read: {error.strerror}.")
    valid = all(verdict.valid for verdict in verdicts)
    if args.json:
        _answer(args.file, valid, [_as_json(verdict) for verdict in verdicts])
    else:
        sys.stdout.write("\n".join(_as_text(verdict) for verdict in verdicts) + "\n")
    return 0 if valid else 1


def _nothing(args: argparse.Namespace, reason: str) -> int:
    if args.json:
        _answer(args.file, False, [], reason=reason)
    sys.stderr.write(f"lightbox: {_plain(reason)}\n")
    return 2


def _answer(
    file: Path, valid: bool, signatures: Sequence[dict[str, object]], **more: object
) -> None:
    told = {"file": file.name, "valid": valid, "signatures": signatures} | more
    sys.stdout.write(json.dumps(told, indent=1) + "\n")


def _as_json(verdict: Verdict) -> dict[str, object]:
    return {
        "form": verdict.form,
        "valid": verdict.valid,
        "intact": verdict.intact,
        "trust": verdict.trust.value,
        "signer": _signer(verdict.signer) if verdict.signer else None,
        "signed_at": verdict.signed_at.isoformat() if verdict.signed_at else None,
        "covers": verdict.covers,
        "reason": verdict.reason,
    }


def _signer(identity: SignerIdentity) -> dict[str, object]:
    return {
        "common_name": identity.common_name,
        "issuer": identity.issuer,
        "serial": identity.serial,
        "not_before": identity.not_before.isoformat(),
        "not_after": identity.not_after.isoformat(),
    }


def _as_text(verdict: Verdict) -> str:
    lines = [f"{'VALID' if verdict.valid else 'NOT VALID'}: {verdict.form}"]
    if verdict.signer:
        lines.append(f"  signed by  {verdict.signer.common_name}")
        lines.append(f"  issued by  {verdict.signer.issuer}, serial {verdict.signer.serial}")
    if verdict.signed_at:
        lines.append(f"  signed at  {verdict.signed_at.isoformat()}, as the signer states")
    if verdict.covers:
        lines.append(f"  covers     {verdict.covers}")
    lines.append(f"  signer     {_TRUST[verdict.trust]}")
    lines.append(f"  because    {verdict.reason}")
    return "\n".join(map(_plain, lines))


def _plain(line: str) -> str:
    """Leave out what could steer a terminal: names in a certificate are anyone's words."""
    return "".join(c for c in line if c.isprintable())
