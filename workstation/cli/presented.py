"""An image of the command line as a presentation state says that it looks (F21)."""

from dataclasses import replace
from pathlib import Path

from viewer.errors import ViewerError
from viewer.loading.presentation_state import read_presentation_state
from viewer.model.presentation import Presentation
from viewer.model.presentation_state import PresentationState
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


def _read(file: Path) -> PresentationState:
    try:
        with file.open("rb") as data:
            return read_presentation_state(data, name=str(file))
    except OSError as error:
        raise UserFacingError(f"{file} cannot be read: {error.strerror}.") from error
    except ViewerError as error:
        raise UserFacingError(f"{file}: {error.sentence}") from error
