"""Decoder worker processes: a codec that crashes, hangs or eats memory costs one frame."""

from typing import Any

from numpy.typing import NDArray

from viewer.errors import UndecodableFrame
from viewer.model.study import Instance


class DecodePool:
    """Decodes frames in worker processes; safe to call from several threads."""

    def __init__(self, workers: int = 2) -> None:
        """Start nothing yet: processes come with the first frame or with ``warm_up``."""
        self.workers = workers

    def warm_up(self) -> None:
        """Start every worker without waiting for it."""

    def decode(self, sop_bytes: bytes, frame: int, instance: Instance) -> NDArray[Any]:
        """One frame, blocking; frame counts from 0. UndecodableFrame says why it cannot be had."""
        raise UndecodableFrame("Decoding is not built yet.", where=instance.ref.sop)

    def close(self) -> None:
        """End every worker and wait for it."""
