"""Turning digital subtraction on and off in a viewport, and moving the mask."""

from dataclasses import replace

from viewer.model.presentation import MaskLook, Window
from viewer.model.refs import FrameRef
from viewer.model.study import Instance
from viewer.viewport.viewport import Viewport


def subtract(viewport: Viewport, mask: FrameRef) -> bool:
    """Subtract a frame of the shown set; False where that has no meaning.

    The window keeps its width; while subtracting its middle is no difference at all.
    """
    window, instance, other = viewport.window(), viewport.instance, viewport.instance_of(mask)
    if instance is None or other is None or window is None or not viewport.is_grey:
        return False
    if viewport.state.count < 2 or _size(instance) != _size(other):
        return False
    look = viewport.state.look
    before = look.mask.before if look.mask is not None else look.voi
    voi = Window(0.5, max(window.width, 1.0))
    viewport.look_like(replace(look, mask=MaskLook(mask, before=before), voi=voi))
    viewport.set_voi(voi)  # the next frame's own window is not for differences
    return True


def end_subtraction(viewport: Viewport) -> None:
    """Show the images themselves again, through the window of before."""
    mask = viewport.state.look.mask
    if mask is not None:
        viewport.look_like(replace(viewport.state.look, mask=None, voi=mask.before))
        viewport.set_voi(mask.before)


def shift_mask(viewport: Viewport, right: float, down: float) -> bool:
    """Move the mask by columns and rows; False while nothing is subtracted."""
    look = viewport.state.look
    if look.mask is None:
        return False
    moved = replace(look.mask, right=look.mask.right + right, down=look.mask.down + down)
    viewport.look_like(replace(look, mask=moved))
    return True


def _size(instance: Instance) -> tuple[int, int] | None:
    return (instance.format.rows, instance.format.columns) if instance.format else None
