"""A reader's statement: text, the measurements it rests on, the frames it is seen on."""

from dataclasses import dataclass
from typing import NewType

from viewer.model.measurement import Measurement
from viewer.model.refs import FrameRef

FindingId = NewType("FindingId", str)


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding; in this version made of one measurement and the frame it was made on.

    ``image`` says in words where it is: 'Series 3, image 142'.
    """

    id: FindingId
    measurement: Measurement
    label: str
    """What stands in the text: '8.0 mm'."""
    image: str
    frames: tuple[FrameRef, ...]
    others: tuple[Measurement, ...] = ()
    """Further numbers of the same annotation: short axis, mean, SD."""
