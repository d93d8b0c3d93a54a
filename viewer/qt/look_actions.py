"""Actions whose state follows what the active pane shows: covers, colours, and windows for grey."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from viewer.qt.desk import Desk
from viewer.viewport.viewport import Viewport

_TOGGLES = ("view.overlays", "view.shutter", "view.padding", "view.colours", "window.floor")
_GREY_ONLY = (
    "tool.window",
    "tool.region",
    "view.invert",
    "view.colour_map",
    "mask.",
    "window.",
)
"""Actions, and beginnings of their ids, that mean nothing on a colour image (F17)."""

_Now = tuple[tuple[bool, ...], bool, Mapping[str, str]]
"""What is on, whether the image has colours, and what has nothing to do on it, and why."""


class LookActions(Desk):
    """Toggles overlays, shutter and colours, and keeps the actions true to the active viewport."""

    def __init__(
        self,
        active: Callable[[], Viewport],
        vacant: Callable[[], Mapping[str, str]] = dict,
        parent: QObject | None = None,
    ) -> None:
        """Act on the viewport that ``active`` gives; actions follow once they are made.

        ``vacant`` gives the actions that have nothing to do on a grey image, and why.
        """
        super().__init__(parent)
        self._active, self._vacant = active, vacant
        self._actions: Mapping[str, QAction] = {}
        self._tips: dict[str, str] = {}
        """What actions said before they were disabled."""
        self._reasons: dict[str, str] = {}
        """Why actions are disabled, as their tips say it."""
        self._told: _Now | None = None
        """What the actions were made true to last."""

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each toggle does, by the id of its command."""
        return {
            "view.overlays": self._toggling(
                Viewport.toggle_overlays, self.tr("This image has no overlays.")
            ),
            "view.shutter": self._toggling(
                Viewport.toggle_shutter, self.tr("This image has no shutter.")
            ),
            "view.padding": self._toggling(
                Viewport.toggle_padding, self.tr("This image has no padding.")
            ),
            "view.colours": self._toggling(
                Viewport.toggle_colours, self.tr("This image has no colour profile.")
            ),
            "window.floor": self._toggling(
                Viewport.toggle_floor, self.tr("This image has no window.")
            ),
        }

    def attach(self, actions: Mapping[str, QAction], /) -> None:
        """Keep these actions in step from now on; call ``refresh`` when another pane is active."""
        self._actions = actions
        for wanted in _TOGGLES:
            actions[wanted].setCheckable(True)
        self.refresh()

    def show_on(self, _actions: Mapping[str, QAction], /) -> None:
        """Keep the actions in step."""
        self.refresh()
        self._told = None  # other desks may still write theirs

    def follow(self) -> None:
        """The active viewport shows something else: with most images nothing changes here."""
        if self._told is None or self._told != self._now():
            self.refresh()

    def _now(self) -> _Now:
        """All that ``refresh`` goes by."""
        viewport = self._active()
        look = viewport.state.look
        shown = (look.overlays, look.shuttered, look.padding)
        on = (*shown, look.colours_as_sent, viewport.holds_floor)
        colour = viewport.instance is not None and not viewport.is_grey
        return on, colour, {} if colour else self._vacant()

    def refresh(self) -> None:
        """Check what is on, disable with the reason what cannot be."""
        if not self._actions:
            return
        on, colour, vacant = self._told = self._now()
        for wanted, checked in zip(_TOGGLES, on, strict=True):
            if self._actions[wanted].isChecked() != checked:
                self._actions[wanted].setChecked(checked)
        of_colour = self.tr(
            "A colour image has no window: its colours are shown as they are meant."
        )
        for name, action in self._actions.items():
            if name.startswith(_GREY_ONLY):
                reason = of_colour if colour else vacant.get(name, "")
                if action.isEnabled() == bool(reason):
                    action.setEnabled(not reason)
                self._explain(name, action, reason)

    def _explain(self, name: str, action: QAction, reason: str) -> None:
        told = action.toolTip() == self._reasons.get(name)
        if reason:
            if not told:  # these are the action's own words
                self._tips[name] = action.toolTip()
            if action.toolTip() != reason:
                action.setToolTip(reason)
            self._reasons[name] = reason
        elif self._reasons.pop(name, None) is not None and told:
            action.setToolTip(self._tips[name])

    def _toggling(self, act: Callable[[Viewport], bool], refusal: str) -> Callable[[], None]:
        def toggle() -> None:
            if not act(self._active()):
                self.notice.emit(refusal)
            self.refresh()

        return toggle
