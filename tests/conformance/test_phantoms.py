"""The phantoms' files by a second opinion: dciodvfy, and their truth measured again from pixels."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import FileDataset

from tests.kit.seeded import NOW
from workstation.demo.phantoms import drawn_cases
from workstation.demo.phantoms_scan import CURRENT, PRIOR, ChestModel, ChestScan, write_chest
from workstation.demo.seed_case import PlannedCase

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

SPAN = 170
"""Height in mm of the part of the chest that is drawn: all nodules and the dome of the liver."""


@dataclass(frozen=True)
class Volume:
    """A CT as pydicom reads it: HU on a grid in LPS."""

    hu: NDArray[np.float64]
    first: NDArray[np.float64]
    step: NDArray[np.float64]
    """Along columns, rows, slices."""
    truth: dict[str, Any]

    def around(self, point: list[float], reach: float) -> tuple[NDArray[Any], NDArray[Any]]:
        """Give HU and LPS places of the voxels within ``reach`` mm of a point."""
        middle = np.rint((np.asarray(point) - self.first) / self.step).astype(int)
        half = np.ceil(reach / np.abs(self.step)).astype(int) + 1
        low, high = middle - half, middle + half + 1
        box = self.hu[low[2] : high[2], low[1] : high[1], low[0] : high[0]]
        axes = [self.first[a] + self.step[a] * np.arange(low[a], high[a]) for a in range(3)]
        z, y, x = np.meshgrid(axes[2], axes[1], axes[0], indexing="ij")
        places = np.stack([x, y, z], axis=-1)
        near = np.linalg.norm(places - point, axis=-1) <= reach
        return box[near], places[near]

    def share(self, point: list[float], reach: float) -> tuple[NDArray[Any], NDArray[Any]]:
        """Give how much of each voxel is nodule and not lung, and where the voxels are."""
        hu, places = self.around(point, reach)
        lung = np.median(hu[np.linalg.norm(places - point, axis=-1) > reach - 1.5])
        solid = np.median(hu[np.linalg.norm(places - point, axis=-1) < 1.3])
        return np.clip((hu - lung) / (solid - lung), 0, 1), places

    @property
    def voxel(self) -> float:
        """Volume of a voxel, mm³."""
        return float(np.abs(np.prod(self.step)))


def _volume(folder: Path) -> Volume:
    slices = [pydicom.dcmread(f) for f in sorted(folder.glob("001/*.dcm"))]
    slices.sort(key=lambda d: float(d.ImagePositionPatient[2]))
    hu = np.stack([d.pixel_array * float(d.RescaleSlope) + d.RescaleIntercept for d in slices])
    z = [float(d.ImagePositionPatient[2]) for d in slices]
    assert np.allclose(np.diff(z), z[1] - z[0])
    row, column = map(float, slices[0].PixelSpacing)
    first = np.array([float(c) for c in slices[0].ImagePositionPatient])
    truth = json.loads((folder / "truth.json").read_text())
    return Volume(hu, first, np.array([column, row, z[1] - z[0]]), truth)


def _part(scan: ChestScan) -> ChestScan:
    top = scan.place((0, 0, 48))[2] + 8
    return replace(scan, top=top, slices=int(SPAN / scan.step))


@pytest.fixture(scope="module")
def cases() -> dict[str, PlannedCase]:
    return {c.key: c for c in drawn_cases(NOW)}


@pytest.fixture(scope="module")
def chest(
    cases: dict[str, PlannedCase], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """Folders of the part of both chest CTs that holds the nodules."""
    model, plan = ChestModel(), cases["chest-ct"].plan
    made = []
    for scan, study in zip((CURRENT, PRIOR), plan.studies(), strict=True):
        folder = tmp_path_factory.mktemp(study.key)
        write_chest(model, _part(scan), plan, study, folder, seeded=NOW, written=lambda: None)
        made.append(folder)
    return made[0], made[1]


@pytest.fixture(scope="module")
def volumes(chest: tuple[Path, Path]) -> tuple[Volume, Volume]:
    return _volume(chest[0]), _volume(chest[1])


@pytest.fixture(scope="module")
def others(cases: dict[str, PlannedCase], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of head CT and radiographs, as the demo makes them."""
    folder = tmp_path_factory.mktemp("others")
    for key in ("head-ct", "chest-cr"):
        cases[key].make_images(folder, lambda *_: None)
    return folder


