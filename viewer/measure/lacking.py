"""Whether an annotation's values can be read yet."""

from viewer.measure.found import takes_values
from viewer.measure.kinds import KINDS
from viewer.measure.registry import Ground
from viewer.model.annotation import Annotation


def lacks_values(held: Annotation, ground: Ground) -> bool:
    """Whether an annotation reads values that are not here, or not taken yet."""
    if held.in_space:
        return reads_values(held) and ground.found_of(held) is None
    return ground.pixels is None and reads_values(held)


def reads_values(held: Annotation) -> bool:
    """Whether an annotation has numbers that are taken from pixels."""
    record = KINDS[held.kind]
    if held.in_space:
        return takes_values(held, closed=record.closed, probes=record.probes)
    return record.closed or record.probes
