"""One stack spread over several panes: each shows the frame after that of the pane before it."""

from collections.abc import Sequence

from viewer.viewport.viewport import Viewport


class Tiles:
    """Keeps the panes of one tiled stack in step, frames and looks."""

    def __init__(self) -> None:
        """Begin with nothing tiled."""
        self._members: tuple[Viewport, ...] = ()
        self._following = False

    @property
    def members(self) -> tuple[Viewport, ...]:
        """The panes of the tiled stack, in order."""
        return self._members

    def spread(self, members: Sequence[Viewport], first: int) -> None:
        """Show consecutive frames from ``first`` on, clamped so that no pane stays without one.

        All members must show the same display set, with at least as many frames as members.
        """
        self._members = tuple(members)
        self._show_from(first)

    def end(self) -> None:
        """Let the panes go."""
        self._members = ()

    def holds(self, pane: Viewport) -> bool:
        """Whether a pane belongs to the tiled stack."""
        return any(member is pane for member in self._members)

    def is_sound(self) -> bool:
        """Whether every member still shows the same display set."""
        targets = {m.state.target.id if m.state.target else None for m in self._members}
        return len(targets) == 1 and None not in targets

    def follow(self, moved: Viewport) -> None:
        """Bring the others to their frames beside that of ``moved``."""
        at = next((n for n, m in enumerate(self._members) if m is moved), None)
        if at is not None and not self._following:
            self._show_from(moved.state.index - at)

    def follow_look(self, changed: Viewport) -> None:
        """Give the others the look of ``changed``."""
        if self._following or not self.holds(changed):
            return
        self._following = True
        try:
            look = changed.state.look
            for member in self._members:
                if member is not changed and member.state.look != look:
                    if member.state.look.voi != look.voi:
                        member.set_voi(look.voi)
                    member.look_like(look)
        finally:
            self._following = False

    def _show_from(self, first: int) -> None:
        self._following = True
        try:
            count = self._members[0].state.count
            first = min(max(first, 0), max(count - len(self._members), 0))
            for n, member in enumerate(self._members):
                member.go_to_index(first + n)
        finally:
            self._following = False
