"""F41: a series is split into what belongs together before anything is sorted; nothing is lost."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.kit.dicom_files import MR, dataset
from tests.kit.real_volumes import Folder, folder, write
from viewer.loading.volume import why_no_mpr
from viewer.model.display_set import DisplaySet, Kind

_HALF = [1, 0, 0, 0, 1, 0]
_SAME: dict[str, Any] = {}


def _two(tmp_path: Path, first: dict[str, Any], second: dict[str, Any]) -> Folder:
    """Five slices of each; the second five lie where the first five lie."""
    made = {}
    for part, values in enumerate((first, second)):
        for k in range(5):
            one = dataset(10 * part + k + 1, **values)
            one.ImagePositionPatient = [0, 0, 2 * k]
            made[f"{part}{k}"] = one
    return write(tmp_path, made)


def _matrix(rows: int) -> dict[str, Any]:
    return {"Rows": rows, "PixelData": np.zeros(5 * rows, "<u2").tobytes()}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (_SAME, {"ImageOrientationPatient": [1, 0, 0, 0, 0.99999, 0.002]}),
        (_matrix(4), _matrix(6)),
        (_SAME, {"PixelSpacing": [0.5, 0.26]}),
        (_SAME, {"FrameOfReferenceUID": "1.2.3.4"}),
        ({"ImageType": ["ORIGINAL", "PRIMARY"]}, {"ImageType": ["DERIVED", "SECONDARY"]}),
        ({"EchoTime": "4.6", "Modality": "MR"}, {"EchoTime": "9.2", "Modality": "MR"}),
        ({"TemporalPositionIdentifier": "1"}, {"TemporalPositionIdentifier": "2"}),
        ({"TriggerTime": "0"}, {"TriggerTime": "41.5"}),
        ({"DiffusionBValue": 0.0, "SOPClassUID": MR}, {"DiffusionBValue": 800.0,
                                                       "SOPClassUID": MR}),
        ({"DiffusionGradientOrientation": [1.0, 0.0, 0.0]},
         {"DiffusionGradientOrientation": [0.0, 1.0, 0.0]}),
        ({"AcquisitionNumber": "1"}, {"AcquisitionNumber": "2"}),
        ({"ConvolutionKernel": "B30f"}, {"ConvolutionKernel": "B70f"}),
        ({"NominalPercentageOfCardiacPhase": 40.0}, {"NominalPercentageOfCardiacPhase": 70.0}),
        ({"EchoNumbers": "1"}, {"EchoNumbers": "2"}),
        ({"InversionTime": "100"}, {"InversionTime": "300"}),
        ({"ContentTime": "101010"}, {"ContentTime": "101020"}),
    ],
    ids=lambda values: next(iter(values), "same"),
)  # fmt: skip
def test_f41_what_differs_hangs_apart(
    tmp_path: Path, first: dict[str, Any], second: dict[str, Any]
) -> None:
    found = _two(tmp_path, first, second)
    assert [(s.kind, len(s.frames)) for s in found.sets] == [(Kind.VOLUME, 5)] * 2
    assert [s.slice_step for s in found.sets] == pytest.approx([2.0, 2.0], abs=1e-4)
    assert all(why_no_mpr(s, found.instances) is None for s in found.sets)
    assert len({s.id for s in found.sets}) == len({s.label for s in found.sets}) == 2


def test_f41_a_difference_below_a_thousandth_is_none(tmp_path: Path) -> None:
    other = {"ImageOrientationPatient": [1, 0, 0, 0, 1, 0.0009], "PixelSpacing": [0.5, 0.2509]}
    found = _two(tmp_path, _SAME, other)
    assert [len(s.frames) for s in found.sets] == [10]


def test_f41_what_nothing_tells_apart_is_offered_but_not_reconstructed(tmp_path: Path) -> None:
    found = _two(tmp_path, _SAME, _SAME)
    (target,) = found.sets
    assert (target.kind, len(target.frames)) == (Kind.STACK, 10)
    assert "nothing in them tells them apart" in target.warnings[0]
    assert why_no_mpr(target, found.instances) == "Several images lie at one position."


def test_f41_a_localiser_in_the_series_hangs_alone(tmp_path: Path) -> None:
    made = {f"{k}": dataset(k) for k in range(1, 6)}
    made["scout"] = dataset(99, ImageOrientationPatient=[1, 0, 0, 0, 0, -1])
    found = write(tmp_path, made)
    assert sorted((s.kind, len(s.frames)) for s in found.sets) == [
        (Kind.STACK, 1),
        (Kind.VOLUME, 5),
    ]


def _one(found: Folder, part: str) -> list[DisplaySet]:
    return [s for s in found.sets if part in s.label]


def test_f41_a_real_diffusion_series_is_three_volumes(shared_dicom: Path) -> None:
    found = folder(shared_dicom / "mr-prostate-prostatex-0207" / "s08")
    assert [(s.kind, len(s.frames)) for s in found.sets] == [(Kind.VOLUME, 19)] * 3
    assert len(_one(found, "b50")) == len(_one(found, "b800")) == 1


def test_f41_real_repeated_positions_stay_one_stack(shared_dicom: Path) -> None:
    found = folder(shared_dicom / "geometry" / "dupe-positions")
    (target,) = found.sets
    assert (target.kind, len(target.frames)) == (Kind.STACK, 11)
    assert target.warnings == (
        "Several images lie at one position and nothing in them tells them apart.",
    )
    assert why_no_mpr(target, found.instances) == "Several images lie at one position."


def test_f41_every_real_instance_is_in_exactly_one_display_set(shared_dicom: Path) -> None:
    for name in ("enhanced", "geometry", "us", "xa-rf", "nm-pt", "seg-rt-sr-ko-pr"):
        found = folder(shared_dicom / name)
        frames = [ref for target in found.sets for ref in target.frames]
        assert len(frames) == len(set(frames))
        assert {ref.sop for ref in frames} == set(found.instances)
        assert len(frames) == sum(i.frames for i in found.instances.values())
        assert all(s.warnings for s in found.sets if s.kind is Kind.OTHER)
