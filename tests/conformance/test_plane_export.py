"""A reformat written as a DICOM series: what other programs and our own loader read of it."""

import errno
import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813
from pydicom import dcmread

from tests.kit.dicom_files import dataset, written
from tests.kit.executors import StepExecutor
from tests.kit.real_volumes import Folder, folder
from viewer.errors import MissingInstance
from viewer.loading.volume import Volume
from viewer.model.geometry import PointLps
from viewer.model.presentation import Presentation, Window
from viewer.model.sample_grid import SampleGrid, Slab, SlabMode
from viewer.model.volume_geometry import Index
from viewer.render.curved import sample_along
from viewer.render.curved_export import CurvedExport
from viewer.render.plane_export import ExportPlan, PlaneExport, planned, why_no_export
from viewer.render.reslice import Reslicer
from viewer.viewport.curved import CurvedPath, CurvedSheet
from viewer.viewport.planes import Crosshair, PlaneName

NOW = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
ROWS, COLUMNS, SLICES = 20, 24, 14
MR = "1.2.840.10008.5.1.4.1.1.4"


def _slices(into: Path, **values: Any) -> Path:
    """A smooth volume, acquired obliquely, of 12 bits with slope and intercept."""
    into.mkdir()
    k, j, i = np.indices((SLICES, ROWS, COLUMNS)).astype(np.float64)
    voxels = 1500 + 600 * np.sin(i / 5) + 500 * np.cos(j / 4) + 300 * np.sin(k / 3)
    a = math.radians(20)
    column = (0.0, math.cos(a), math.sin(a))
    normal = (0.0, -math.sin(a), math.cos(a))
    for n in range(SLICES):
        given: dict[str, Any] = {
            "series": "3",
            "Rows": ROWS, "Columns": COLUMNS,
            "ImageOrientationPatient": [1, 0, 0, *(f"{x:.10f}" for x in column)],
            "ImagePositionPatient": [f"{-20 + 1.5 * n * x:.10f}" for x in normal],
            "PixelSpacing": [0.9, 0.8],
            "RescaleSlope": 0.5, "RescaleIntercept": -1024, "KVP": 120,
            "LossyImageCompression": "01", "LossyImageCompressionRatio": 8,
            "StudyTime": "101500", "StudyID": "1", "AccessionNumber": "A-1",
            "ReferringPhysicianName": "Refers^Rita", "PositionReferenceIndicator": "",
            "SpecificCharacterSet": "ISO_IR 100", "PatientName": "Müller^Ana",
            "PatientPosition": "HFS", "SliceThickness": 1.5,
            "PixelData": voxels[n].astype("<u2").tobytes(),
        } | values  # fmt: skip
        ds = dataset(n + 1, **given)
        (into / f"{n}.dcm").write_bytes(written(ds))
    return into


def _made(tmp_path: Path, slab: Slab | None = None, **values: Any) -> tuple[Folder, Volume, Path]:
    """Write planes turned out of all of the volume's own directions."""
    source = folder(_slices(tmp_path / "source", **values))
    (target,) = source.sets
    volume = source.volume(target)
    plan = _turned_plan(volume, slab)
    heard = _export(source, volume, plan, tmp_path)
    assert heard.failures == []
    return source, volume, heard.folders[0]


def _turned_plan(volume: Volume, slab: Slab | None = None, **more: Any) -> ExportPlan:
    crosshair = Crosshair.through(volume.geometry)
    crosshair = crosshair.turned(PlaneName.AXIAL, 0.3).turned(PlaneName.SAGITTAL, 0.2)
    return planned(crosshair.cut(PlaneName.CORONAL), slab, volume.geometry, **more)


class _Heard:
    def __init__(self) -> None:
        self.folders: list[Path] = []
        self.failures: list[str] = []
        self.counts: list[tuple[int, int]] = []


def _export(
    source: Folder,
    volume: Volume,
    plan: ExportPlan,
    into: Path,
    meanwhile: Callable[[PlaneExport], None] | None = None,
) -> _Heard:
    heard, executor = _Heard(), StepExecutor()
    look = Presentation(voi=Window(40, 400))
    (target,) = source.sets
    export = PlaneExport(plan, Reslicer(volume), target, source.instances, look, executor)
    export.finished.connect(heard.folders.append)
    export.failed.connect(heard.failures.append)
    export.progressed.connect(lambda done, of: heard.counts.append((done, of)))

    def read(sop: Any) -> bytes:
        with source.source.open(sop) as file:
            return file.read()

    export.start(into, read, NOW)
    for _ in range(4):
        if len(executor):
            executor.step()
    if meanwhile is not None:
        meanwhile(export)
    executor.drain()
    return heard


def _value(volume: Volume, point: PointLps, slab: Slab | None, plan: ExportPlan) -> float:
    grid = SampleGrid(point, plan.cut.right, plan.cut.down, 1, 1)
    return float(Reslicer(volume).values(grid, slab)[0, 0])


