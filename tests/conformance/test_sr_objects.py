"""Our structured reports, judged by dicom3tools, dcmtk and highdicom."""

import io
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from highdicom.sr import Comprehensive3DSR, MeasurementReport, srread
from pydicom import dcmread
from pydicom.errors import InvalidDicomError
from pydicom.uid import UID

from reporting.export.measurement_sr import measurement_sr
from reporting.export.objects import UIDS, reference_to
from reporting.export.sr import report_sr
from tests.kit import reporting
from tests.kit.report_images import headers
from tests.kit.signed_forms import NOW, annotations, context, draft, signed, sure_draft
from viewer.model.refs import FrameRef, SeriesUid, SopUid, StudyUid

DCIODVFY = shutil.which("dciodvfy", path=str(Path(sys.executable).parent)) or shutil.which(
    "dciodvfy"
)
_UNICODE_UNCHECKED = "W: The VR checker does not support this Specific Character Set: ISO_IR 192\n"
DSRDUMP = shutil.which("dsrdump")
needs_dciodvfy = pytest.mark.skipif(DCIODVFY is None, reason="dciodvfy is not installed")
needs_dsrdump = pytest.mark.skipif(DSRDUMP is None, reason="dsrdump is not installed")


def run(program: str | None, *arguments: object) -> subprocess.CompletedProcess[str]:
    assert program is not None
    return subprocess.run(
        [program, *map(str, arguments)],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=10,
    )


def put(folder: Path, data: bytes) -> Path:
    path = folder / "object.dcm"
    path.write_bytes(data)
    return path


def japanese() -> tuple[bytes, bytes]:
    """Both objects for a patient with a name in kanji, images in another character set."""
    image = headers(SpecificCharacterSet="ISO_IR 192", PatientName="Yamada^Tarou=山田^太郎")
    told = context(image_headers=image)
    measured = measurement_sr(draft(), told, signed_at=NOW, annotations=annotations())
    assert measured is not None
    report = report_sr(draft(), told, signed_at=NOW, measurement_sr_ref=reference_to(measured))
    return report, measured


def sure() -> tuple[bytes, bytes]:
    """Both objects for a finding with an uncertainty and further numbers."""
    measured = measurement_sr(sure_draft(), context(), signed_at=NOW, annotations=annotations())
    assert measured is not None
    return report_sr(sure_draft(), context(), signed_at=NOW), measured


def bare() -> bytes:
    """A report of a study whose image holds next to nothing, without any measurement."""
    image = headers(
        **dict.fromkeys(
            ("PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "AccessionNumber"), None
        ),
        PatientName="",
        PatientWeight="0",
    )
    text = reporting.draft("Nothing.", "Normal.")
    told = context(image_headers=image)
    return report_sr(text, told, signed_at=NOW)


MAKERS: dict[str, Callable[[], bytes]] = {
    "report": lambda: signed().sr,
    "measurements": lambda: signed().measurements,
    "report in kanji": lambda: japanese()[0],
    "measurements in kanji": lambda: japanese()[1],
    "report with uncertainty": lambda: sure()[0],
    "measurements with uncertainty": lambda: sure()[1],
    "bare report": bare,
}
each_object = pytest.mark.parametrize("which", list(MAKERS))


@needs_dciodvfy
@each_object
def test_dicom3tools_finds_no_error(tmp_path: Path, which: str) -> None:
    told = run(DCIODVFY, "-new", put(tmp_path, MAKERS[which]())).stderr
    assert "Error" not in told, told
    assert ("Comprehensive3DSR" if "measurements" in which else "EnhancedSR") in told


@needs_dsrdump
@each_object
def test_dcmtk_reads_the_content_tree(tmp_path: Path, which: str) -> None:
    told = run(DSRDUMP, put(tmp_path, MAKERS[which]()))
    assert told.returncode == 0, told.stderr
    assert told.stderr in {"", _UNICODE_UNCHECKED}
    assert "Completion Flag     : COMPLETE" in told.stdout
    assert "Verification Flag   : VERIFIED" in told.stdout
    assert "Preliminary Flag    : FINAL" in told.stdout


@needs_dsrdump
def test_dcmtk_reads_the_same_words_and_numbers(tmp_path: Path) -> None:
    told = run(DSRDUMP, "+Pl", put(tmp_path, signed().sr)).stdout
    assert "An 8.0 mm nodule in the right upper lobe." in told
    assert '"8.0" (mm,UCUM,"millimeter")' in told
    measured = run(DSRDUMP, put(tmp_path, signed().measurements)).stdout
    assert "POLYLINE,100.5/200.75" in measured
    assert "POLYLINE,,-60/20/100" in measured


def test_highdicom_reads_the_measurements_back(tmp_path: Path) -> None:
    found = srread(put(tmp_path, signed().measurements))
    assert isinstance(found, Comprehensive3DSR)
    assert isinstance(found.content, MeasurementReport)
    groups = found.content.get_image_measurement_groups()
    assert [g.get_measurements()[0].value for g in groups] == [8.0, 12.35]
    assert len({g.tracking_uid for g in groups}) == 2


def test_pydicom_reads_the_kanji() -> None:
    for data in japanese():
        assert str(dcmread(io.BytesIO(data)).PatientName) == "Yamada^Tarou=山田^太郎"


def image_files(folder: Path) -> list[Path]:
    """One small file of each folder: as many makers and modalities as there are."""
    small = (p for p in sorted(folder.rglob("*")) if p.is_file() and p.stat().st_size < 300_000)
    return list({path.parent: path for path in small}.values())


def report_on(path: Path) -> bytes | None:
    """A report with a measurement on a real image, None where the file is no usable image."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image = dcmread(path, stop_before_pixels=True)
            out = io.BytesIO()
            image.save_as(out, enforce_file_format=True)
        except (InvalidDicomError, ValueError, AttributeError, KeyError, NotImplementedError):
            return None
        uids = [UID(str(image.get(keyword, ""))) for keyword in UIDS]
        if not all(uid.is_valid for uid in uids) or "Image Storage" not in uids[3].name:
            return None
    study = replace(context().study, uid=str(image.StudyInstanceUID))
    series, sop = SeriesUid(str(image.SeriesInstanceUID)), SopUid(str(image.SOPInstanceUID))
    on = FrameRef(StudyUid(study.uid), series, sop)
    text = reporting.draft("An {{m:m1}} line, 3 µm – größer.", "–", reporting.finding(on=on))
    return report_sr(text, context(image_headers=out.getvalue(), study=study), signed_at=NOW)


@needs_dciodvfy
@needs_dsrdump
def test_reports_on_real_images_are_clean(shared_dicom: Path, tmp_path: Path) -> None:
    done = 0
    for path in image_files(shared_dicom)[::3]:
        data = report_on(path)
        if data is None:
            continue
        done += 1
        told = run(DCIODVFY, "-new", put(tmp_path, data)).stderr
        errors = [line for line in told.splitlines() if "Error" in line and "UID" not in line]
        assert errors == [], path.name
        assert run(DSRDUMP, put(tmp_path, data)).returncode == 0, path.name
    assert done > 5
