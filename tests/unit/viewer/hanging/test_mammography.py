"""The four views of a mammography hang as breasts are read (F57), by the header alone."""

import itertools
from dataclasses import replace
from typing import Any

import pytest

from tests.kit.viewer import grey_format, projection_instance, series_of, sets_of, study_of
from viewer.hanging.hang import HangPlan, hang
from viewer.hanging.images import CaseImages
from viewer.model.geometry import PixelPoint, Spacing
from viewer.model.presentation import Presentation
from viewer.model.study import Instance, ProjectionGeometry
from viewer.viewport.letters import letters
from viewer.viewport.transform import PaneSize, PaneTransform

USUAL = {
    ("R", "CC"): ("P", "L"),
    ("L", "CC"): ("A", "R"),
    ("R", "MLO"): ("P", "FL"),
    ("L", "MLO"): ("A", "FR"),
}
PANE = PaneSize(900, 500)


def _image(n: int, side: str, view: str, **changes: Any) -> Instance:
    facts = ProjectionGeometry(imager_spacing=Spacing(0.1, 0.1))
    usual: dict[str, Any] = {
        "modality": "MG",
        "laterality": side,
        "patient_orientation": USUAL[side, view],
        "projection": facts,
        "format": grey_format(300, 240),
        "sop_class": "1.2.840.10008.5.1.4.1.1.1.2",
    }
    return projection_instance(view, n, **(usual | changes))


def _case(*instances: Instance) -> tuple[HangPlan, CaseImages]:
    series = [
        series_of([replace(i, ref=replace(i.ref, series=f"1.2.{n}"))], number=n)  # type: ignore[arg-type] # a plain text serves
        for n, i in enumerate(instances, start=30)
    ]
    study = study_of(*series)
    images = CaseImages.of(study, (), sets_of(study))
    return hang(images), images


def _four() -> list[Instance]:
    return [_image(n, side, view) for n, (side, view) in enumerate(USUAL)]


def _placed(plan: HangPlan, images: CaseImages) -> dict[int, tuple[str, str]]:
    found = {}
    for pane, cell in plan.placed():
        instance = images.instances[images.entries[cell.target].target.frames[0].sop]
        found[pane] = (instance.laterality, instance.view_position)
    return found


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::5])
def test_right_beside_left_and_cc_above_mlo_in_any_order(order: tuple[int, ...]) -> None:
    four = _four()
    plan, images = _case(*(four[n] for n in order))
    assert plan.panes == 4
    assert _placed(plan, images) == {
        0: ("R", "CC"), 1: ("L", "CC"), 2: ("R", "MLO"), 3: ("L", "MLO"),
    }  # fmt: skip


def test_a_view_that_is_missing_leaves_its_place_empty() -> None:
    four = _four()
    plan, images = _case(four[0], four[2], four[3])
    assert plan.panes == 4
    assert _placed(plan, images) == {0: ("R", "CC"), 2: ("R", "MLO"), 3: ("L", "MLO")}
    pair, images = _case(four[2], four[3])
    assert (pair.panes, set(_placed(pair, images))) == (2, {0, 1})


def test_one_view_hangs_as_any_image() -> None:
    plan, _ = _case(_four()[0])
    assert plan.panes == 1
    assert plan.cells[0].look is None


def test_what_is_for_presentation_is_shown_before_what_is_for_processing() -> None:
    raw = _image(9, "R", "CC", sop_class="1.2.840.10008.5.1.4.1.1.1.2.1", image_type=("RAW",))
    plan, images = _case(raw, *_four())
    first = images.entries[plan.cells[0].target].target.frames[0].sop
    assert images.instances[first].sop_class == "1.2.840.10008.5.1.4.1.1.1.2"


def _transform(look: Presentation, instance: Instance) -> PaneTransform:
    form = instance.format
    assert form is not None
    return PaneTransform.of(form.rows, form.columns, 1.0, PANE, look)


STATES = list(itertools.product(range(4), (False, True)))


def _as_stored(orientation: tuple[str, str], turns: int, flip: bool) -> tuple[str, str]:
    """Patient Orientation of the same breast stored flipped and turned."""
    look = Presentation(quarter_turns=turns, flip_horizontal=flip)
    probe = PaneTransform.of(10, 10, 1.0, PANE, look)
    found = letters(None, orientation, probe)
    return found.right, found.bottom


@pytest.mark.parametrize(("turns", "flip"), STATES)
@pytest.mark.parametrize(("side", "view"), USUAL)
def test_f57_however_it_is_stored_the_breast_stands_upright_with_its_wall_inside(
    side: str, view: str, turns: int, flip: bool
) -> None:
    stored = _as_stored(USUAL[side, view], turns, flip)
    others = [i for i in _four() if (i.laterality, i.view_position) != (side, view)]
    one = _image(7, side, view, patient_orientation=stored)
    plan, _ = _case(one, *others)
    pane = 2 * ["CC", "MLO"].index(view) + ["R", "L"].index(side)
    cell = next(cell for n, cell in plan.placed() if n == pane)
    assert cell.look is not None
    transform = _transform(cell.look, one)
    seen = letters(None, stored, transform)
    inside, outside = (seen.right, seen.left) if side == "R" else (seen.left, seen.right)
    assert (inside[0], outside[0]) == ("P", "A")
    assert seen.bottom == USUAL[side, view][1]
    corners = [transform.to_pane(PixelPoint(c, r)) for c in (-0.5, 239.5) for r in (-0.5, 299.5)]
    edge = max(p.x for p in corners) if side == "R" else min(p.x for p in corners)
    assert edge == pytest.approx(PANE.width if side == "R" else 0)


def test_f59_all_four_have_one_scale_though_their_matrices_differ() -> None:
    four = _four()
    fine = ProjectionGeometry(imager_spacing=Spacing(0.07, 0.07))
    four[3] = _image(3, "L", "MLO", projection=fine, format=grey_format(400, 300))
    plan, images = _case(*four)
    scales = []
    for _, cell in plan.placed():
        instance = images.instances[images.entries[cell.target].target.frames[0].sop]
        assert cell.look is not None
        assert instance.projection is not None
        assert instance.projection.imager_spacing is not None
        spacing = instance.projection.imager_spacing.column
        scales.append(_transform(cell.look, instance).zoom / spacing)
    assert scales == pytest.approx([scales[0]] * 4)


def test_without_a_scale_each_view_fits_its_pane() -> None:
    plan, _ = _case(*[replace(i, projection=None) for i in _four()])
    assert [cell.look.area for cell in plan.cells if cell.look] == [None] * 4


def test_without_patient_orientation_nothing_is_turned_and_nothing_laid_against_an_edge() -> None:
    plan, _ = _case(*[replace(i, patient_orientation=None) for i in _four()])
    looks = [cell.look for cell in plan.cells if cell.look]
    assert all(look.edge is None and look.quarter_turns == 0 for look in looks)
    assert not any(look.flip_horizontal for look in looks)
