"""Our signatures, judged by programs that are not ours."""

import base64
import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from reporting.signing.verify import verify_file
from tests.kit.identities import authority, reader
from tests.kit.report_images import headers
from tests.kit.signed_forms import signed

needs = {
    program: pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")
    for program in ("pdfsig", "certutil", "openssl", "dcmsign")
}


def run(*command: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=10, check=False
    )


def put(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.fixture
def nss(tmp_path: Path) -> str:
    """A certificate database as a reader's mail program has it, trusting our authority."""
    folder = tmp_path / "nss"
    folder.mkdir()
    database = f"sql:{folder}"
    ca = reader().trust(tmp_path)
    run("certutil", "-N", "-d", database, "--empty-password")
    added = run("certutil", "-A", "-d", database, "-n", "test", "-t", "CT,C,C", "-i", ca)
    assert added.returncode == 0, added.stderr
    return database


@needs["pdfsig"]
@needs["certutil"]
def test_poppler_finds_the_pdf_valid_and_trusted(tmp_path: Path, nss: str) -> None:
    told = run("pdfsig", "-nssdir", nss, put(tmp_path, "r.pdf", signed().pdf)).stdout
    assert "Signature Validation: Signature is Valid." in told
    assert "Certificate Validation: Certificate is Trusted." in told
    assert "Total document signed" in told
    assert "Signature Type: ETSI.CAdES.detached" in told
    assert "Signer Certificate Common Name: Dr Keiko Ito" in told


@needs["pdfsig"]
@needs["certutil"]
def test_poppler_finds_a_changed_pdf_invalid(tmp_path: Path, nss: str) -> None:
    changed = signed().pdf.replace(b"(Report)", b"(Retort)")
    told = run("pdfsig", "-nssdir", nss, put(tmp_path, "r.pdf", changed)).stdout
    assert "Digest Mismatch" in told


def byte_range(pdf: bytes) -> tuple[bytes, bytes]:
    """What the signature covers, and the CMS in the gap."""
    found = re.search(rb"/ByteRange \[\s*(\d+) (\d+) (\d+) (\d+)\s*\]", pdf)
    assert found is not None
    start, length, again, rest = map(int, found.groups())
    hexes = pdf[start + length : again].strip(b"<>")
    return pdf[start : start + length] + pdf[again : again + rest], bytes.fromhex(hexes.decode())


@needs["openssl"]
@pytest.mark.parametrize("honest", [True, False])
def test_openssl_checks_the_cms_over_the_byte_range(tmp_path: Path, honest: bool) -> None:
    pdf = signed().pdf if honest else signed().pdf.replace(b"(Report)", b"(Retort)")
    content, cms = byte_range(pdf)
    told = run(
        *("openssl", "cms", "-verify", "-binary", "-inform", "DER"),
        *("-in", put(tmp_path, "sig.der", cms), "-content", put(tmp_path, "c.bin", content)),
        *("-CAfile", reader().trust(tmp_path), "-purpose", "any", "-out", tmp_path / "out"),
    )
    assert (told.returncode == 0) is honest, told.stderr
    assert ("Verification successful" in told.stderr) is honest


def pss(folder: Path, data: bytes, signature: bytes) -> Sequence[object]:
    key = reader().certificate.public_key()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return (
        *("openssl", "dgst", "-sha256", "-verify", put(folder, "key.pem", pem)),
        *("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"),
        *("-signature", put(folder, "s.bin", signature), put(folder, "d.bin", data)),
    )


def unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@needs["openssl"]
def test_openssl_checks_the_jws(tmp_path: Path) -> None:
    protected, _, signature = signed().jws.split(".")
    payload = base64.urlsafe_b64encode(signed().payload).rstrip(b"=")
    data = protected.encode() + b"." + payload
    assert "Verified OK" in run(*pss(tmp_path, data, unpadded(signature))).stdout
    changed = run(*pss(tmp_path, data[:-1] + b"_", unpadded(signature)))
    assert changed.returncode != 0


@needs["openssl"]
def test_openssl_checks_the_chain_in_the_jws(tmp_path: Path) -> None:
    x5c = json.loads(unpadded(signed().jws.split(".")[0]))["x5c"]
    leaf = put(tmp_path, "leaf.der", base64.b64decode(x5c[0]))
    checked = run("openssl", "verify", "-CAfile", reader().trust(tmp_path), leaf)
    assert checked.returncode == 0, checked.stderr
    other = put(
        tmp_path, "other.pem", authority("Somebody Else").certificate.public_bytes(Encoding.PEM)
    )
    assert run("openssl", "verify", "-CAfile", other, leaf).returncode != 0


def test_pyjwt_checks_the_jws() -> None:
    whole = signed().jws.replace("..", f".{signed().flattened()['payload']}.")
    found = jwt.PyJWS().decode_complete(whole, reader().key.public_key(), ["PS256"])
    assert found["payload"] == signed().payload
    assert found["header"]["sigT"] == "2026-11-24T03:01:07Z"
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.PyJWS().decode(whole, authority("Somebody Else").key.public_key(), algorithms=["PS256"])


@needs["dcmsign"]
@pytest.mark.parametrize("which", ["sr", "measurements"])
def test_dcmtk_checks_the_sr(tmp_path: Path, which: str) -> None:
    data = getattr(signed(), which)
    told = run(
        *("dcmsign", "--verify", "+rs", "+cf", reader().trust(tmp_path)),
        put(tmp_path, "sr.dcm", data),
    )
    assert told.returncode == 0, told.stderr
    assert "Signature Verification : OK" in told.stderr


@needs["dcmsign"]
def test_dcmtk_finds_a_changed_sr_corrupted(tmp_path: Path) -> None:
    changed = signed().sr.replace(b"right upper lobe", b"left  upper lobe", 1)
    assert changed != signed().sr
    told = run(
        *("dcmsign", "--verify", "+rs", "+cf", reader().trust(tmp_path)),
        put(tmp_path, "sr.dcm", changed),
    )
    assert told.returncode != 0
    assert "document corrupted" in told.stderr


@needs["dcmsign"]
def test_we_check_what_dcmtk_signed(tmp_path: Path) -> None:
    secret = reader().key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    certificate = reader().certificate.public_bytes(Encoding.PEM)
    out = tmp_path / "signed.dcm"
    done = run(
        *("dcmsign", "+s", put(tmp_path, "key.pem", secret), put(tmp_path, "c.pem", certificate)),
        *("+m2", put(tmp_path, "plain.dcm", headers()), out),
    )
    assert done.returncode == 0, done.stderr
    (verdict,) = verify_file(out, trust=[reader().trust(tmp_path)])
    assert verdict.valid, verdict.reason
    out.write_bytes(out.read_bytes().replace(b"DOE^JANE", b"ROE^JANE"))
    assert not verify_file(out)[0].valid
