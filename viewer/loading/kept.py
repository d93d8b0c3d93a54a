"""Decoded frames kept losslessly, so that the next opening does not depend on the codec."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol

from viewer.loading.decoded import Decoded
from viewer.loading.decoders import DECODERS
from viewer.model.refs import FrameRef, SopUid
from viewer.model.study import Instance

_OURS = 2
"""Raised whenever ``decode_frame`` gives other values for the same bytes."""
_CODECS = ("imagecodecs", "pylibjpeg-openjpeg", "pylibjpeg-rle")


class KeptFrames(Protocol):
    """A place for decoded frames; safe to call from several threads, and never an obstacle.

    What is damaged, or of another origin than is asked for, is dropped and not given. What cannot
    be kept (disk full) is not kept. Nothing here raises.
    """

    def digest(self, sop: SopUid) -> str:
        """SHA-256 of the original that is held now; empty when there is none to keep frames of."""
        ...

    def has(self, ref: FrameRef, origin: str) -> bool:
        """Whether a frame of this origin is kept."""
        ...

    def get(self, ref: FrameRef, origin: str) -> Decoded | None:
        """The frame as it was kept, bit by bit; None when it is not kept."""
        ...

    def keep(self, ref: FrameRef, origin: str, decoded: Decoded) -> None:
        """Keep a whole frame for later."""
        ...


class NothingKept:
    """Keeps nothing: for sources that are read once."""

    def digest(self, _sop: SopUid) -> str:
        """Nothing is held."""
        return ""

    def has(self, _ref: FrameRef, _origin: str) -> bool:
        """Nothing is kept."""
        return False

    def get(self, _ref: FrameRef, _origin: str) -> Decoded | None:
        """Nothing is kept."""
        return None

    def keep(self, _ref: FrameRef, _origin: str, _decoded: Decoded) -> None:
        """Keep nothing."""


def origin_of(kept: KeptFrames, instance: Instance) -> str:
    """What a frame was decoded from and by; empty when its decoded form is not worth keeping.

    Native pixels are not: they are read from the original as fast.
    """
    if instance.transfer_syntax not in DECODERS:
        return ""
    digest = kept.digest(instance.ref.sop)
    return f"{digest} {decoder_form()}" if digest else ""


@cache
def decoder_form() -> str:
    """Names everything that decides which values come out of a codestream."""
    return " ".join([str(_OURS), *(f"{name}={_version(name)}" for name in _CODECS)])


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "-"
