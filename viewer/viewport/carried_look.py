"""What of a look goes on from one frame to the next, which is given a look of its own."""

from dataclasses import replace

from viewer.model.presentation import Presentation


def carried_on(
    now: Presentation, before: Presentation, given: Presentation, *, voi: bool
) -> Presentation:
    """The look ``now`` carried on to a frame that is ``given`` another one than ``before``.

    ``voi`` says whether the VOI follows the frame; zoom and place do where they are given anew.
    """
    look = replace(
        now,
        voi=given.voi if voi else now.voi,
        modality=given.modality,
        presentation_lut=given.presentation_lut,
    )
    if _placing(given) == _placing(before):
        return look
    return replace(
        look,
        zoom=given.zoom,
        offset=given.offset,
        quarter_turns=given.quarter_turns,
        flip_horizontal=given.flip_horizontal,
        area=given.area,
        aspect=given.aspect,
    )


def _placing(look: Presentation) -> tuple[object, ...]:
    return (
        look.zoom,
        look.offset,
        look.quarter_turns,
        look.flip_horizontal,
        look.area,
        look.aspect,
    )
