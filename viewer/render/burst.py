"""Pictures that are drawn together are handed over together.

Panes that scroll together then change together, and nothing is painted on the one thread while
others still draw: two threads that take turns in the interpreter are slower than one.
"""

from collections.abc import Callable, Hashable, Set


class Burst:
    """Holds finished pictures until those that were being drawn beside the first are done too."""

    def __init__(self) -> None:
        """Hold nothing."""
        self._awaited: set[Hashable] = set()
        self._held: dict[Hashable, Callable[[], None]] = {}

    def hold(self, key: Hashable, hand_over: Callable[[], None], beside: Set[Hashable]) -> None:
        """Hold a picture, the last of its key; ``beside`` are the keys that are drawn meanwhile.

        Only the first picture says what is waited for, so a drag that goes on holds up nothing.
        """
        if not self._held:
            self._awaited = set(beside)
        self._held[key] = hand_over

    def end(self, key: Hashable) -> None:
        """A key was drawn, or failed."""
        self._awaited.discard(key)

    def forget(self, key: Hashable) -> None:
        """Hand nothing over that a key has finished."""
        self._held.pop(key, None)

    def hand_over(self) -> None:
        """Hand over what is held, unless something is still waited for."""
        while self._held and not self._awaited:
            self._held.pop(next(iter(self._held)))()
