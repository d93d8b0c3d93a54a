"""Saves what the active pane shows as a presentation state."""

import re
import uuid
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path

from PySide6.QtWidgets import QWidget

from viewer.errors import UnsupportedSopClass, ViewerError
from viewer.hanging.images import CaseImages
from viewer.loading.executor import Executor
from viewer.loading.frames import FrameCache
from viewer.model.annotation import Annotation
from viewer.model.presentation_state import GraphicAnnotation, ImageReference, PresentationState
from viewer.model.refs import InstanceRef, SeriesUid, SopUid
from viewer.model.shutter import Shutter
from viewer.qt.desk import Desk
from viewer.qt.measuring_desk import MeasuringDesk
from viewer.qt.saving import Saving
from viewer.qt.state_menu import StateChoice
from viewer.render.graphics import laid_over
from viewer.viewport.shown_state import Naming, refuse_unsaid, state_of_pane
from viewer.viewport.state_drawing import drawn_annotation
from viewer.viewport.viewport import Viewport

_LABEL = "AS_SHOWN"
_LONGEST_LABEL = 16


class StateDesk(Desk):
    """Turns the active pane into a file that another program shows alike."""

    def __init__(
        self,
        subject: Callable[[], tuple[Viewport, CaseImages | None]],
        measuring: MeasuringDesk,
        choice: StateChoice,
        author: str,
        now: Callable[[], datetime],
        cache: FrameCache,
        executor: Executor,
        parent: QWidget,
    ) -> None:
        """Ask ``subject`` what is shown; what was saved can be chosen in ``choice``."""
        super().__init__(parent)
        self._subject, self._measuring, self._choice = subject, measuring, choice
        self._author, self._now, self._cache = author, now, cache
        self._saving = Saving(
            self.tr("Save presentation state"),
            self.tr("DICOM presentation state (*.dcm)"),
            "dcm",
            executor,
            parent,
        )
        self._saving.notice.connect(self.notice)

    def acts(self) -> dict[str, Callable[[], None]]:
        """What the command does, by its id."""
        return {"view.state_save": self.ask}

    def ask(self) -> None:
        """Ask for a file, unless no state can say what is shown."""
        viewport = self._subject()[0]
        try:
            if viewport.drawn is None:
                raise UnsupportedSopClass(self.tr("There is no image here."))
            refuse_unsaid(viewport.state, viewport.drawn)
        except ViewerError as error:
            self.notice.emit(error.sentence)
        else:
            self._saving.ask(self.tr("as shown.dcm"), self.write)

    def write(self, path: Path) -> None:
        """Save the state under the name of the file; it can be chosen at once."""
        try:
            state = self.state(path.stem)
        except ViewerError as error:
            self.notice.emit(error.sentence)
            return
        images, cache = self._subject()[1], self._cache
        if images is None:
            return

        def make() -> tuple[bytes]:
            # loads highdicom, which nobody waits for at the start
            from viewer.formats.presentation_state_file import presentation_state_file

            source = BytesIO(cache.bytes_of(state.references[0].sop))
            return (presentation_state_file(state, images.instances, source),)

        def said() -> str:
            now = self._subject()[1]
            if now is not None and state.references[0].sop in now.instances:  # else another case
                self._choice.offer(state)
            return self._said(state)

        self._saving.write(path, make, said)

    def state(self, name: str) -> PresentationState:
        """What the active pane shows; raises UnsupportedSopClass for what no state can say."""
        viewport, images = self._subject()
        frame = viewport.state.frame
        if images is None or frame is None:
            raise UnsupportedSopClass(self.tr("There is no image here."))
        made = self._now()
        label = re.sub("[^A-Z0-9_ ]", "_", name.upper())[:_LONGEST_LABEL].strip() or _LABEL
        ref = InstanceRef(frame.study, SeriesUid(_uid()), SopUid(_uid()))
        naming = Naming(ref, label, name, self._author, made.strftime("%Y%m%d%H%M%S"))
        return state_of_pane(viewport, self._shutter(viewport), self._drawn(viewport), naming)

    def _shutter(self, viewport: Viewport) -> Shutter | None:
        frame, drawn = viewport.state.frame, viewport.drawn
        read = self._cache.overlays.get(frame, drawn) if frame and drawn else None
        if drawn is None or read is None:
            raise UnsupportedSopClass(self.tr("The image is not drawn yet."))
        return laid_over(drawn, (*read.bitmaps, *viewport.added_overlays()))[0]

    def _drawn(self, viewport: Viewport) -> list[GraphicAnnotation]:
        target = viewport.state.target
        frames = frozenset(target.frames if target else ())
        held = [one for one in self._measuring.ledger.all() if one.on in frames and _on_image(one)]
        place = viewport.transform()
        right = place.matrix()[:2] if place is not None else (1.0, 0.0)
        return [made for one in held if (made := self._graphic(one, right)) is not None]

    def _graphic(self, held: Annotation, right: tuple[float, float]) -> GraphicAnnotation | None:
        ground = self._measuring.ground(held.on)
        if ground is None:
            return None
        frames = (held.on.frame,) if ground.instance.frames > 1 else ()
        return drawn_annotation(
            held,
            ground.metric(held.on.frame, held.pixels),
            self._measuring.readings.read,
            (ImageReference(held.on.sop, frames),),
            right=right,
        )

    def _said(self, state: PresentationState) -> str:
        target = self._subject()[0].state.target
        frames = target.frames if target else ()
        held = sum(state.applies_to(frame) for frame in frames)
        words = self.tr("presentation state of {0} images.").format(held)
        if held == 1:
            words = self.tr("presentation state of 1 image.")
        if 0 < held < len(frames):
            words += self.tr(" {0} others of the series look otherwise and are left out.").format(
                len(frames) - held
            )
        return words


def _on_image(held: Annotation) -> bool:
    """Whether it is drawn on an image: what lies in space has no place in a state."""
    return not held.in_space and not held.hidden


def _uid() -> str:
    return f"2.25.{uuid.uuid4().int}"