@pytest.fixture(scope="module")
def uptake(cases: dict[str, PlannedCase], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the PET/CT, as the demo makes it."""
    folder = tmp_path_factory.mktemp("uptake")
    cases["pet-ct"].make_images(folder, lambda *_: None)
    return folder / "pet-ct" / "study-pet-ct"


def _one_per_series(chest: tuple[Path, Path], others: Path) -> Iterator[Path]:
    yield from (folder / "001" / "0001.dcm" for folder in chest)
    yield others / "head-ct" / "study-head-ct" / "001" / "0035.dcm"
    yield from sorted(others.glob("chest-cr/*/*/0001.dcm"))


def test_dciodvfy_finds_no_error(chest: tuple[Path, Path], others: Path) -> None:
    files = list(_one_per_series(chest, others))
    assert len(files) == 6
    tool = Path(sys.executable).with_name("dciodvfy")
    for file in files:
        done = subprocess.run([tool, file], capture_output=True, text=True, check=False)
        said = done.stdout + done.stderr
        assert done.returncode == 0, said
        assert "Error" not in said, said


def test_dciodvfy_finds_no_error_in_the_pet_ct(uptake: Path) -> None:
    tool = Path(sys.executable).with_name("dciodvfy")
    for file in (uptake / "001" / "0050.dcm", uptake / "002" / "0050.dcm"):
        done = subprocess.run([tool, file], capture_output=True, text=True, check=False)
        said = done.stdout + done.stderr
        assert done.returncode == 0, said
        assert "Error" not in said, said


def test_uptake_is_what_the_truth_says(uptake: Path) -> None:
    slices = [pydicom.dcmread(f) for f in sorted((uptake / "002").glob("*.dcm"))]
    head, scan = slices[0], pydicom.dcmread(uptake / "001" / "0001.dcm")
    assert head.FrameOfReferenceUID == scan.FrameOfReferenceUID
    assert len({s.RescaleSlope for s in slices}) > 1
    given = head.RadiopharmaceuticalInformationSequence[0]
    begun, at = (
        datetime.strptime(text[:14], "%Y%m%d%H%M%S")  # noqa: DTZ007 - both are of one clock
        for text in (head.SeriesDate + head.SeriesTime, given.RadiopharmaceuticalStartDateTime)
    )
    waited = (begun - at).total_seconds()
    left = given.RadionuclideTotalDose * 2 ** (-waited / given.RadionuclideHalfLife)
    suv = np.stack([s.pixel_array * float(s.RescaleSlope) for s in slices])
    suv *= head.PatientWeight * 1000 / left
    truth = json.loads((uptake / "truth.json").read_text())
    for lesion in truth["uptake"]:
        x, y, z = lesion["centre_lps"]
        first = [float(c) for c in head.ImagePositionPatient]
        step = float(slices[1].ImagePositionPatient[2]) - first[2]
        k, j, i = round((z - first[2]) / step), round((y - first[1]) / 4), round((x - first[0]) / 4)
        peak = suv[k - 1 : k + 2, j - 1 : j + 2, i - 1 : i + 2].max()
        assert peak == pytest.approx(lesion["suv"], rel=0.05)
    assert suv.max() == pytest.approx(11, rel=0.05)
    assert 0.9 < np.median(suv[suv > 0.8]) < 1.7


def test_every_file_says_that_it_is_synthetic(chest: tuple[Path, Path], others: Path) -> None:
    for file in _one_per_series(chest, others):
        head = pydicom.dcmread(file, stop_before_pixels=True)
        assert head.file_meta.TransferSyntaxUID == pydicom.uid.ExplicitVRLittleEndian
        assert head.ImageComments.startswith("SYNTHETIC")
        assert head.DerivationDescription.startswith("SYNTHETIC")
        assert head.SeriesDescription.endswith("SYNTHETIC")


def test_nodules_have_their_stated_diameter(volumes: tuple[Volume, Volume]) -> None:
    stated = [[n["diameter_mm"] for n in v.truth["nodules"]] for v in volumes]
    assert stated == [[8.0, 10.0, 5.0], [6.0, 10.0, 5.0]]
    for volume in volumes:
        for nodule in volume.truth["nodules"]:
            share, _ = volume.share(nodule["centre_lps"], nodule["diameter_mm"] / 2 + 2.2)
            size = float(share[share > 0.1].sum()) * volume.voxel
            diameter = (6 * size / np.pi) ** (1 / 3)
            assert diameter == pytest.approx(nodule["diameter_mm"], rel=0.03), nodule


def test_the_threshold_at_half_gives_the_diameter_too(volumes: tuple[Volume, Volume]) -> None:
    nodule = volumes[0].truth["nodules"][0]
    share, _ = volumes[0].share(nodule["centre_lps"], 6.2)
    size = float((share > 0.5).sum()) * volumes[0].voxel
    assert (6 * size / np.pi) ** (1 / 3) == pytest.approx(8.0, rel=0.03)


def _centroid(volume: Volume, nodule: dict[str, Any]) -> NDArray[np.float64]:
    share, places = volume.share(nodule["centre_lps"], nodule["diameter_mm"] / 2 + 2.2)
    share = np.where(share > 0.1, share, 0)
    return np.asarray((places * share[:, None]).sum(0) / share.sum())


def test_the_transform_to_the_prior_is_recovered_from_the_nodules(
    volumes: tuple[Volume, Volume],
) -> None:
    now, then = (np.array([_centroid(v, n) for n in v.truth["nodules"]]) for v in volumes)
    a, b = now - now.mean(0), then - then.mean(0)
    u, _, v = np.linalg.svd(a.T @ b)
    turn = v.T @ np.diag([1, 1, np.sign(np.linalg.det(v.T @ u.T))]) @ u.T
    stated = np.array(volumes[1].truth["current_to_this"])
    cosine = (np.trace(turn @ stated[:3, :3].T) - 1) / 2
    assert np.degrees(np.arccos(min(1.0, cosine))) < 0.25
    moved = now @ stated[:3, :3].T + stated[:3, 3]
    assert np.abs(moved - then).max() < 0.25
    assert np.linalg.norm(then - now, axis=1).min() > 10


def test_landmarks_move_by_the_same_transform(volumes: tuple[Volume, Volume]) -> None:
    stated = np.array(volumes[1].truth["current_to_this"])
    for name, place in volumes[0].truth["landmarks"].items():
        moved = stated[:3, :3] @ place + stated[:3, 3]
        assert np.allclose(moved, volumes[1].truth["landmarks"][name]), name
    carina = volumes[0].truth["landmarks"]["carina"]
    assert np.median(volumes[0].around(carina, 2.5)[0]) < -950


@pytest.mark.parametrize(
    ("what", "place", "low", "high"),
    [
        ("right lung", [-90, 10, 0], -900, -790),
        ("ascending aorta", [-9, -30, 5], 35, 50),
        ("descending aorta", [29, 41, -40], 35, 50),
        ("heart", [20, -35, -75], 35, 52),
        ("vertebra", [0, 55, -53], 120, 260),
        ("liver", [-75, 0, -98], 50, 70),
        ("air around", [0, -160, 0], -1010, -990),
        ("fat under the skin, left", [158, 0, -60], -125, -85),
    ],
)
def test_tissues_have_their_density(
    volumes: tuple[Volume, Volume], what: str, place: list[float], low: float, high: float
) -> None:
    hu, _ = volumes[0].around(place, 3.0)
    assert low < np.median(hu) < high, what


def test_right_is_on_the_left_of_the_image(volumes: tuple[Volume, Volume]) -> None:
    liver, _ = volumes[0].around([-75, 0, -98], 4)
    assert np.mean(liver) > 40
    assert volumes[0].first[0] < 0 < volumes[0].step[0]


def test_the_head_has_its_bleeding_where_the_truth_says(others: Path) -> None:
    head = _volume(others / "head-ct" / "study-head-ct")
    lesion = head.truth["lesions"][0]
    assert 60 < np.mean(head.around(lesion["centre_lps"], 3.5)[0]) < 75
    other_side = [-lesion["centre_lps"][0], *lesion["centre_lps"][1:]]
    assert 28 < np.mean(head.around(other_side, 3.5)[0]) < 42
    assert len(head.hu) == 70


def _radiograph(others: Path, name: str) -> FileDataset:
    return pydicom.dcmread(others / "chest-cr" / name)


def test_radiographs_are_12_bit_with_the_spacing_of_the_detector(others: Path) -> None:
    frontal = _radiograph(others, "study-chest-cr/001/0001.dcm")
    lateral = _radiograph(others, "study-chest-cr/002/0001.dcm")
    assert frontal.PhotometricInterpretation == "MONOCHROME1"
    assert lateral.PhotometricInterpretation == "MONOCHROME2"
    for image in (frontal, lateral):
        assert (image.Rows, image.Columns, image.BitsStored) == (2400, 2000, 12)
        assert list(image.ImagerPixelSpacing) == [0.175, 0.175]
        assert "PixelSpacing" not in image
        assert image.pixel_array.max() <= 4095
    assert list(frontal.PatientOrientation) == ["L", "F"]


def test_the_mass_of_the_radiograph_is_new(others: Path) -> None:
    truth = json.loads((others / "chest-cr/study-chest-cr/truth.json").read_text())
    column, row = truth["masses"][0]["centre_column_row"]
    y, x = np.mgrid[:2400, :2000]
    away = np.hypot(x - column, y - row) * 0.175
    contrast = []
    for name in ("study-chest-cr/001/0001.dcm", "study-chest-cr-prior/001/0001.dcm"):
        bright = 4095 - _radiograph(others, name).pixel_array.astype(float)
        contrast.append(bright[away < 7].mean() - bright[(away > 13) & (away < 18)].mean())
    assert contrast[0] > 350
    assert contrast[1] < 150


def test_the_same_case_is_drawn_the_same(chest: tuple[Path, Path], tmp_path: Path) -> None:
    plan = drawn_cases(NOW)[0].plan
    part = replace(_part(CURRENT), slices=2)
    write_chest(ChestModel(), part, plan, plan.study, tmp_path, seeded=NOW, written=lambda: None)
    for name in ("0001.dcm", "0002.dcm"):
        assert (tmp_path / "001" / name).read_bytes() == (chest[0] / "001" / name).read_bytes()
