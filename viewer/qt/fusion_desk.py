"""Fusion by command, wheel and menu: one second volume over panes and planes of one space."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from viewer.errors import GeometryError
from viewer.hanging.images import CaseImages, Hung
from viewer.model.fusion import Fusion
from viewer.model.geometry import ImagePlane, PointLps
from viewer.model.presentation import ColourMap, Window
from viewer.model.sample_grid import Slab
from viewer.pixels.presets import Preset
from viewer.qt.desk import Desk
from viewer.qt.fusion_layer import FusionLayer
from viewer.qt.grid import GridShape
from viewer.qt.panes import Pane, Panes
from viewer.qt.viewport_widget import ViewportWidget
from viewer.render.plane_value import fused_value_text, value_at
from viewer.viewport.fusion import (
    STEP,
    aligned,
    first_fusion,
    partners,
    pet_ct,
    reading_of,
    why_no_fusion,
    windows_of,
)
from viewer.viewport.fusion_words import fusion_text
from viewer.viewport.overlay import series_title
from viewer.viewport.viewport import ViewState

OPEN = "fusion.open"
_NOTCH = 120
_THREE = GridShape(1, 3)


class FusionDesk(Desk):
    """Lays one volume over the active pane, or over the planes of a reconstruction."""

    filled = Signal()
    """More of the volume that is laid over is here."""
    touched = Signal()
    """The reader has laid out the panes."""

    def __init__(
        self,
        panes: Panes,
        planes: Callable[[], Sequence[ViewportWidget]],
        maps: Sequence[ColourMap],
        presets: Sequence[Preset],
        parent: QObject | None = None,
    ) -> None:
        """Act on these panes, or on ``planes`` while there are any; the first map is the usual."""
        super().__init__(parent)
        self._panes, self._planes = panes, planes
        self._maps, self._presets = tuple(maps), tuple(presets)
        self._images: CaseImages | None = None
        self._layer: FusionLayer | None = None
        self._fusion: Fusion | None = None
        """How the layer looks, also while no pane shows it."""
        self._turned = 0
        for pane in panes.all:
            self._watch(pane)
        panes.made.connect(self._watch)

    @property
    def layer(self) -> FusionLayer | None:
        """The volume that is held, shown or not."""
        return self._layer

    @property
    def fusion(self) -> Fusion | None:
        """How the volume looks that is held."""
        return self._fusion

    # -- the door --------------------------------------------------------------------------------

    def know(self, images: CaseImages | None, /) -> None:
        """Take what is here of the case; None ends every fusion."""
        self._images = images
        layer = self._layer
        if layer is None:
            return
        entry = images.entries.get(layer.entry.target.id) if images else None
        if images is None or entry is None:
            self._drop()
        elif entry.target.frames != layer.entry.target.frames or self._lies_elsewhere(images):
            self._fill_anew(entry, images)
        else:
            self._read_anew(entry, images)

    def take_planes(self, _board: object = None) -> None:
        """A reconstruction was opened: what lies over its images lies over its planes too."""
        for widget in self._planes():
            widget.blended.connect(self._on_blended)
        if self._panes.active.viewport.state.fusion is not None:
            self._show_in(self._planes())

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        return {
            OPEN: self.toggle,
            "fusion.more": lambda: self._mix(STEP),
            "fusion.less": lambda: self._mix(-STEP),
            "fusion.colours": self._next_colours,
            "fusion.window": self._next_window,
            "layout.pet_ct": self.lay_out,
        }

    def show_on(self, actions: Mapping[str, QAction], /) -> None:
        """Check the command while something is laid over; grey what needs that."""
        on = self._scope()[0].viewport.state.fusion is not None
        for name, action in actions.items():
            if name == OPEN:
                action.setChecked(on)
            elif name.startswith("fusion."):
                action.setEnabled(on)

    def value_text(
        self, state: ViewState, plane: ImagePlane, point: PointLps, slab: Slab | None = None
    ) -> str:
        """The value of the volume that is laid over a picture, at a point; empty without one."""
        layer, fusion = self._layer, state.fusion
        if layer is None or fusion is None or fusion.target != layer.entry.target.id:
            return ""
        value = value_at(layer.reslicer, point, (plane.row, plane.column), slab)
        return fused_value_text(value, fusion)

    # -- commands --------------------------------------------------------------------------------

    def toggle(self) -> None:
        """Lay the most usual volume over what is shown, or take away what lies there."""
        scope = self._scope()
        if scope[0].viewport.state.fusion is not None:
            self._take_away(scope)
            return
        base = self._base()
        if base is None or self._images is None:
            self._refuse(self.tr("There is no series in this pane."))
            return
        others = partners(self._images, base)
        if not others:
            self._refuse(self.tr("There is no other series of images in this case."))
            return
        held = [o for o, why in others if why is None and self._holds(o)]
        self.lay_over(held[0] if held else others[0][0])

    def lay_over(self, entry: Hung) -> None:
        """Lay this series over what is shown; refuse with the reason."""
        base, images = self._base(), self._images
        if base is None or images is None:
            return
        reason = why_no_fusion(base, entry, images.instances, images.alignments)
        if reason is None:
            reason = self._take_up(base, entry, images)
        if reason is not None:
            self._refuse(reason)
            return
        self._show_in(self._scope())
        self._tell()

    def hold(self, base: Hung, entry: Hung) -> FusionLayer | None:
        """Hold this volume for images without showing it; refuse with the reason."""
        if self._images is None:
            return None
        reason = self._take_up(base, entry, self._images)
        if reason is not None:
            self._refuse(reason)
        return None if reason is not None else self._layer

    def lay_out(self) -> None:
        """Show CT, PET and both fused side by side, at one place and one scale."""
        found = pet_ct(self._images) if self._images else self.tr("There is no case open.")
        if isinstance(found, str):
            self.notice.emit(self.tr("No PET/CT layout. %1").replace("%1", found))
            return
        scan, uptake = found
        panes = self._panes
        middle = len(scan.target.frames) // 2
        self.touched.emit()
        panes.grid.maximise(None)
        panes.arrange(_THREE)
        panes.grid.settle()  # panes of other sizes would be joined at another scale
        for index, entry, at in ((0, scan, middle), (1, uptake, 0), (2, scan, middle)):
            panes.hang(index, entry, at)
        for index in range(3, panes.grid.count):
            panes.hang_frame(index, None)
        panes.activate(2)
        self.lay_over(uptake)
        fusion = panes.active.viewport.state.fusion
        if fusion is not None:
            panes.all[1].viewport.set_voi(fusion.window)
        if not panes.all[1].viewport.state.look.invert:
            panes.all[1].viewport.invert()
        panes.links.enabled = True
        panes.links.follow(panes.active.viewport, panes.linkable())
        panes.looks.places = True
        panes.looks.join(panes.active.viewport, panes.linkable())

    def fill(self, menu: QMenu) -> None:
        """Write the menu: what can be laid over, its windows and its colours."""
        menu.clear()
        menu.setToolTipsVisible(True)
        base, fusion = self._base(), self._scope()[0].viewport.state.fusion
        others = partners(self._images, base) if base is not None and self._images else ()
        if not others:
            menu.addAction(self.tr("There is no other series of images")).setEnabled(False)
        for entry, why in others:
            action = menu.addAction(series_title(entry.series) or entry.target.label)
            action.setCheckable(True)
            action.setChecked(fusion is not None and fusion.target == entry.target.id)
            action.setEnabled(why is None)
            action.setToolTip(why or "")
            action.triggered.connect(lambda _checked=False, wanted=entry: self.lay_over(wanted))
        if fusion is None:
            return
        menu.addSeparator()
        for window in self._windows():
            words = fusion_text(replace(fusion, window=window)).split(",")[0]
            self._add(menu, words.removeprefix("FUSION "), {"window": window}, fusion)
        menu.addSeparator()
        for colours in self._maps:
            self._add(menu, colours.name, {"colours": colours}, fusion)

    def _add(self, menu: QMenu, words: str, wanted: dict[str, Any], fusion: Fusion) -> None:
        action = menu.addAction(words)
        action.setCheckable(True)
        action.setChecked(replace(fusion, **wanted) == fusion)
        action.triggered.connect(lambda _checked=False: self._change(**wanted))

    def _mix(self, by: int) -> None:
        if self._fusion is not None:
            self._change(percent=min(max(self._fusion.percent + by, 0), 100))

    def _next_colours(self) -> None:
        if self._fusion is not None:
            self._change(colours=_after(self._fusion.colours, self._maps))

    def _next_window(self) -> None:
        if self._fusion is not None:
            self._change(window=_after(self._fusion.window, self._windows()))

    def _windows(self) -> tuple[Window | None, ...]:
        if self._layer is None or self._images is None:
            return (None,)
        return windows_of(self._layer.entry, self._images.instances, self._presets)

    # -- what is laid over -----------------------------------------------------------------------

    def _scope(self) -> Sequence[ViewportWidget]:
        """What commands act on: the planes while there are any, else the active pane."""
        return tuple(self._planes()) or (self._panes.active.widget,)

    def _every(self) -> tuple[ViewportWidget, ...]:
        return (*(pane.widget for pane in self._panes.all), *self._planes())

    def _fused(self) -> tuple[ViewportWidget, ...]:
        return tuple(w for w in self._every() if w.viewport.state.fusion is not None)

    def _base(self) -> Hung | None:
        target = self._scope()[0].viewport.state.target
        return self._images.entries.get(target.id) if self._images and target else None

    def _holds(self, entry: Hung) -> bool:
        return self._layer is not None and self._layer.entry.target.id == entry.target.id

    def _take_up(self, base: Hung, entry: Hung, images: CaseImages) -> str | None:
        """Hold this volume and no other, where it lies in images; tell why it cannot be."""
        by = aligned(base, entry, images.instances, images.alignments)
        if self._layer is not None and self._holds(entry) and self._layer.aligned == by:
            return None
        self._drop()
        drawing = self._panes.drawing
        try:
            layer = FusionLayer(base, entry, images, drawing.cache, drawing.executor, self)
        except GeometryError as error:
            return error.sentence
        self._layer = layer
        layer.changed.connect(self._on_layer_changed)
        self._fusion = self._as_held(
            first_fusion(entry, images.instances, self._presets, self._maps[0], by)
        )
        return None

    def _as_held(self, fusion: Fusion) -> Fusion:
        layer = self._layer
        if layer is None:
            return fusion
        return replace(fusion, here=layer.here, extremes=layer.extremes)

    def _show_in(self, widgets: Sequence[ViewportWidget]) -> None:
        layer, fusion = self._layer, self._fusion
        if layer is None or fusion is None:
            return
        for widget in widgets:
            widget.picture.fuse(layer.reslicer)
            widget.viewport.fuse(fusion)
        self.changed.emit()

    def _take_away(self, widgets: Sequence[ViewportWidget]) -> None:
        for widget in widgets:
            widget.viewport.fuse(None)
            widget.picture.fuse(None)
        self.changed.emit()

    def _change(self, **changes: Any) -> None:
        """Change how the layer looks, in every pane that shows it."""
        if self._fusion is None:
            return
        self._fusion = replace(self._fusion, **changes)
        for widget in self._fused():
            widget.viewport.fuse(self._fusion)
        self._tell()

    def _drop(self) -> None:
        """Hold no volume and show none."""
        layer, self._layer, self._fusion = self._layer, None, None
        if layer is not None:
            layer.close_layer()
        self._take_away(self._every())

    def _fill_anew(self, entry: Hung, images: CaseImages) -> None:
        """More images of the second volume have come."""
        fused, before = self._fused(), self._fusion
        base = images.entries.get(self._layer.base.target.id) if self._layer else None
        self._drop()
        if base is None or why_no_fusion(base, entry, images.instances, images.alignments):
            return
        reason = self._take_up(base, entry, images)
        if reason is not None:
            self._refuse(reason)
        elif before is not None and self._fusion is not None:
            same = before.readout == self._fusion.readout
            self._fusion = replace(
                self._fusion,
                colours=before.colours,
                percent=before.percent,
                window=before.window if same else self._fusion.window,
            )
            self._show_in(fused)

    def _lies_elsewhere(self, images: CaseImages) -> bool:
        """Whether a registration has come, or a newer one, that says otherwise."""
        layer = self._layer
        base = images.entries.get(layer.base.target.id) if layer else None
        if layer is None or base is None:
            return True
        return aligned(base, layer.entry, images.instances, images.alignments) != layer.aligned

    def _read_anew(self, entry: Hung, images: CaseImages) -> None:
        """Uptake values are known when the whole study is here; the window is then theirs."""
        readout, refusal = reading_of(entry.target, images.instances)
        if self._layer is not None:
            self._layer.entry = entry
        if self._fusion is not None and readout != self._fusion.readout:
            window = windows_of(entry, images.instances, self._presets)[0]
            self._change(readout=readout, refusal=refusal, window=window)

    def _refuse(self, reason: str) -> None:
        self.notice.emit(self.tr("No fusion. %1").replace("%1", reason))
        self.changed.emit()

    def _tell(self) -> None:
        self.informed.emit(fusion_text(self._fusion).removeprefix("FUSION "))

    # -- what happened ---------------------------------------------------------------------------

    def _watch(self, pane: Pane) -> None:
        pane.widget.blended.connect(self._on_blended)

    def _on_blended(self, delta: int) -> None:
        self._turned += delta
        notches = int(self._turned / _NOTCH)
        self._turned -= notches * _NOTCH
        if notches:
            self._mix(notches * STEP)

    def _on_layer_changed(self) -> None:
        layer, fusion = self._layer, self._fusion
        if layer is None or fusion is None:
            return
        self._fusion = self._as_held(fusion)
        for widget in self._fused():
            widget.picture.fuse(layer.reslicer)
            widget.viewport.fuse(self._fusion)
        self.filled.emit()


def _after(now: Any, choices: Sequence[Any]) -> Any:
    at = choices.index(now) if now in choices else -1
    return choices[(at + 1) % len(choices)]
