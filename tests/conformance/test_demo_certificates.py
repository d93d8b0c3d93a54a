"""OpenSSL's opinion on the certificates that the demo platform makes."""

import shutil
import subprocess
from pathlib import Path

import pytest

from workstation.demo.identity import ensure_identity
from workstation.demo.tls import ensure_tls

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")


def openssl(*arguments: object) -> str:
    ended = subprocess.run(
        ["openssl", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout + ended.stderr


def test_the_server_certificate_is_strictly_valid(tmp_path: Path) -> None:
    files = ensure_tls(tmp_path)
    strict = ["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", files.authority]
    for name in (["-verify_ip", "127.0.0.1"], ["-verify_hostname", "localhost"]):
        assert "OK" in openssl(*strict, *name, files.certificate)
    with pytest.raises(AssertionError, match="mismatch"):
        openssl(*strict, "-verify_ip", "127.0.0.2", files.certificate)


def test_the_signing_identity_is_strictly_valid_and_sealed_with_pbes2(tmp_path: Path) -> None:
    files = ensure_identity(tmp_path)
    strict = ["verify", "-x509_strict", "-purpose", "smimesign", "-CAfile", files.authority]
    assert "OK" in openssl(*strict, files.certificate)
    sealed = openssl("pkcs12", "-in", files.pkcs12, "-passin", "pass:demo", "-info", "-noout")
    assert sealed.count("PBES2, PBKDF2, AES-256-CBC") == 2
    assert "MAC: sha256" in sealed
