"""Programs and libraries of others that judge a sent report; each gives what it complains of."""

import base64
import json
import shutil
import subprocess
import sys
from pathlib import Path

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from tests.kit.sent_report import SentReport


def pdfsig_complaints(pdf: bytes, folder: Path) -> list[str]:
    """What pdfsig does not confirm; skips the test where it is not installed."""
    _need("pdfsig")
    file = folder / "report.pdf"
    file.write_bytes(pdf)
    done = subprocess.run(["pdfsig", str(file)], capture_output=True, text=True, check=False)
    wanted = ("Signature is Valid", "Total document signed")
    return [
        f"not said: {words}; said: {done.stdout}" for words in wanted if words not in done.stdout
    ]


def openssl_complaints(pdf: bytes, root: Path, folder: Path) -> str:
    """What openssl says against the CMS in the PDF, with ``root`` as the only trust."""
    _need("openssl")
    a, b, c, d = (int(n) for n in pdf.split(b"/ByteRange")[1].split(b"[")[1].split(b"]")[0].split())
    (folder / "signed").write_bytes(pdf[a : a + b] + pdf[c : c + d])
    (folder / "cms").write_bytes(bytes.fromhex(pdf[a + b + 1 : c - 1].decode("ascii")))
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", str(folder / "cms")]
    command += ["-content", str(folder / "signed"), "-CAfile", str(root)]
    command += ["-purpose", "any", "-out", "/dev/null"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


def check_provenance(sent: SentReport) -> None:
    """Let PyJWT accept the Provenance's signature of the report, and refuse it for other bytes."""
    signature = sent.provenance["signature"][0]
    head, _, tail = base64.b64decode(signature["data"]).decode("ascii").partition("..")
    body = base64.urlsafe_b64encode(sent.signed).rstrip(b"=").decode("ascii")
    chain = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["x5c"]
    key = x509.load_der_x509_certificate(base64.b64decode(chain[0])).public_key()
    assert isinstance(key, RSAPublicKey)
    accepted = jwt.PyJWS().decode(f"{head}.{body}.{tail}", key, algorithms=["PS256"])
    assert accepted == sent.signed
    changed = body[:-1] + ("A" if body[-1] != "A" else "B")
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.PyJWS().decode(f"{head}.{changed}.{tail}", key, algorithms=["PS256"])


def dciodvfy_complaints(data: bytes, folder: Path, knows: str = "SR") -> list[str]:
    """Errors that dciodvfy finds in a DICOM object; its words name what it ``knows`` it to be."""
    file = folder / "object.dcm"
    file.write_bytes(data)
    program = Path(sys.executable).with_name("dciodvfy")
    done = subprocess.run([str(program), str(file)], capture_output=True, text=True, check=False)
    said = (done.stdout + done.stderr).splitlines()
    assert any(knows in line for line in said), said  # it ran, and knew what it saw
    return [line for line in said if "Error" in line]


def dsrdump_words(data: bytes, folder: Path) -> str:
    """How dsrdump reads a Structured Report; AssertionError when it cannot."""
    _need("dsrdump")
    file = folder / "object.dcm"
    file.write_bytes(data)
    done = subprocess.run(["dsrdump", str(file)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode("utf-8", "replace")


def _need(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
