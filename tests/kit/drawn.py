"""Finished pictures of one frame, as a pane draws them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.calibration.display import DisplayProfile
from viewer.model.presentation import Presentation
from viewer.model.study import Instance
from viewer.pixels.colour_table import ColourTable
from viewer.render.compositor import RenderRequest
from viewer.viewport.transform import PaneSize


def render_view(
    frame: NDArray[Any],
    instance: Instance,
    look: Presentation,
    pane: PaneSize,
    *,
    background: int = 0,
    fallback: tuple[float, float] | None = None,
    index: int = 0,
    display: DisplayProfile | None = None,
    colours: ColourTable | None = None,
) -> NDArray[np.uint8]:
    """Finished 8-bit device pixels of one frame: raw values resampled first, then one table.

    The arguments are those of ``RenderRequest``.
    """
    request = RenderRequest(
        frame,
        instance,
        look,
        pane,
        index,
        background,
        fallback,
        bits=8,
        display=display,
        colours=colours,
    )
    return np.asarray(request.compose(request.sample()), dtype=np.uint8)
