"""A volume that gets more slices: planes, crop box and cuts stay where they are in the patient."""

import pytest

from tests.kit.planes import STEP, filled, noise, reformat_of, volume_study
from tests.kit.viewer import LUNG, set_of
from viewer.loading.even_slices import EvenSlices
from viewer.model.geometry import PointLps
from viewer.model.refs import SopUid
from viewer.model.study import Instance, Study
from viewer.model.volume_geometry import VolumeGeometry
from viewer.pixels.volume_presets import VolumeKind, VolumePreset
from viewer.viewport.camera import SIDES
from viewer.viewport.curved import CurvedPath, CurvedSheet, CurvedViewport
from viewer.viewport.planes import PLANES, Crosshair, PlaneName
from viewer.viewport.transform import PanePoint, PaneSize
from viewer.viewport.volume_view import CropBox, Cutting, VolumeViewport

PART, WHOLE = volume_study(5), volume_study(12)


def _instances(study: Study) -> dict[SopUid, Instance]:
    return {one.ref.sop: one for one in study.series[0].instances}


def _geometry(study: Study) -> VolumeGeometry:
    return filled(study, noise(study)).geometry


def _viewport() -> VolumeViewport:
    slices = EvenSlices.of(_geometry(PART))
    mip = VolumePreset("mip", "MIP", VolumeKind.BRIGHTEST)
    made = VolumeViewport(set_of(PART.series[0]), _instances(PART), slices, LUNG, (mip,))
    made.resize(PaneSize(400, 300))
    return made


def _renew(viewport: VolumeViewport) -> None:
    viewport.renew(set_of(WHOLE.series[0]), _instances(WHOLE), EvenSlices.of(_geometry(WHOLE)))


def test_straight_planes_stay_on_their_voxel_and_hold_the_larger_volume() -> None:
    reformat = reformat_of(PART, filled(PART, noise(PART)))
    reformat.go_to(PointLps(-95.0, -90.0, -STEP * 4))
    centre = reformat.crosshair.centre
    reformat.renew(set_of(WHOLE.series[0]), _instances(WHOLE), _geometry(WHOLE))
    assert reformat.crosshair.centre == centre
    assert reformat.straight
    assert reformat.crosshair == Crosshair.through(_geometry(WHOLE)).moved(centre)
    assert [reformat.viewports[name].state.count for name in PLANES] == [12, 40, 36]
    assert reformat.go_to_frame(set_of(WHOLE.series[0]).frames[11])


def test_turned_planes_stay_turned_and_their_pictures_are_those_of_the_larger_volume() -> None:
    reformat = reformat_of(PART, filled(PART, noise(PART)))
    reformat.turn(reformat.crosshair, PlaneName.AXIAL, 0.3)
    before = reformat.crosshair
    reformat.renew(set_of(WHOLE.series[0]), _instances(WHOLE), _geometry(WHOLE))
    after, home = reformat.crosshair, Crosshair.through(_geometry(WHOLE))
    assert (after.centre, after.axes) == (before.centre, before.axes)
    for name in PLANES:
        one, other = after.cut(name), before.cut(name)
        assert (one.right, one.down) == (other.right, other.down)
        assert (one.rows, one.columns) == (home.cut(name).rows, home.cut(name).columns)
        assert (one.middle - after.centre).dot(one.normal) == pytest.approx(0, abs=1e-9)
    tall = after.cut(PlaneName.CORONAL)
    assert abs((tall.middle - home.cut(PlaneName.CORONAL).middle).dot(tall.down)) < 1e-9


def test_a_box_stays_in_the_patient_and_its_face_at_the_end_stays_at_the_end() -> None:
    viewport = _viewport()
    whole = viewport.whole
    box = CropBox(whole.low._replace(k=1.0), whole.high._replace(j=20.25))
    viewport.crop(box)
    low = viewport.slices.to_lps(0, 0, 1.0)
    _renew(viewport)
    crop = viewport.state.crop
    assert crop is not None
    assert viewport.slices.to_lps(0, 0, crop.low.k).z == pytest.approx(low.z)
    assert crop.high == pytest.approx(viewport.whole.high._replace(j=20.25))
    assert viewport.undo()
    assert viewport.state.crop is None
    assert viewport.redo()
    assert viewport.state.crop == crop


def test_a_cut_stays_in_the_patient() -> None:
    viewport = _viewport()
    viewport.look_from(SIDES["L"])
    viewport.put(cutting=Cutting.INSIDE)
    transform = viewport.transform()
    assert transform is not None
    line = [PanePoint(190, 140), PanePoint(240, 145), PanePoint(210, 170)]
    assert viewport.cut(line)
    camera, (cut,) = viewport.state.camera, viewport.state.cuts
    places = [viewport.centre.plus(camera.right, x).plus(camera.down, y) for x, y in cut.corners]
    before = viewport.centre
    _renew(viewport)
    assert (viewport.centre - before).norm == pytest.approx(STEP * 3.5)
    (cut,) = viewport.state.cuts
    for (x, y), place in zip(cut.corners, places, strict=True):
        there = viewport.centre.plus(camera.right, x).plus(camera.down, y)
        assert (there - place).dot(camera.right) == pytest.approx(0, abs=1e-9)
        assert (there - place).dot(camera.down) == pytest.approx(0, abs=1e-9)


def test_a_path_stays_and_its_picture_reaches_through_the_larger_volume() -> None:
    reformat = reformat_of(PART, filled(PART, noise(PART)))
    z = -STEP * 2
    path = CurvedPath.through(
        [PointLps(-98, -95, z), PointLps(-90, -88, z), PointLps(-80, -90, z)], PointLps(0, 0, -1)
    )
    sheet = CurvedSheet.of(path, reformat.geometry, 0.7)
    viewport = CurvedViewport(PlaneName.AXIAL, reformat, sheet)
    viewport.know(
        set_of(PART.series[0]), _instances(PART), reformat.viewports[PLANES[0]].state.look
    )
    reformat.renew(set_of(WHOLE.series[0]), _instances(WHOLE), _geometry(WHOLE))
    viewport.renew(set_of(WHOLE.series[0]), _instances(WHOLE))
    now = viewport.state.sheet
    assert now is not None
    assert now.path is path
    assert (now.rows, now.columns) == (33, sheet.columns)  # 11 steps of 2 mm at 0.7 mm, and one
    assert viewport.instance_of(set_of(WHOLE.series[0]).frames[11]) is not None
