"""Linked scrolling: by position within one Frame of Reference, by a set offset across studies."""

from tests.kit.viewer import AXIAL, SPACING, chest, projection_instance, series_of, shown, study_of
from viewer.model.geometry import ImagePlane, PointLps
from viewer.viewport.links import ScrollLinks
from viewer.viewport.viewport import Viewport


def _linked(*panes: Viewport) -> ScrollLinks:
    links = ScrollLinks()
    for pane in panes:
        pane.changed.connect(lambda _state, pane=pane: links.follow(pane, panes))
    return links


def test_one_frame_of_reference_is_linked_from_the_start() -> None:
    thin, thick = shown(chest(40)), shown(chest(10, series="1.2.2"))
    links = _linked(thin, thick)
    assert links.linked(thin, (thin, thick))
    thin.go_to_index(7)
    assert thick.state.index == 7
    thin.go_to_index(39)
    assert thick.state.index == 9
    thick.go_to_index(3)
    assert thin.state.index == 3


def test_across_studies_only_when_asked_and_with_the_offset_of_that_moment() -> None:
    current = shown(chest(40))
    prior = shown(chest(40, uid="1.3", series="1.3.1", space="1.8"))
    links = _linked(current, prior)
    current.go_to_index(10)
    assert prior.state.index == 0
    assert not links.linked(current, (current, prior))
    links.link((current, prior))
    assert links.linked(current, (current, prior))
    current.go_to_index(15)
    assert prior.state.index == 5
    prior.go_to_index(7)
    assert current.state.index == 17
    prior.go_to_index(39)
    prior.go_to_index(9)
    assert current.state.index == 19
    links.unlink()
    current.go_to_index(0)
    assert prior.state.index == 9


def test_a_pane_that_shows_something_else_is_forgotten() -> None:
    current = shown(chest(10))
    prior = shown(chest(10, uid="1.3", series="1.3.1", space="1.8"))
    links = _linked(current, prior)
    links.link((current, prior))
    links.forget(prior)
    current.go_to_index(4)
    assert prior.state.index == 0
    assert links.enabled


def test_other_orientations_and_projections_stay() -> None:
    axial = shown(chest(10))
    planes = (ImagePlane(PointLps(0, 0, 0), AXIAL[0], PointLps(0, 0, -1), SPACING),)
    coronal = shown(chest(10, series="1.2.2", planes=planes))
    projection = shown(study_of(series_of([projection_instance("PA", n) for n in range(3)])))
    links = _linked(axial, coronal, projection)
    links.link((axial, coronal, projection))
    axial.go_to_index(5)
    assert coronal.state.index == 0
    assert projection.state.index == 0
    projection.go_to_index(2)
    assert axial.state.index == 5
    assert not links.linked(axial, (axial, coronal, projection))
