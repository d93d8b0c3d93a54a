"""An image of the command line as a presentation state says that it looks (F21)."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.errors import ViewerError
from viewer.loading.presentation_state import read_presentation_state
from viewer.model.presentation import Presentation
from viewer.model.presentation_state import PresentationState
from viewer.model.shutter import WHITE_P, Shutter
from viewer.pixels.cielab import to_srgb
from viewer.pixels.luts import quantise
from viewer.pixels.shutter_mask import shutter_mask
from viewer.viewport.softcopy import drawn_of, governs, look_of
from workstation.cli.one_image import OneImage
from workstation.errors import UserFacingError


def presented(image: OneImage, file: Path | None) -> tuple[OneImage, Presentation]:
    """The image with its own windows replaced by the state's, and the look that the state gives.

    Without a state both are the image's own. UserFacingError where the state cannot be applied.
    """
    if file is None:
        return image, Presentation()
    state = _read(file)
    if not governs(state, image.ref, image.instance):
        raise UserFacingError(
            f"Presentation state {state.label} is not for frame {image.ref.frame} of image "
            f"{image.ref.sop}."
        )
    instance = drawn_of(state, image.ref, image.instance)
    return replace(image, instance=instance), look_of(state, image.ref, image.instance)


def shut(picture: NDArray[Any], shutter: Shutter | None, look: Presentation) -> NDArray[Any]:
    """The whole image, grey or RGB, with what a shutter hides in the shutter's own level (F19)."""
    if shutter is None:
        return picture
    rows, columns = picture.shape[:2]
    hidden = shutter_mask(shutter, rows, columns, aspect=look.aspect or 1.0)
    if picture.ndim == 3 and shutter.colour is not None:
        return np.where(hidden[..., None], np.array(to_srgb(shutter.colour), np.uint8), picture)
    level = quantise(shutter.p_value / WHITE_P, picture.dtype.itemsize * 8)
    return np.where(hidden[..., None] if picture.ndim == 3 else hidden, level, picture)


def _read(file: Path) -> PresentationState:
    try:
        with file.open("rb") as data:
            return read_presentation_state(data, name=str(file))
    except OSError as error:
        raise UserFacingError(f"{file} cannot be read: {error.strerror}.") from error
    except ViewerError as error:
        raise UserFacingError(f"{file}: {error.sentence}") from error
