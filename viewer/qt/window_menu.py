"""Windows for the shown image: its own first, then presets that fit it; by key and by menu."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial

from PySide6.QtCore import QCoreApplication, QObject, QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from viewer.model.presentation import VoiLut, Window
from viewer.model.study import Instance, Series
from viewer.pixels.measured import readout_named, readouts
from viewer.pixels.pipeline import stands_on_zero, voi_choices
from viewer.pixels.presets import DIGITS, Preset, presets_for
from viewer.qt.desk import Desk
from viewer.qt.key_desk import KeyDesk
from viewer.qt.review_desk import ReviewDesk
from viewer.qt.state_menu import StateChoice
from viewer.viewport.tools import ToolId
from viewer.viewport.viewport import Viewport
from viewer.viewport.words import number_text

Voi = Window | VoiLut | None
Subject = Callable[[], tuple[Viewport, Series | None]]
"""Gives the active viewport and the series it shows."""

_MENU = (
    "view.fit",
    "view.one_to_one",
    "view.true_size",
    "view.invert",
    "window.floor",
    "view.turn",
    "view.flip",
    "view.reset",
    "key.mark",
    "key.only",
    "",
    "view.overlays",
    "view.shutter",
    "view.padding",
    "view.colours",
    "",
    "mpr.open",
    "mpr.slab",
    "fusion.open",
    "petct.open",
    "",
    "view.link",
    "view.link_place",
    "view.link_window",
    "view.reference_lines",
    "view.texts",
    "layout.tile",
    "pane.maximise",
    "",
    "annotation.to_report",
    "annotation.delete",
    "annotation.undo",
)


class WindowChoice(Desk):
    """Sets the window of the active viewport by key."""

    def __init__(self, presets: Sequence[Preset], subject: Subject) -> None:
        """Take all presets; those that fit the shown image are chosen at each call."""
        super().__init__()
        self._fitting = lru_cache(maxsize=64)(partial(presets_for, tuple(presets)))
        self._subject = subject

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each key does, by the id of its command."""
        acts = {f"window.preset_{key}": self.calling(key) for key in DIGITS}
        acts["window.header_1"] = lambda: self.call_own(0)
        acts["window.header_2"] = lambda: self.call_own(1)
        return acts

    def fitting(self) -> tuple[Preset, ...]:
        """Presets for the image of the active viewport."""
        viewport, series = self._subject()
        instance = viewport.drawn
        if instance is None or series is None:
            return ()
        scales = instance.suv.scales if instance.suv else ()
        return self._fitting(
            instance.modality,
            series.body_part,
            instance.modality_lut.unit,
            suv_factor=next((s.factor for s in scales if s.name == "SUVbw"), None),
        )

    def calling(self, key: int) -> Callable[[], None]:
        """Give the act of a digit key from 3 to 9."""

        def call() -> None:
            preset = next((p for p in self.fitting() if p.key == key), None)
            self._set(preset.window if preset else None, key, known=preset is not None)

        return call

    def show_on(self, actions: Mapping[str, QAction], /) -> None:
        """Let the actions of the digit keys say which preset they call for the shown image."""
        names = {preset.key: preset.name for preset in self.fitting()}
        for key in DIGITS:
            name = names.get(key)
            words = self.tr("Window: %1") if name else self.tr("Window: no preset on key %1")
            action = actions[f"window.preset_{key}"]
            action.setText(words.replace("%1", name or str(key)))
            action.setToolTip(f"{action.text()} ({action.shortcut().toString()})")

    def vacant(self) -> dict[str, str]:
        """The digit keys that have no preset for the shown image, by command, and why."""
        taken = {preset.key for preset in self.fitting()}
        here = self._subject()[0].drawn is not None
        words = self.tr("Key %1 has no window for this image.")
        if not here:
            words = self.tr("There is no image here.")
        return {
            f"window.preset_{key}": words.replace("%1", str(key))
            for key in DIGITS
            if key not in taken
        }

    def call_own(self, index: int) -> None:
        """Take the first or second look of the header."""
        instance = self._subject()[0].drawn
        looks = voi_choices(instance) if instance else ()
        known = index < len(looks)
        self._set(looks[index] if known else None, index + 1, known=known)

    def fill(self, menu: QMenu) -> None:
        """Write a menu of everything that can be chosen now."""
        viewport = self._subject()[0]
        fill_window_menu(
            menu, viewport.drawn, self.fitting(), viewport.state.look.voi, viewport.set_voi
        )
        fill_readout_menu(menu, viewport.instance, viewport.state.readout, viewport.read_as)

    def _set(self, voi: Voi, key: int, *, known: bool) -> None:
        if known:
            self._subject()[0].set_voi(voi)
        else:
            text = self.tr("Key %1 has no window for this image.")
            self.notice.emit(text.replace("%1", str(key)))