@pytest.mark.parametrize("slab", [None, Slab(4.0, SlabMode.MAXIMUM), Slab(4.0, SlabMode.MEAN)])
def test_our_own_loader_reads_the_same_values_at_the_same_places(
    tmp_path: Path, slab: Slab | None
) -> None:
    _, volume, made = _made(tmp_path, slab)
    again = folder(made)
    (target,) = again.sets
    read = again.volume(target)
    plan = _turned_plan(volume, slab)
    compared = 0
    for k in range(0, plan.count, 2):
        for j, i in ((4, 5), (11, 9), (9, 20), (16, 13)):
            point = read.geometry.to_lps(Index(i, j, k))
            ours = _value(volume, point, slab, plan)
            stored = int(read.voxels[k, j, i])
            if math.isnan(ours):
                assert read.padding is not None
                assert stored == read.padding[0]
                continue
            found = stored * read.rescale.slope + read.rescale.intercept
            assert abs(found - ours) <= 0.5 * read.rescale.slope + 1e-2
            compared += 1
    assert compared > 10
    assert read.rescale.unit == "HU"


def test_simpleitk_finds_the_same_value_at_the_same_point_of_the_patient(tmp_path: Path) -> None:
    _, volume, made = _made(tmp_path)
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(made)))
    image = reader.Execute()
    plan, compared = _turned_plan(volume), 0
    for n in range(0, plan.count, 3):
        plane = plan.plane(n)
        for j, i in ((6, 7), (12, 14)):
            at = plane.position.plus(plane.row, i * plane.spacing.column)
            at = at.plus(plane.column, j * plane.spacing.row)
            ours = _value(volume, at, None, plan)
            if not math.isnan(ours):
                index = image.TransformPhysicalPointToIndex(tuple(at))
                assert abs(image.GetPixel(*index) - ours) <= 0.51
                assert index == (i, j, n)
                compared += 1
    assert compared > 5


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"BodyPartExamined": "CHEST", "PatientPosition": ""},
        {
            "SOPClassUID": MR, "Modality": "MR", "RescaleSlope": None, "RescaleIntercept": None,
            "KVP": None, "ScanningSequence": "SE", "SequenceVariant": "NONE", "EchoTime": 20,
            "ScanOptions": "", "MRAcquisitionType": "2D", "RepetitionTime": 500,
            "EchoTrainLength": 1,
        },
    ],
    ids=["CT", "CT of the chest", "MR"],
)  # fmt: skip
def test_dciodvfy_finds_no_error(tmp_path: Path, values: dict[str, Any]) -> None:
    values = {name: value for name, value in values.items() if value is not None}
    _, _, made = _made(tmp_path, Slab(3.0), **values)
    for file in (sorted(made.iterdir())[0], sorted(made.iterdir())[-1]):
        assert _errors(file) == []


def _errors(file: Path) -> list[str]:
    """What dciodvfy says against a file."""
    program = Path(sys.executable).with_name("dciodvfy")
    done = subprocess.run([str(program), str(file)], capture_output=True, text=True, check=False)
    said = (done.stdout + done.stderr).splitlines()
    assert any("Image" in line or "SC" in line for line in said), said
    return [line for line in said if line.startswith("Error")]


def test_what_the_images_say_of_themselves(tmp_path: Path) -> None:
    source, volume, made = _made(tmp_path, Slab(4.0, SlabMode.MAXIMUM))
    plan = _turned_plan(volume, Slab(4.0))
    files = [dcmread(file) for file in sorted(made.iterdir())]
    first = files[0]
    assert len({ds.SOPInstanceUID for ds in files}) == len(files) == plan.count
    assert {ds.SeriesInstanceUID for ds in files}.isdisjoint({source.sets[0].series})
    assert first.StudyInstanceUID == "1.2.826.0.1"
    assert first.FrameOfReferenceUID == "1.2.826.0.1.9"
    assert str(first.PatientName) == "Müller^Ana"
    assert list(first.ImageType) == ["DERIVED", "SECONDARY", "REFORMATTED", "MAXIMUM"]
    assert len(first.SourceImageSequence) == SLICES
    assert "maximum of 4.0 mm" in first.DerivationDescription
    assert first.LossyImageCompression == "01"
    assert first.LossyImageCompressionRatio == 8
    assert (first.WindowCenter, first.WindowWidth) == (40, 400)
    assert first.SliceThickness == 4
    normal = np.cross(first.ImageOrientationPatient[:3], first.ImageOrientationPatient[3:])
    steps = np.diff([np.array(ds.ImagePositionPatient, float) @ normal for ds in files])
    np.testing.assert_allclose(steps, float(first.SpacingBetweenSlices), atol=1e-6)
    assert min(abs(normal)) > 0.05, "the planes are oblique"


