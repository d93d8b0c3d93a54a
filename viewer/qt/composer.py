"""Puts together what stands above each picture and the words for it."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QCoreApplication

from viewer.hanging.images import CaseImages, Hung
from viewer.hanging.key_images import KeyImages
from viewer.loading.frames import FrameCache
from viewer.model.geometry import ImagePlane, PointLps
from viewer.model.key_objects import Purpose
from viewer.model.refs import FrameRef
from viewer.model.sample_grid import Slab
from viewer.model.study import Instance
from viewer.qt.measuring_desk import MeasuringDesk
from viewer.qt.panes import Panes
from viewer.qt.review_desk import ReviewDesk
from viewer.viewport.corners import CornerTable, LineRule
from viewer.viewport.data_notes import badge, data_notes
from viewer.viewport.fusion_words import fusion_description
from viewer.viewport.overlay import (
    Overlay,
    PaneContext,
    PaneIdentity,
    loud,
    overlay,
    part_text,
    said_fields,
)
from viewer.viewport.plane_overlay import plane_description, plane_overlay
from viewer.viewport.probe import region_text, value_text
from viewer.viewport.reformat import PlaneState, PlaneViewport
from viewer.viewport.review import Review
from viewer.viewport.shapes import Shape
from viewer.viewport.transform import PaneTransform
from viewer.viewport.viewport import Viewport, ViewState
from viewer.viewport.volume_overlay import volume_description, volume_overlay
from viewer.viewport.volume_view import VolumeState, VolumeViewport
from viewer.viewport.words import covers_text, description

NOBODY = PaneIdentity("", "", "", "")


class Composer:
    """Composes overlays and descriptions for the panes of one reading area."""

    def __init__(
        self,
        rules: Sequence[LineRule],
        measuring: MeasuringDesk,
        panes: Callable[[], Panes],
        cache: FrameCache,
        review: Callable[[], ReviewDesk],
    ) -> None:
        """Take what overlays are made from; images and identity follow with each case."""
        self._rules = CornerTable(rules)
        self.measuring = measuring
        """The annotations of the case and what they say."""
        self._panes = panes
        self._cache = cache
        self._review = review
        self._images: CaseImages | None = None
        self._said: dict[Viewport, tuple[tuple[object, ...], dict[str, str]]] = {}
        self.identity = NOBODY
        self.displays: Mapping[str, str] = {}
        """Why nothing may be diagnosed on a screen, by what the screen is known again by."""

    def know(self, images: CaseImages | None) -> None:
        """Take what is here of the case."""
        self._images = images
        self._said.clear()

    def compose(self, viewport: Viewport, state: ViewState) -> Overlay | None:
        """Give the overlay that belongs to a state; None where nothing is shown."""
        entry, frame = self._entry(state), state.frame
        transform = viewport.transform_of(state)
        instance = viewport.instance_of(frame) if frame else None
        if entry is None or frame is None or instance is None or transform is None:
            return None
        panes = self._panes()
        told = not panes.is_guest(viewport)
        context = PaneContext(
            self.identity,
            entry.study,
            entry.series,
            prior=entry.prior,
            compared=self._compares(),
            display=self.display_of(state),
            said=self._said_fields(viewport, instance, frame, entry),
            review=self._review().tell(viewport, state) if told else self._plain_review(),
            pointed=self._pointed(viewport, state, transform),
            notes=data_notes(instance, self._said_of(viewport, frame, instance, state)),
            key=self._keys().words(frame, Purpose.KEY),
            rejected=self._keys().words(frame, Purpose.REJECTED),
            missing=self._cache.missing(frame),
            whole=_left_out(entry, state),
            hidden=self.measuring.hidden_on(frame),
        )
        marks = self.measuring.marks(frame, panes.preview())
        made = overlay(state, instance, transform, context, self._rules, marks)
        more = self.space_shapes(viewport, state)
        return replace(made, shapes=(*made.shapes, *more)) if more else made

    def space_shapes(
        self, viewport: Viewport, state: ViewState, scale: float = 1.0
    ) -> tuple[Shape, ...]:
        """Give what lies in space as a pane shows it; ``scale`` is device over logical pixels."""
        return self.measuring.in_space.shapes(viewport, state, scale)

    def of_plane(
        self,
        viewport: PlaneViewport,
        state: PlaneState,
        shapes: Sequence[Shape],
        *,
        pointed: str,
        scale: float,
        slices: int,
    ) -> Overlay | None:
        """Give the overlay of a reconstructed plane; ``pointed`` is the value under the pointer."""
        entry, transform = self._entry(state), viewport.transform_of(state)
        instance = viewport.instance_of(state.nearest) if state.nearest else None
        if entry is None or instance is None or transform is None:
            return None
        context = replace(self._context(entry, state), pointed=pointed)
        return plane_overlay(
            state, instance, transform, context, self._rules, shapes, scale=scale, slices=slices
        )

    def of_volume(self, viewport: VolumeViewport, state: VolumeState) -> Overlay | None:
        """Give the overlay of a volume in 3D."""
        entry, transform = self._entry(state), viewport.transform_of(state)
        instance = viewport.instance_of(state.frame) if state.frame else None
        if entry is None or instance is None or transform is None:
            return None
        context = self._context(entry, state)
        return volume_overlay(viewport, state, instance, transform, context, self._rules)

    def describe_volume(self, state: VolumeState) -> str:
        """Give the accessible description of a volume in 3D."""
        entry = self._entry(state)
        if entry is None:
            return QCoreApplication.translate("Composer", "Empty")
        return self._prior(entry, self._marked(volume_description(state, entry.series), state))

    def fused_text(
        self, state: ViewState, plane: ImagePlane, point: PointLps, slab: Slab | None = None
    ) -> str:
        """Give the value of the volume that is laid over a picture; empty where there is none."""
        return self._review().fusion.value_text(state, plane, point, slab)

    def describe_plane(self, state: PlaneState, slices: int) -> str:
        """Give the accessible description of a reconstructed plane."""
        entry = self._entry(state)
        if entry is None:
            return QCoreApplication.translate("Composer", "Empty")
        fused = fusion_description(state.fusion)
        text = plane_description(state, entry.series, slices)
        return self._marked(f"{text}, {fused}" if fused else text, state)

    def describe(self, viewport: Viewport, state: ViewState) -> str:
        """Give the accessible description of a pane."""
        entry = self._entry(state)
        if entry is None:
            return QCoreApplication.translate("Composer", "Empty")
        if not entry.target.has_images:
            return self._prior(entry, entry.target.label)
        text = description(state, entry.series, viewport.plane, grey=viewport.is_grey)
        at, instance = state.frame, viewport.drawn
        fused = fusion_description(state.fusion)
        text = f"{text}, {fused}" if fused else text
        covers = covers_text(state.look, instance, at.frame) if at and instance else ""
        text = f"{text}, {covers}" if covers else text
        told = badge(data_notes(viewport.instance)) if viewport.instance else ""
        text = f"{text}, {told}" if told else text
        playing = self._review().cine.words(viewport)
        text = f"{text}, {playing}" if playing else text
        for word, purpose in (("KEY IMAGE", Purpose.KEY), ("REJECTED", Purpose.REJECTED)):
            why = loud(word, self._keys().words(at, purpose)) if at else ""
            text = f"{text}, {why}" if why else text
        part = part_text(state, _left_out(entry, state))
        text = f"{text}, {part}" if part else text
        return self._prior(entry, self._marked(text, state))

    def display_of(self, state: ViewState) -> str:
        """Why nothing may be diagnosed on the screen of a pane; empty where nothing is known."""
        return self.displays.get(state.display.screen, "") if state.display is not None else ""

    def _context(self, entry: Hung, state: ViewState) -> PaneContext:
        """What every picture of a series says, whatever kind of picture it is."""
        return PaneContext(
            self.identity,
            entry.study,
            entry.series,
            prior=entry.prior,
            compared=self._compares(),
            review=self._plain_review(),
            display=self.display_of(state),
        )

    def _compares(self) -> bool:
        return bool(self._images and self._images.priors)

    def _plain_review(self) -> Review:
        return Review(level=self._review().level)

    def _said_fields(
        self, viewport: Viewport, instance: Instance, frame: FrameRef, entry: Hung
    ) -> dict[str, str]:
        """What headers say of a frame: kept for each pane, since it is painted again and again.

        Panes of one series that scroll together show one frame, so it is looked for in all.
        """
        of = (instance, frame, self.identity, entry.study, entry.series)
        held = self._said.get(viewport)
        if held is None or not _same(held[0], of):
            held = next((one for one in self._said.values() if _same(one[0], of)), None)
            if held is None:
                made = said_fields(instance, frame.frame, self.identity, entry.study, entry.series)
                held = (of, made)
            self._said[viewport] = held
        return held[1]

    def _marked(self, text: str, state: ViewState) -> str:
        why = self.display_of(state)
        return f"{text}, {loud('NOT DIAGNOSTIC', why)}" if why else text

    def _prior(self, entry: Hung, text: str) -> str:
        if not entry.prior:
            return text
        return QCoreApplication.translate("Composer", "Prior, %1").replace("%1", text)

    def _keys(self) -> KeyImages:
        return self._images.keys if self._images is not None else KeyImages()

    def _said_of(
        self, viewport: Viewport, frame: FrameRef, instance: Instance, state: ViewState
    ) -> tuple[str, ...]:
        """What decoding the frame, converting its colours and reading its overlays told."""
        read = self._cache.overlays.get(frame, instance)
        problem = (read.problem,) if read is not None and read.problem else ()
        return (*self._cache.notes(frame), *problem, *self._colour_problem(viewport, frame, state))

    def _colour_problem(
        self, viewport: Viewport, frame: FrameRef, state: ViewState
    ) -> tuple[str, ...]:
        """Why the profile of an image or of the screen is not used (F18)."""
        instance = viewport.drawn_at(frame)
        if instance is None or instance.format is None or instance.format.is_grey:
            return ()
        screen = state.screen_colours.profile if state.screen_colours else None
        problem = self._cache.colours.problem(instance.colour_profile, screen)
        return (problem,) if problem else ()

    def _entry(self, state: ViewState) -> Hung | None:
        if self._images is None or state.target is None:
            return None
        return self._images.entries.get(state.target.id)

    def _pointed(self, viewport: Viewport, state: ViewState, transform: PaneTransform) -> str:
        pointer = self._panes().pointer_in(viewport)
        frame = state.frame
        pixels = self._cache.get(frame) if frame and pointer else None
        instance = viewport.instance_of(frame) if frame else None
        if pointer is None or pixels is None or instance is None or frame is None:
            return ""
        missing = self._cache.missing(frame)
        at, plane = transform.to_pixel(pointer), viewport.plane_of(frame)
        text = value_text(pixels, instance, at, state.readout, missing)
        if not text:
            return ""
        text = f"{text} · before subtraction" if state.look.mask else text
        fused = self.fused_text(state, plane, plane.to_lps(at)) if plane else ""
        region = region_text(instance, frame.frame, at)
        return " · ".join(filter(None, (text, region, fused)))


def _same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    return all(map(operator.is_, one, other))


def _left_out(entry: Hung, state: ViewState) -> int:
    """Images of a series of which the pane shows a part; 0 where it shows all."""
    whole = entry.target.frames
    return 0 if state.target is None or state.target.frames == whole else len(whole)
