"""The last opened instances as bytes, so that a multi-frame file is read once, not per frame."""

import threading
from collections import OrderedDict

from viewer.loading.source import InstanceSource
from viewer.model.refs import SopUid


class HeldBytes:
    """Bytes of recently opened instances, bounded; safe to call from several lane threads."""

    def __init__(self, source: InstanceSource, budget: int = 256 * 1024 * 1024) -> None:
        """Read from ``source``; hold up to ``budget`` bytes, and always the last one read."""
        self._source = source
        self._budget = budget
        self._lock = threading.Lock()
        self._reading: dict[SopUid, threading.Lock] = {}
        self._held: OrderedDict[SopUid, bytes] = OrderedDict()

    def bytes_of(self, sop: SopUid, *, keep: bool) -> bytes:
        """The bytes, kept for the next frame if ``keep``; MissingInstance when not held."""
        if not keep:
            return self._read(sop)
        with self._lock:
            held = self._held.get(sop)
            if held is not None:
                self._held.move_to_end(sop)
                return held
            gate = self._reading.setdefault(sop, threading.Lock())
        with gate:
            with self._lock:
                held = self._held.get(sop)
            if held is None:
                held = self._read(sop)
                self._keep(sop, held)
        with self._lock:
            self._reading.pop(sop, None)
        return held

    def clear(self) -> None:
        """Hold nothing any more."""
        with self._lock:
            self._held.clear()

    def _read(self, sop: SopUid) -> bytes:
        with self._source.open(sop) as file:
            return file.read()

    def _keep(self, sop: SopUid, data: bytes) -> None:
        with self._lock:
            self._held[sop] = data
            while len(self._held) > 1 and sum(map(len, self._held.values())) > self._budget:
                self._held.popitem(last=False)
