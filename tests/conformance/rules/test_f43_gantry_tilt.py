"""F43: a stack whose step is not along the normal is sheared, and reconstructed where it lies."""

import math
from pathlib import Path

import numpy as np
import pytest

from tests.kit.real_volumes import folder
from tests.kit.volumes import field, geometry, planes, volume
from viewer.loading.volume import why_no_mpr
from viewer.model.geometry import PointLps
from viewer.model.sample_grid import SampleGrid
from viewer.model.stacking import steps
from viewer.model.volume_geometry import Index
from viewer.render.reslice import Reslicer

TILT = math.radians(15)
TILTED = (PointLps(1, 0, 0), PointLps(0, math.cos(TILT), math.sin(TILT)))
TABLE = planes([5.0 * k for k in range(30)], directions=TILTED, along=PointLps(0, 0, 1))


def test_f43_fifteen_degrees_at_five_millimetres() -> None:
    shape = geometry(TABLE, 64, 64)
    assert shape.step == pytest.approx(4.8296, abs=5e-5)
    step, normal = shape.step_vector, shape.normal
    aside = step.plus(normal, -step.dot(normal)).norm
    assert aside == pytest.approx(1.2941, abs=5e-5)
    # the page counts 38.8 mm over 30 slices; from the first to the last are 29 steps
    assert 30 * aside == pytest.approx(38.8, abs=0.05)
    assert shape.unevenness < 1e-9


def test_f43_it_is_told() -> None:
    (sentence,) = steps(list(reversed(TABLE))).warnings
    assert sentence == "The slices are tilted 15.0°: each is shifted 1.29 mm in its plane."


def test_f43_the_shear_affine_is_the_geometry() -> None:
    shape = geometry(TABLE, 64, 64)
    affine = np.array(shape.affine)
    for at in [(0, 0, 0), (63, 63, 29), (12.5, 40.25, 17.75)]:
        assert (affine @ [*at, 1])[:3] == pytest.approx(shape.to_lps(Index(*at)), abs=1e-6)
    # 15 degrees of shear: the third axis is not perpendicular to the second
    assert abs(affine[:3, 2] @ affine[:3, 1]) > 1


def _upright(shape_rows: int) -> SampleGrid:
    """A true axial plane through the tilted stack, one millimetre a pixel."""
    return SampleGrid(
        PointLps(-5, 8, 80.0), PointLps(0.5, 0, 0), PointLps(0, 0.5, 0), shape_rows, 40
    )


def test_f43_a_field_is_reconstructed_where_it_lies() -> None:
    shape = geometry(TABLE, 64, 64)
    gradient = PointLps(3, -20, 11)
    values = field(shape, gradient).astype(np.float32)
    shown = Reslicer(volume(shape, values)).values(_upright(40))
    rows, columns = np.indices((40, 40))
    expected = 3 * (-5 + 0.5 * columns) - 20 * (8 + 0.5 * rows) + 11 * 80.0
    assert np.isfinite(shown).mean() > 0.9
    np.testing.assert_allclose(shown, np.where(np.isnan(shown), np.nan, expected), atol=1e-3)


def test_f43_ignoring_the_tilt_would_move_a_landmark() -> None:
    shape = geometry(TABLE, 64, 64)
    straight = geometry(planes([shape.step * k for k in range(30)], directions=TILTED), 64, 64)
    moved = shape.to_lps(Index(0, 0, 29)) - straight.to_lps(Index(0, 0, 29))
    assert moved.norm == pytest.approx(29 * 1.2941, abs=0.01)


def test_f43_a_real_tilted_head_is_two_tilted_volumes(shared_dicom: Path) -> None:
    found = folder(shared_dicom / "geometry" / "ct-head-ge-tilt")
    assert [(s.kind.value, len(s.frames)) for s in found.sets] == [("volume", 14)] * 2
    # 4 and 7 mm slices, 4.22 and 7.38 mm of table apart, at 18.5 degrees
    for target, table in zip(found.sets, (4.22, 7.38), strict=True):
        tilt = math.radians(18.5)
        assert target.slice_step == pytest.approx(table * math.cos(tilt), abs=1e-3)
        shift = table * math.sin(tilt)
        assert target.warnings == (
            f"The slices are tilted 18.5°: each is shifted {shift:.2f} mm in its plane.",
        )
        assert why_no_mpr(target, found.instances) is None


def test_f43_a_real_tilted_head_lies_where_its_headers_say(shared_dicom: Path) -> None:
    found = folder(shared_dicom / "geometry" / "ct-head-ge-tilt")
    target = found.sets[0]
    shown = found.volume(target)
    reslicer = Reslicer(shown)
    for k in (0, 6, 13):
        plane = found.instances[target.frames[k].sop].planes[0]
        assert plane is not None
        # the plane that the header of slice k gives, taken as a plane to reconstruct
        grid = SampleGrid(
            plane.position,
            PointLps(0, 0, 0).plus(plane.row, plane.spacing.column),
            PointLps(0, 0, 0).plus(plane.column, plane.spacing.row),
            512,
            512,
        )
        expected = shown.voxels[k] * shown.rescale.slope + shown.rescale.intercept
        padding = shown.padding or (1, 0)
        padded = (shown.voxels[k] >= padding[0]) & (shown.voxels[k] <= padding[1])
        values = reslicer.values(grid)
        np.testing.assert_array_equal(np.isnan(values), padded)
        np.testing.assert_allclose(values[~padded], expected[~padded], atol=1e-3)
