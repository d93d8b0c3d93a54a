"""From sign-in to receipt, as a process; then everything it made, judged by others."""

import base64
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from tests.flows.conftest import Read, scripted_read
from tests.kit.demo_client import signed_in
from tests.kit.demo_platform import start_demo

pytestmark = [pytest.mark.flow, pytest.mark.timeout(240)]


def _dciodvfy(file: Path) -> list[str]:
    program = Path(sys.executable).with_name("dciodvfy")
    done = subprocess.run([str(program), str(file)], capture_output=True, text=True, check=False)
    return [line for line in (done.stdout + done.stderr).splitlines() if "Error" in line]


@pytest.fixture(scope="module")
def stored(read: Read, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The report as a restarted platform holds it, with its Provenance."""
    folder = tmp_path_factory.mktemp("restart")
    (folder / "state").symlink_to(read.state / "platform")
    demo = start_demo(folder)
    try:
        session = signed_in(demo)
        fhir = demo.ready["fhir"]
        number = read.words.split("the platform gave ")[1].split(".")[0]
        report = session.get(f"{fhir}/{number}", timeout=10).json()
        found = session.get(f"{fhir}/Provenance", params={"target": number}, timeout=10).json()
        images = demo.ready["dicomweb"]
        study = session.get(f"{images}/studies", timeout=10).json()
        session.close()
        return {"report": report, "provenance": found["entry"][0]["resource"], "studies": study}
    finally:
        demo.stop()


def test_every_step_came_true(read: Read) -> None:
    for words in ("Signed in", "first image", "Windowed", "Measured", "chip", "saved", "Done."):
        assert words in read.words


def test_pdfsig_and_openssl_accept_the_pdf(read: Read, tmp_path: Path) -> None:
    pdf = read.out / "report.pdf"
    if shutil.which("pdfsig") is None:
        pytest.skip("pdfsig is not installed")
    said = subprocess.run(["pdfsig", str(pdf)], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" in said
    assert "Total document signed" in said
    data = pdf.read_bytes()
    a, b, c, d = (
        int(n) for n in data.split(b"/ByteRange")[1].split(b"[")[1].split(b"]")[0].split()
    )
    (tmp_path / "signed").write_bytes(data[a : a + b] + data[c : c + d])
    cms = bytes.fromhex(data[a + b + 1 : c - 1].decode("ascii"))
    (tmp_path / "cms").write_bytes(cms)
    root = read.state / "platform" / "identity" / "ca.pem"
    done = subprocess.run(
        f"openssl cms -verify -binary -inform DER -in {tmp_path}/cms -content {tmp_path}/signed "
        f"-CAfile {root} -purpose any -out /dev/null".split(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_after_a_restart_the_platform_has_the_report(stored: dict[str, Any]) -> None:
    report = stored["report"]
    assert report["status"] == "final"
    assert "Growing solid nodule" in report["conclusion"]
    kinds = [form["contentType"] for form in report["presentedForm"]]
    assert kinds == ["text/html", "application/pdf", "application/fhir+json"]


def test_another_jws_library_accepts_the_provenance(stored: dict[str, Any]) -> None:
    signature = stored["provenance"]["signature"][0]
    head, _, tail = base64.b64decode(signature["data"]).decode("ascii").partition("..")
    payload = base64.b64decode(stored["report"]["presentedForm"][2]["data"])
    body = base64.urlsafe_b64encode(payload).rstrip(b"=").decode("ascii")
    chain = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["x5c"]
    key = x509.load_der_x509_certificate(base64.b64decode(chain[0])).public_key()
    assert isinstance(key, RSAPublicKey)
    assert jwt.PyJWS().decode(f"{head}.{body}.{tail}", key, algorithms=["PS256"]) == payload
    changed = body[:-1] + ("A" if body[-1] != "A" else "B")
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.PyJWS().decode(f"{head}.{changed}.{tail}", key, algorithms=["PS256"])


def test_validators_accept_the_structured_reports(read: Read, stored: dict[str, Any]) -> None:
    assert stored["studies"]
    reports = [
        f
        for f in (read.state / "platform" / "images").rglob("*.dcm")
        if f.stat().st_size < 100_000 and b"\x08\x00\x60\x00CS\x02\x00SR" in f.read_bytes()
    ]
    assert len(reports) >= 2
    for file in reports:
        assert _dciodvfy(file) == []
        if shutil.which("dsrdump"):
            done = subprocess.run(["dsrdump", str(file)], capture_output=True, check=False)
            assert done.returncode == 0, done.stderr


def test_the_same_read_on_143_real_slices(shared_dicom: Path, tmp_path: Path) -> None:
    data = shared_dicom / "ct-chest-nlst-101287"
    read = scripted_read(tmp_path, "--data", str(data))
    assert "frame 72 of 143" in read.words
    assert (read.out / "report.pdf").stat().st_size > 10_000
