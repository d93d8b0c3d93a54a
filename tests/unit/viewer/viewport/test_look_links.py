"""Windows are shared by modality value and zoom by millimetres (F59)."""

from typing import Any

import pytest

from tests.kit.viewer import (
    chest,
    ct_instance,
    projection_instance,
    series_of,
    set_of,
    shown,
    study_of,
)
from viewer.model.geometry import Spacing
from viewer.model.presentation import ImageEdge, Presentation, Rescale, Window
from viewer.model.study import ProjectionGeometry, Study
from viewer.viewport.look_links import LookLinks, value_ratio
from viewer.viewport.transform import PanePoint
from viewer.viewport.viewport import Viewport


def _linked(*panes: Viewport) -> LookLinks:
    links = LookLinks()
    links.windows = links.places = True
    looks: dict[int, Presentation] = {id(pane): pane.state.look for pane in panes}
    for pane in panes:

        def told(_state: Any, pane: Viewport = pane) -> None:
            before, looks[id(pane)] = looks[id(pane)], pane.state.look
            links.follow(pane, before, panes)

        pane.changed.connect(told)
    return links


def _one(series: str, **changes: Any) -> Study:
    return study_of(series_of([ct_instance(series, 0, **changes)]))


def _mm_per_device_pixel(pane: Viewport, column_spacing: float) -> float:
    transform = pane.transform()
    assert transform is not None
    return column_spacing / transform.zoom


def test_a_window_is_handed_on_in_hounsfield_units_whatever_the_rescale() -> None:
    one = shown(chest(3))
    other = shown(chest(3, uid="1.3", series="1.3.1", modality_lut=Rescale(2, -500, "HU")))
    _linked(one, other)
    one.set_voi(Window(-600, 1500, "Lung"))
    assert other.state.look.voi == Window(-600, 1500, "Lung")
    other.invert()
    assert one.state.look.invert


def test_values_without_a_common_unit_keep_their_windows() -> None:
    ct, mr = shown(chest(3)), shown(_one("1.2.5", modality="MR", modality_lut=Rescale(1, 0, "")))
    again = shown(_one("1.2.6", modality="MR", modality_lut=Rescale(1, 0, "")))
    _linked(ct, mr, again)
    before = again.state.look.voi
    mr.set_voi(Window(700, 900))
    assert again.state.look.voi == before
    assert ct.state.look.voi == before


def test_values_of_one_series_compare_without_a_unit() -> None:
    mr = ct_instance("1.2.5", modality="MR", modality_lut=Rescale(1, 0, ""))
    assert value_ratio(mr, mr) == 1
    assert value_ratio(mr, ct_instance("1.2.6")) is None


def test_a_localiser_has_a_window_of_its_own() -> None:
    section, scout = ct_instance(), ct_instance("1.2.6", image_type=("ORIGINAL", "", "LOCALIZER"))
    assert value_ratio(section, scout) is None
    assert value_ratio(section, ct_instance("1.2.7")) == 1


def test_f59_images_corrected_for_other_magnifications_compare_in_millimetres() -> None:
    panes = []
    for n, factor in enumerate((1.0, 1.05)):
        facts = ProjectionGeometry(imager_spacing=Spacing(0.1, 0.1), magnification=factor)
        mammogram = projection_instance("MLO", n, modality="MG", projection=facts)
        panes.append(shown(study_of(series_of([mammogram]))))
    one, other = panes
    _linked(one, other)
    one.one_to_one()
    assert other.state.look.zoom == pytest.approx(1 / 1.05)


def test_scrolling_into_a_frame_with_another_window_hands_nothing_on() -> None:
    one, other = shown(chest(3)), shown(chest(3, uid="1.3", series="1.3.1"))
    links = LookLinks()
    links.windows = True
    before = one.state.look
    links.follow(one, before, (one, other))
    assert other.state.look.voi == one.state.look.voi


@pytest.mark.parametrize("fine", [0.35, 0.5, 1.4])
def test_f59_a_millimetre_is_as_long_in_every_linked_pane(fine: float) -> None:
    one = shown(chest(3))  # 0.7 mm
    other = shown(chest(3, uid="1.3", series="1.3.1", space="1.8", spacing=Spacing(fine, fine)))
    _linked(one, other)
    one.zoom_at(PanePoint(100, 100), 1.7)
    assert _mm_per_device_pixel(other, fine) == pytest.approx(_mm_per_device_pixel(one, 0.7))
    one.fit()
    assert _mm_per_device_pixel(other, fine) == pytest.approx(_mm_per_device_pixel(one, 0.7))


def test_what_stands_in_the_middle_stands_there_in_the_other_pane_of_the_same_space() -> None:
    one = shown(chest(3))
    other = shown(chest(3, series="1.2.2", spacing=Spacing(0.35, 0.35)))
    _linked(one, other)
    one.pan(40, -25)
    middles = []
    for pane in (one, other):
        transform, plane = pane.transform(), pane.plane
        assert transform is not None
        assert plane is not None
        middle = PanePoint(transform.pane.width / 2, transform.pane.height / 2)
        middles.append(plane.to_lps(transform.to_pixel(middle)))
    assert middles[0] == pytest.approx(middles[1])


def test_without_a_scale_the_zoom_itself_is_handed_on() -> None:
    ct = shown(chest(3))
    projection = shown(study_of(series_of([projection_instance("PA")])))
    _linked(ct, projection)
    ct.one_to_one()
    assert projection.state.look.zoom == 1.0


def test_nothing_is_linked_until_asked_for() -> None:
    one, other = shown(chest(3)), shown(chest(3, uid="1.3", series="1.3.1"))
    links = LookLinks()
    before = one.state.look
    one.set_voi(Window(1, 2))
    links.follow(one, before, (one, other))
    assert other.state.look.voi != Window(1, 2)
    links.windows = True
    links.join(one, (one, other))
    assert other.state.look.voi == Window(1, 2)


def test_breasts_are_panned_as_mirror_images_of_each_other() -> None:
    """What lies so far from the chest wall of one breast is seen where it is of the other."""
    facts = ProjectionGeometry(imager_spacing=Spacing(0.1, 0.1))
    panes = []
    for n, edge in enumerate((ImageEdge.RIGHT, ImageEdge.LEFT)):
        image = projection_instance("CC", n, modality="MG", projection=facts)
        series = series_of([image])
        view = shown(study_of(series))
        view.show(set_of(series), {image.ref.sop: image}, Presentation(edge=edge))
        panes.append(view)
    right, left = panes
    _linked(right, left)
    right.zoom_at(PanePoint(400, 200), 3)
    right.pan(60, 15)
    ours, theirs = right.transform(), left.transform()
    assert ours is not None
    assert theirs is not None
    width, columns = ours.pane.width, ours.columns
    for x, y in ((20.0, 30.0), (300.0, 400.0), (470.0, 12.0)):
        from_wall = columns - 0.5 - ours.to_pixel(PanePoint(x, y)).column
        mirrored = theirs.to_pixel(PanePoint(width - x, y))
        assert mirrored.column + 0.5 == pytest.approx(from_wall)
        assert mirrored.row == pytest.approx(ours.to_pixel(PanePoint(x, y)).row)
