"""A pane with images of our own, written as presentation state, read and drawn again."""

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.kit.report_images import headers
from tests.kit.reporting import STUDY
from tests.kit.viewer import frame_of, projection_instance, series_of, sets_of, study_of
from viewer.formats.presentation_state_file import presentation_state_file
from viewer.loading.presentation_state import read_presentation_state
from viewer.model.display_set import DisplaySet
from viewer.model.overlay_plane import OverlayBitmap
from viewer.model.presentation import Presentation
from viewer.model.presentation_state import GraphicAnnotation, PresentationState
from viewer.model.refs import InstanceRef, SeriesUid, SopUid, StudyUid
from viewer.model.study import Instance
from viewer.render.compositor import RenderRequest
from viewer.render.graphics import laid_over
from viewer.viewport.shown_state import Naming, state_of_pane
from viewer.viewport.transform import PaneSize
from viewer.viewport.viewport import Viewport

PANE = PaneSize(301, 260)
NAMING = Naming(
    InstanceRef(StudyUid(STUDY), SeriesUid("2.25.5"), SopUid("2.25.6")),
    "AS_SHOWN",
    "As it was shown",
    "Ito^K",
    "20261125141516",
)


def image(n: int = 0, **changes: Any) -> Instance:
    """A radiograph of the study of which ``headers()`` is."""
    ref = InstanceRef(StudyUid(STUDY), SeriesUid(f"{STUDY}.3"), SopUid(f"{STUDY}.3.{n + 1}"))
    return projection_instance("PA", n, **{"ref": ref, **changes})


def pixels_of(instance: Instance) -> NDArray[np.int16]:
    """A ramp with noise, of every value from -2000 to 6000."""
    assert instance.format is not None
    shape = instance.format.rows, instance.format.columns
    ramp = np.linspace(-2000, 6000, shape[0] * shape[1]).reshape(shape)
    noise = np.random.default_rng(instance.number or 0).integers(-300, 300, shape)
    return (ramp + noise).astype(np.int16)


def pane(
    instances: Sequence[Instance],
    look: Presentation | None = None,
    *,
    size: PaneSize = PANE,
    screen_mm: float | None = 0.21,
) -> Viewport:
    """A pane that shows a series."""
    viewport = Viewport()
    viewport.resize(size)
    viewport.know_screen(screen_mm)
    viewport.show(target_of(instances), {i.ref.sop: i for i in instances}, look)
    return viewport


def target_of(instances: Sequence[Instance]) -> DisplaySet:
    """The display set of a series."""
    study = study_of(series_of(instances), uid=STUDY)
    (target,) = sets_of(study)[study.series[0].uid]
    return replace(target, frames=tuple(frame_of(i, n) for i in instances for n in range(i.frames)))


def picture(
    viewport: Viewport,
    frame: NDArray[Any] | None = None,
    bitmaps: Sequence[OverlayBitmap] = (),
) -> NDArray[Any]:
    """What stands in the pane."""
    drawn, state = viewport.drawn, viewport.state
    assert drawn is not None
    assert state.frame is not None
    shown = frame if frame is not None else pixels_of(drawn)
    held = [b for b in bitmaps if b.plane in drawn.overlays]
    shutter, overlays = laid_over(drawn, (*held, *viewport.added_overlays()))
    request = RenderRequest(
        shown,
        drawn,
        state.look,
        state.pane,
        state.frame.frame,
        fallback=state.fallback,
        shutter=shutter,
        overlays=overlays,
    )
    return np.asarray(request.compose(request.sample()))


def state_of(
    viewport: Viewport,
    own: Sequence[GraphicAnnotation] = (),
    bitmaps: Sequence[OverlayBitmap] = (),
    naming: Naming = NAMING,
) -> PresentationState:
    """What the pane shows, as a state."""
    drawn = viewport.drawn
    assert drawn is not None
    shutter, _ = laid_over(drawn, [*bitmaps, *viewport.added_overlays()])
    return state_of_pane(viewport, shutter, own, naming)


def written(state: PresentationState, instances: Sequence[Instance]) -> bytes:
    """The state as a file."""
    held = {i.ref.sop: i for i in instances}
    return presentation_state_file(state, held, io.BytesIO(headers()))


def read_again(data: bytes) -> PresentationState:
    """The state of a file."""
    return read_presentation_state(io.BytesIO(data), name="again")


def looks() -> dict[str, Callable[[Viewport], object]]:
    """What a reader does to a pane, by name."""
    from viewer.model.presentation import VoiFunction, VoiLut, Window
    from viewer.viewport.transform import PanePoint

    def moved(v: Viewport) -> None:
        v.zoom_at(PanePoint(33.0, 71.0), 3.7)
        v.pan(-17.0, 5.0)

    def turned(turns: int, *, flip: bool) -> Callable[[Viewport], None]:
        def act(v: Viewport) -> None:
            v.turn(turns)
            if flip:
                v.flip()
            moved(v)

        return act

    entries = tuple(int(4095 * (n / 999) ** 0.6) for n in range(1000))
    return {
        "as it came": lambda v: None,
        "window by hand": lambda v: v.set_window(1033.6180339887, 1701.1415926535),
        "sigmoid": lambda v: v.set_voi(Window(900.5, 1200.25, "", VoiFunction.SIGMOID)),
        "narrow": lambda v: v.set_voi(Window(40.0, 0.25, "", VoiFunction.LINEAR_EXACT)),
        "table": lambda v: v.set_voi(VoiLut(200, entries, 12, "curve")),
        "minimum to maximum": lambda v: (v.extend_range(-2211, 6120), v.set_voi(None)),
        "inverted": lambda v: v.invert(),
        "one to one": lambda v: v.one_to_one(),
        "enlarged and moved": moved,
        "far out": lambda v: v.zoom_at(PanePoint(3.0, 4.0), 0.17),
        **{
            f"turned by {turns}{' and flipped' if flip else ''}": turned(turns, flip=flip)
            for turns in range(4)
            for flip in (False, True)
        },
    }