class PaneMenus(QObject):
    """The menus of tool bar buttons and the menu of the right button."""

    def __init__(
        self,
        choice: WindowChoice,
        states: StateChoice,
        keys: KeyDesk,
        review: ReviewDesk,
        actions: Mapping[str, QAction],
        parent: QWidget,
    ) -> None:
        """Build those of the tool bar; the other is made whenever it is asked for."""
        super().__init__(parent)
        self._choice = choice
        self._actions = actions
        self._parent = parent
        self.windows = QMenu(self.tr("Windows for this image"), parent)
        self.windows.aboutToShow.connect(lambda: choice.fill(self.windows))
        self._states = states
        self._keys = keys
        self.keys = QMenu(self.tr("Key images"), parent)
        self.keys.aboutToShow.connect(lambda: self._fill_keys(self.keys))
        self.states = QMenu(self.tr("Presentation states"), parent)
        self.states.aboutToShow.connect(lambda: self._fill_states(self.states))
        self.layouts = QMenu(self.tr("Layouts"), parent)
        self.layouts.aboutToShow.connect(lambda: review.layouts.fill(self.layouts))
        self._review = review
        self.of_buttons = {
            "tool.window": self.windows,
            "view.state": self.states,
            "key.mark": self.keys,
            "layout.4": self.layouts,
            "tool.length": self._measures(parent),
        }

    def _fill_states(self, menu: QMenu) -> None:
        self._states.fill(menu)
        menu.addSeparator()
        menu.addAction(self._actions["view.state_save"])

    def _fill_keys(self, menu: QMenu) -> None:
        self._keys.fill(menu)
        menu.addSeparator()
        for name in ("key.only", "key.export"):
            menu.addAction(self._actions[name])

    def _measures(self, parent: QWidget) -> QMenu:
        """Every tool that measures, then what can be done with a measurement."""
        menu = QMenu(self.tr("Measure"), parent)
        names = [f"tool.{tool}" for tool in ToolId if tool.kind is not None]
        for name in (*names, "", *(n for n in self._actions if n.startswith("annotation."))):
            if name:
                menu.addAction(self._actions[name])
            else:
                menu.addSeparator()
        return menu

    def pop_up(self, at: QPoint) -> None:
        """Show the menu of the active pane at a place of the screen."""
        menu = QMenu(self._parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._choice.fill(menu.addMenu(self.tr("Window")))
        self._fill_states(menu.addMenu(self.tr("Presentation states")))
        self._fill_keys(menu.addMenu(self.tr("Key images")))
        self._review.colours.fill(menu.addMenu(self.tr("Colours")))
        self._review.fusion.fill(menu.addMenu(self.tr("Fusion")))
        menu.addMenu(self._measures(menu))
        menu.addSeparator()
        for wanted in _MENU:
            if wanted:
                menu.addAction(self._actions[wanted])
            else:
                menu.addSeparator()
        menu.popup(at)


def fill_window_menu(
    menu: QMenu,
    instance: Instance | None,
    presets: Sequence[Preset],
    current: Voi,
    choose: Callable[[Voi], None],
) -> None:
    """Write the menu anew; keys stand beside what has one."""
    menu.clear()
    if instance is None or instance.format is None or not instance.format.is_grey:
        colour = instance is not None and instance.format is not None
        why = _tr("A colour image has no window") if colour else _tr("There is no image here")
        menu.addAction(why).setEnabled(False)
        return
    for n, look in enumerate(voi_choices(instance), 1):
        _add(menu, _own_text(n, look), str(n) if n <= 2 else "", look, current, choose)
    whole = "0 to nearly all counts" if stands_on_zero(instance) else "Minimum to maximum"
    _add(menu, _tr(whole), "0", None, current, choose)
    if presets:
        menu.addSeparator()
    for preset in presets:
        key = "" if preset.key is None else str(preset.key)
        _add(menu, f"{preset.name}  {_numbers(preset.window)}", key, preset.window, current, choose)


def fill_readout_menu(
    menu: QMenu, instance: Instance | None, current: str, choose: Callable[[str], None]
) -> None:
    """Add the values that can be read off the image, where there are several (F15)."""
    if instance is None or instance.format is None or not instance.format.is_grey:
        return
    offered = readouts(instance)
    if len(offered) < 2:
        return
    menu.addSection(_tr("Values read off the image"))
    chosen = readout_named(instance, current)
    for readout in offered:
        action = menu.addAction(f"{readout.name}  {readout.unit}".strip())
        action.setCheckable(True)
        action.setChecked(readout == chosen)
        action.triggered.connect(lambda _checked=False, name=readout.name: choose(name))


def _add(
    menu: QMenu, text: str, key: str, look: Voi, current: Voi, choose: Callable[[Voi], None]
) -> None:
    action = menu.addAction(f"{text}\t{key}" if key else text)
    action.setCheckable(True)
    action.setChecked(look == current)
    action.triggered.connect(lambda _checked=False: choose(look))


def _own_text(n: int, look: Window | VoiLut) -> str:
    title = _tr("Image %1").replace("%1", str(n))
    name = look.explanation
    if isinstance(look, VoiLut):
        return f"{title}: VOI LUT {name}".strip()
    return f"{title}: {name}  {_numbers(look)}" if name else f"{title}:  {_numbers(look)}"


def _numbers(window: Window) -> str:
    return f"W {number_text(window.width)} L {number_text(window.centre)}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("WindowMenu", text)