def test_the_info_command_reads_it(tmp_path: Path) -> None:
    _, volume, made = _made(tmp_path)
    command = [sys.executable, "-m", "workstation", "info", "--json", str(made)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    told = json.loads(ran.stdout)
    assert str(_turned_plan(volume).count) in ran.stdout
    assert "VOLUME" in json.dumps(told).upper()


def test_cancelled_nothing_is_left(tmp_path: Path) -> None:
    source = folder(_slices(tmp_path / "source"))
    volume = source.volume(source.sets[0])
    heard = _export(source, volume, _turned_plan(volume), tmp_path, PlaneExport.cancel)
    assert heard.folders == []
    assert heard.failures == [""]
    assert heard.counts
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


def test_a_full_disk_is_told_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = folder(_slices(tmp_path / "source"))
    volume = source.volume(source.sets[0])

    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("viewer.formats.derived_series.os.fsync", full)
    heard = _export(source, volume, _turned_plan(volume), tmp_path)
    assert heard.failures == ["There is no room left on that disk. Nothing was written."]
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    source = folder(_slices(tmp_path / "source"))
    volume = source.volume(source.sets[0])
    heard = _export(source, volume, _turned_plan(volume), tmp_path / "gone")
    assert heard.failures[0].startswith("The series could not be written there: No such file")


def test_a_source_that_went_meanwhile_is_told(tmp_path: Path) -> None:
    source = folder(_slices(tmp_path / "source"))
    volume = source.volume(source.sets[0])
    for file in (tmp_path / "source").iterdir():
        file.unlink()
    try:
        heard = _export(source, volume, _turned_plan(volume), tmp_path)
    except MissingInstance:  # pragma: no cover - would be raised on the GUI thread
        pytest.fail("not told")
    assert heard.failures[0].endswith("Nothing was written.")


def test_planes_between_two_places_and_how_many(tmp_path: Path) -> None:
    source = folder(_slices(tmp_path / "source"))
    volume = source.volume(source.sets[0])
    plan = _turned_plan(volume, step=2.0, low=-4.0, high=3.0)
    assert (plan.first, plan.count) == (-2, 4)
    wrongs: list[dict[str, Any]] = [{"step": 0.0}, {"low": 900.0}, {"step": 1e-5}]
    for wrong in wrongs:
        with pytest.raises(ValueError, match=r"plane|images"):
            _turned_plan(volume, **wrong)
    assert why_no_export(source.sets[0], source.instances) is None


def test_pet_and_others_are_refused(tmp_path: Path) -> None:
    pet = folder(
        _slices(tmp_path / "pet", SOPClassUID="1.2.840.10008.5.1.4.1.1.128", Modality="PT")
    )
    assert "PET" in (why_no_export(pet.sets[0], pet.instances) or "")
    other = folder(_slices(tmp_path / "other", SOPClassUID="1.2.840.10008.5.1.4.1.1.7"))
    assert "CT and MR" in (why_no_export(other.sets[0], other.instances) or "")


@pytest.mark.parametrize("slab", [None, Slab(6.0, SlabMode.MAXIMUM)])
def test_a_curved_picture_is_a_capture_without_a_place(tmp_path: Path, slab: Slab | None) -> None:
    source = folder(_slices(tmp_path / "source"))
    (target,) = source.sets
    volume = source.volume(target)
    where = volume.geometry
    points = [where.to_lps(Index(*spot)) for spot in ((3, 4, 6), (10, 12, 6), (20, 9, 6))]
    sheet = CurvedSheet.of(CurvedPath.through(points, where.plane.normal), where, 0.5)
    look = Presentation(voi=Window(40, 400))
    export = CurvedExport(sheet, slab, Reslicer(volume), target, source.instances, look)

    def read(sop: Any) -> bytes:
        with source.source.open(sop) as file:
            return file.read()

    made = export.write(tmp_path, read, NOW)
    (file,) = made.iterdir()
    ds = dcmread(file)
    assert ds.SOPClassUID == "1.2.840.10008.5.1.4.1.1.7"
    assert ds.ConversionType == "WSD"
    assert ds.PixelSpacing == [0.5, 0.5]
    for absent in ("ImagePositionPatient", "ImageOrientationPatient", "FrameOfReferenceUID", "KVP"):
        assert absent not in ds
    assert ds.DerivationCodeSequence[0].CodeValue == "113073"
    assert "no place in the patient" in ds.DerivationDescription
    assert ds.PatientName == "Müller^Ana"
    assert ds.LossyImageCompression == "01"
    assert len(ds.SourceImageSequence) == SLICES
    values = ds.pixel_array * float(ds.RescaleSlope) + float(ds.RescaleIntercept)
    row, column = sheet.rows // 2, sheet.columns // 3
    found = np.empty((1, 1), np.float32)
    sample_along(
        Reslicer(volume), sheet.path, sheet.along(np.array([float(column)])),
        sheet.offsets(np.array([float(row)])), found, slab=slab,
    )  # fmt: skip
    assert values[row, column] == pytest.approx(found[0, 0] * 0.5 - 1024, abs=0.5)
    assert _errors(file) == []
    again = folder(made)
    assert again.sets[0].frames
