"""Our values beside another program's, as one word and two numbers."""

import io
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.conformance.report.opinions import Level, NoOpinion, Peer
from viewer.errors import ViewerError
from viewer.loading.decoders import decode_frame
from viewer.loading.encoded import cut_frame
from viewer.loading.guard import PlainBytes
from viewer.loading.headers import read_header
from viewer.loading.outline import outline
from viewer.model.study import Instance
from viewer.pixels.pipeline import PixelPipeline

_FLOAT_ERROR = 1e-3
"""Values in float32 may be this far off, relative to the largest one (F5)."""


class Kind(StrEnum):
    """How two opinions compare."""

    EQUAL = "equal"
    CLOSE = "close"
    """Within what F3 allows two decoders of lossy JPEG."""
    DIFFERENT = "different"
    SHAPE = "other shape"
    UNREAD = "not read"


@dataclass(frozen=True, slots=True)
class Outcome:
    """``largest`` difference, ``share`` of the values that differ; ``words`` of a refusal."""

    kind: Kind
    largest: float = 0.0
    share: float = 0.0
    words: str = ""


@dataclass(frozen=True, slots=True)
class Ours:
    """What the product makes of a file; ``refused`` says why it shows nothing."""

    instance: Instance
    frames: tuple[NDArray[Any], ...]
    missing: bool
    refused: str


def ours(file: Path) -> Ours | None:
    """Decode every frame as the product does; None for objects without pixels."""
    data = file.read_bytes()
    try:
        instance = read_header(io.BytesIO(data), name=file.name).instance
    except ViewerError:
        return None
    if instance.format is None or any("no pixel data" in text for text in instance.repairs):
        return None
    try:
        found = outline(PlainBytes(data), where=file.name)
        decoded = [decode_frame(cut_frame(found, i, instance)) for i in range(instance.frames)]
    except ViewerError as error:
        return Ours(instance, (), False, error.sentence)
    missing = any(one.missing for one in decoded)
    return Ours(instance, tuple(one.pixels for one in decoded), missing, "")


def compared(mine: Ours, peer: Peer, file: Path) -> Outcome:
    """The outcome for one peer."""
    try:
        theirs = peer.frames(file, mine.instance)
    except NoOpinion as reason:
        return Outcome(Kind.UNREAD, words=str(reason))
    if mine.refused:
        return Outcome(Kind.DIFFERENT, words="read, where Lightbox refuses")
    own = mine.frames if peer.level is Level.STORED else _modality(mine)
    return difference(np.stack(own), theirs, _allowed(mine.instance))


def difference(own: NDArray[Any], theirs: NDArray[Any], allowed: float) -> Outcome:
    """Compare two stacks (frames, rows, columns[, 3]); up to ``allowed`` levels are close."""
    if own.shape != theirs.shape:
        return Outcome(Kind.SHAPE, words=f"{theirs.shape} for {own.shape}")
    a, b = own.astype(np.float64), theirs.astype(np.float64)
    gap = np.abs(a - b)
    gap[np.isnan(a) & np.isnan(b)] = 0
    largest, share = float(gap.max(initial=0)), float((gap > 0).mean())
    finite = np.abs(a[np.isfinite(a)])
    rounding = _FLOAT_ERROR * 1e-3 * max(1.0, float(finite.max(initial=0)))
    if largest == 0 or (not _whole(own, theirs) and largest <= rounding):
        return Outcome(Kind.EQUAL)
    return Outcome(Kind.CLOSE if largest <= allowed else Kind.DIFFERENT, largest, share)


def _whole(own: NDArray[Any], theirs: NDArray[Any]) -> bool:
    return bool(np.issubdtype(own.dtype, np.integer) and np.issubdtype(theirs.dtype, np.integer))


def _modality(mine: Ours) -> tuple[NDArray[Any], ...]:
    assert mine.instance.format is not None
    if not mine.instance.format.is_grey:
        return mine.frames
    return tuple(
        PixelPipeline.of(mine.instance.at(index)).modality_values(frame)
        for index, frame in enumerate(mine.frames)
    )


def _allowed(instance: Instance) -> float:
    """F3: lossy JPEG by 1 level, by 2 after colour conversion, by 3 with 4:2:2."""
    assert instance.format is not None
    syntax = instance.transfer_syntax.removeprefix("1.2.840.10008.1.2.4.")
    if syntax not in {"50", "51", "53", "55"}:
        return 0.0
    slope = getattr(instance.modality_lut, "slope", 1.0)
    return float(abs(slope)) if instance.format.is_grey else 3.0
