"""From sign-in to receipt, as a process; then everything it made, judged by others."""

from pathlib import Path

import pytest

from tests.flows.conftest import Read, scripted_read
from tests.kit.demo_platform import start_demo
from tests.kit.judges import (
    check_provenance,
    dciodvfy_complaints,
    dsrdump_words,
    openssl_complaints,
    pdfsig_complaints,
)
from tests.kit.sent_report import SentReport, fetch_back

pytestmark = [pytest.mark.flow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def sent(read: Read, tmp_path_factory: pytest.TempPathFactory) -> SentReport:
    """The report as a restarted platform holds it."""
    folder = tmp_path_factory.mktemp("restart")
    (folder / "state").symlink_to(read.state / "platform")
    demo = start_demo(folder, "--unseeded")
    try:
        return fetch_back(demo, read.words.split("the platform gave ")[1].split(".")[0])
    finally:
        demo.stop()


def test_every_step_came_true(read: Read) -> None:
    for words in ("Signed in", "first image", "Windowed", "Measured", "chip", "saved", "Done."):
        assert words in read.words


def test_pdfsig_accepts_the_pdf(read: Read, tmp_path: Path) -> None:
    assert pdfsig_complaints((read.out / "report.pdf").read_bytes(), tmp_path) == []


def test_openssl_accepts_the_pdf(read: Read, tmp_path: Path) -> None:
    root = read.state / "platform" / "identity" / "ca.pem"
    assert openssl_complaints((read.out / "report.pdf").read_bytes(), root, tmp_path) == ""


def test_after_a_restart_the_platform_has_the_report(read: Read, sent: SentReport) -> None:
    assert sent.report["status"] == "final"
    assert "Growing solid nodule" in sent.report["conclusion"]
    kinds = [form["contentType"] for form in sent.report["presentedForm"]]
    assert kinds == ["text/html", "application/pdf", "application/fhir+json"]
    assert sent.pdf == (read.out / "report.pdf").read_bytes()
    assert sent.differing == ()


def test_another_jws_library_accepts_the_provenance(sent: SentReport) -> None:
    check_provenance(sent)


def test_dciodvfy_accepts_the_structured_reports(sent: SentReport, tmp_path: Path) -> None:
    assert len(sent.structured) == 2
    assert [dciodvfy_complaints(data, tmp_path) for data in sent.structured] == [[], []]


def test_dsrdump_reads_the_structured_reports(sent: SentReport, tmp_path: Path) -> None:
    report, measurements = (dsrdump_words(data, tmp_path) for data in sent.structured)
    assert "Growing solid nodule" in report
    assert "Imaging Measurement Report" in measurements


def test_the_same_read_on_143_real_slices(shared_dicom: Path, tmp_path: Path) -> None:
    data = shared_dicom / "ct-chest-nlst-101287"
    read = scripted_read(tmp_path, "--data", str(data))
    assert "frame 72 of 143" in read.words
    assert (read.out / "report.pdf").stat().st_size > 10_000
