"""Display sets: what hangs in a pane is a split of a series (the rules are in resources)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

from viewer.model.refs import FrameRef, SeriesUid

DisplaySetId = NewType("DisplaySetId", str)


class Kind(StrEnum):
    """What a display set can be shown as.

    A header that describes pixels makes an image, whether or not the file holds them: a frame that
    is not there is undecodable. OTHER is what describes none, or pixels that nothing here can show.
    """

    STACK = "stack"
    VOLUME = "volume"
    CINE = "cine"
    DOCUMENT = "document"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class DisplaySet:
    """Frames that hang together, in display order.

    ``slice_step`` is the median step along the normal in mm, None unless the kind is VOLUME.
    """

    id: DisplaySetId
    series: SeriesUid
    kind: Kind
    frames: tuple[FrameRef, ...]
    label: str
    split_by: Mapping[str, str] = field(default_factory=dict)
    slice_step: float | None = None
    warnings: tuple[str, ...] = ()
    frame_ms: tuple[float, ...] = ()
    """How long each frame of a CINE stands before the next one, ms; empty when not told."""

    masks: bool = False
    """Whether the frames are segments of a segmentation, shown one after the other as stored."""

    @property
    def must_be_seen(self) -> bool:
        """Whether a reader is expected to have looked at every frame: at images, not at masks."""
        return self.has_images and not self.masks

    @property
    def has_images(self) -> bool:
        """Whether it is looked at as images, not read or merely listed."""
        return self.kind not in {Kind.DOCUMENT, Kind.OTHER}

    @property
    def frame_rate(self) -> float | None:
        """Frames a second of a CINE, on the average; None when not told."""
        whole = sum(self.frame_ms)
        return 1000 * len(self.frame_ms) / whole if whole > 0 else None
