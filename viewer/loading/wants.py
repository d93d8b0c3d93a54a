"""Which frame is decoded next: by who waits for it, the newest request first."""

from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from viewer.model.refs import FrameRef


class Priority(IntEnum):
    """Who waits for a frame; the smaller number is served first."""

    INTERACTION = 0
    THUMBNAIL = 1
    PREFETCH = 2


@dataclass(slots=True)
class _Want:
    pending: deque[FrameRef]
    """Each frame is begun once: one that is dropped again is not fetched anew for this want."""
    priority: Priority
    owner: Hashable
    serial: int
    bytes_passed: int = 0


class Wants:
    """Requests for frames; a new one of an owner replaces its earlier one of the same priority.

    Requests without an owner never replace each other; the oldest beyond 64 are forgotten.
    """

    _UNOWNED_LIMIT = 64

    def __init__(
        self,
        is_needed: Callable[[FrameRef], bool | None],
        size_of: Callable[[FrameRef], int],
        most_ahead: int,
    ) -> None:
        """Ask ``is_needed`` whether a frame is to be begun (None: it is not known yet).

        A prefetch reaches over frames of ``most_ahead`` bytes: fetching more than fits would push
        out what was fetched first, the nearest frames.
        """
        self._is_needed = is_needed
        self._size_of = size_of
        self._most_ahead = most_ahead
        self._wants: list[_Want] = []
        self._serial = 0
        self._whole: set[Hashable] = set()

    def add(self, refs: Sequence[FrameRef], priority: Priority, owner: Hashable) -> None:
        """Take a request, most urgent frame first."""
        if owner is not None:
            self.forget(owner, priority)
        self._serial += 1
        self._wants.append(_Want(deque(refs), priority, owner, self._serial))
        unowned = [w for w in self._wants if w.owner is None and w.priority is priority]
        stale = {w.serial for w in unowned[: -self._UNOWNED_LIMIT]}
        self._wants = [w for w in self._wants if w.serial not in stale]

    def forget(self, owner: Hashable, priority: Priority | None = None) -> None:
        """Withdraw what an owner asked for and nobody has begun."""
        if priority is not Priority.INTERACTION and priority is not Priority.THUMBNAIL:
            self._whole.discard(owner)
        self._wants = [
            w
            for w in self._wants
            if w.owner != owner or (priority is not None and w.priority is not priority)
        ]

    def clear(self) -> None:
        """Forget every request."""
        self._wants.clear()
        self._whole.clear()

    def lost_one(self) -> None:
        """Know that a frame was dropped: no prefetch is whole any more."""
        self._whole.clear()

    def is_whole(self, owner: Hashable) -> bool:
        """Whether all that the owner's prefetch asked for was begun, and nothing dropped since."""
        return owner in self._whole

    def next(self, lowest: Priority) -> FrameRef | None:
        """The frame to begin now, of no lower priority than ``lowest``."""
        for want in sorted(self._wants, key=lambda w: (w.priority, -w.serial)):
            if want.priority > lowest:
                return None
            ref = self._take(want)
            if ref is not None:
                return ref
            if not want.pending:
                self._wants.remove(want)
        return None

    def _take(self, want: _Want) -> FrameRef | None:
        """The first frame of a want that is neither here nor on its way; unknown ones wait."""
        unknown: list[FrameRef] = []
        found: FrameRef | None = None
        ahead = want.priority is Priority.PREFETCH
        while want.pending and found is None:
            ref = want.pending.popleft()
            needed = self._is_needed(ref)
            if needed is None:
                unknown.append(ref)
                continue
            if ahead:
                want.bytes_passed += self._size_of(ref)
                if want.bytes_passed > self._most_ahead:
                    want.pending.clear()
                    return None
            if needed:
                found = ref
        want.pending.extendleft(reversed(unknown))
        if ahead and not want.pending:
            self._whole.add(want.owner)
        return found
