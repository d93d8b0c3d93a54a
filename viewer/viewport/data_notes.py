"""What a reader is told of an image's data: what was mended, contradicts itself or is missing."""

from collections.abc import Sequence

from viewer.model.study import Instance


def data_notes(instance: Instance, decoded: Sequence[str] = ()) -> tuple[str, ...]:
    """Sentences on the header, on the decoded frame, and on why an uptake value is missing."""
    missing = instance.suv.refusals if instance.suv and not instance.suv.scales else ()
    return tuple(dict.fromkeys((*instance.repairs, *decoded, *missing)))


def more_notes(instance: Instance) -> tuple[str, ...]:
    """Sentences that explain a value without being a warning: what an uptake value rests on."""
    if instance.suv is None or not instance.suv.scales:
        return ()
    return (*instance.suv.basis, *instance.suv.refusals)


def badge(notes: Sequence[str]) -> str:
    """One line for the corner: the first sentence, and how many more there are."""
    if not notes:
        return ""
    more = f"(+{len(notes) - 1}) " if len(notes) > 1 else ""
    return f"DATA: {more}{notes[0]}"
