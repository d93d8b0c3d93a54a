"""Key images that the reader marks: on and off, with title and note, listed, shown alone."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from viewer.hanging.images import CaseImages
from viewer.model.annotation import Provenance
from viewer.model.key_mark import KeyMark, KeyTitle
from viewer.model.key_objects import Purpose
from viewer.model.refs import FrameRef
from viewer.qt.desk import Desk
from viewer.qt.in_front import open_in_front
from viewer.qt.words_dialog import WordsDialog
from viewer.viewport.reformat import PlaneState
from viewer.viewport.viewport import Viewport

_MOST_LISTED = 60


class KeyDesk(Desk):
    """Holds the reader's key images of the open case."""

    marked = Signal(object)
    """Carries every KeyMark as a tuple, oldest first, after each change by the reader."""
    wanted = Signal(object)
    """Carries the FrameRef that shall be shown."""

    def __init__(
        self,
        subject: Callable[[], tuple[Viewport, CaseImages | None]],
        author: str,
        now: Callable[[], datetime],
        parent: QWidget,
    ) -> None:
        """Ask ``subject`` at each step what is shown."""
        super().__init__(parent)
        self._subject, self._author, self._now = subject, author, now
        self._parent = parent
        self._marks: dict[FrameRef, KeyMark] = {}
        self._dialog: WordsDialog | None = None

    @property
    def marks(self) -> tuple[KeyMark, ...]:
        """Every mark, oldest first."""
        return tuple(self._marks.values())

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        return {"key.mark": self.toggle, "key.list": self.pop_up, "key.only": self.only}

    def know(self, images: CaseImages | None, /) -> None:
        """Forget all marks when the case is closed, and what is asked about one of them."""
        if images is None:
            self._marks.clear()
            if self._dialog is not None:
                self._dialog.reject()

    def show_on(self, actions: Mapping[str, QAction], /) -> None:
        """Check whether the shown image is marked, and whether key images stand alone."""
        frame = self._frame()
        actions["key.mark"].setChecked(frame is not None and frame in self._marks)
        viewport, images = self._subject()
        actions["key.only"].setChecked(stands_alone(viewport, images))

    def restore(self, marks: Iterable[KeyMark]) -> None:
        """Take what was marked at an earlier opening; nothing is told of it."""
        self._marks = {mark.on: mark for mark in marks}

    def put_into(self, images: CaseImages) -> CaseImages:
        """The images of the case with the reader's marks."""
        return replace(images, keys=images.keys.with_own(self._marks))

    def toggle(self) -> None:
        """Mark the shown image, or take its mark away."""
        frame = self._frame()
        if frame is None:
            self.notice.emit(self.tr("There is no image here that could be a key image."))
        elif frame in self._marks:
            self._take(None, frame)
            self.informed.emit(self.tr("No key image any more."))
        else:
            self._take(KeyMark(frame, self._provenance()), frame)
            self.informed.emit(self.tr("Key image: {0}.").format(self._marks[frame].words))

    def entitle(self, title: KeyTitle) -> None:
        """Say why the shown image is a key image, which marks it."""
        frame = self._frame()
        if frame is not None:
            self._take(replace(self._mark_of(frame), title=title), frame)

    def annotate(self) -> None:
        """Ask for a note to the shown image, which marks it."""
        frame = self._frame()
        if frame is None:
            return
        if self._dialog is not None:
            self._dialog.reject()
        self._dialog = WordsDialog(
            self.tr("Note to the key image"),
            lambda text, _known: self._take(replace(self._mark_of(frame), note=text), frame),
            text=self._mark_of(frame).note,
            parent=self._parent,
        )
        self._dialog.finished.connect(self._on_dialog_finished)
        open_in_front(self._dialog, self._parent)

    def only(self) -> None:
        """Show the key images of the active pane's series alone, or the whole series again."""
        viewport, images = self._subject()
        target = viewport.state.target
        entry = images.entries.get(target.id) if images is not None and target else None
        if images is None or entry is None or self._frame() is None:
            self.notice.emit(self.tr("There is no series here."))
            return
        if stands_alone(viewport, images):
            viewport.grow(entry.target, images.instances)
        else:
            frames = images.keys.marked(entry.target, Purpose.KEY)
            if not frames:
                self.notice.emit(self.tr("This series has no key image."))
                return
            viewport.grow(replace(entry.target, frames=frames), images.instances)
        self.changed.emit()

    def pop_up(self) -> None:
        """Show the menu of key images where the images are."""
        menu = QMenu(self._parent)
        menu.aboutToHide.connect(menu.deleteLater)
        self.fill(menu)
        menu.popup(self._parent.mapToGlobal(self._parent.rect().center()))

    def fill(self, menu: QMenu) -> None:
        """Write a menu: title and note of the shown image, then every key image to go to."""
        menu.clear()
        frame, images = self._frame(), self._subject()[1]
        mark = self._marks.get(frame) if frame else None
        titles = menu.addMenu(self.tr("Mark this image as"))
        titles.setEnabled(frame is not None)
        group = QActionGroup(titles)
        for title in KeyTitle:
            action = titles.addAction(title.meaning)
            action.setCheckable(True)
            action.setChecked(mark is not None and mark.title is title)
            action.triggered.connect(lambda _checked=False, title=title: self.entitle(title))
            group.addAction(action)
        note = menu.addAction(self.tr("Note to this image …"))
        note.setEnabled(frame is not None)
        note.triggered.connect(lambda _checked=False: self.annotate())
        menu.addSeparator()
        listed = _listed(images)
        for one in listed[:_MOST_LISTED]:
            self._add(menu, one, images, shown=one == frame)
        if not listed:
            menu.addAction(self.tr("No image of this case is a key image")).setEnabled(False)
        elif len(listed) > _MOST_LISTED:
            more = self.tr("{0} more").format(len(listed) - _MOST_LISTED)
            menu.addAction(more).setEnabled(False)

    def _add(self, menu: QMenu, frame: FrameRef, images: CaseImages | None, *, shown: bool) -> None:
        if images is None:
            return
        words = f"{images.place(frame)} · {images.keys.words(frame, Purpose.KEY)}"
        action = menu.addAction(words.replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(shown)
        action.triggered.connect(lambda _checked=False: self.wanted.emit(frame))

    def _frame(self) -> FrameRef | None:
        """The shown frame, where it is an image of the case and no plane through several."""
        viewport, images = self._subject()
        state = viewport.state
        frame = None if isinstance(state, PlaneState) else state.frame
        instance = images.instances.get(frame.sop) if images is not None and frame else None
        return frame if instance is not None and instance.format is not None else None

    def _mark_of(self, frame: FrameRef) -> KeyMark:
        return self._marks.get(frame) or KeyMark(frame, self._provenance())

    def _provenance(self) -> Provenance:
        return Provenance(self._author, self._now())

    def _on_dialog_finished(self) -> None:
        self._dialog = None

    def _take(self, mark: KeyMark | None, frame: FrameRef) -> None:
        if mark is None:
            self._marks.pop(frame, None)
        else:
            self._marks[frame] = mark
        self.marked.emit(self.marks)


def stands_alone(viewport: Viewport, images: CaseImages | None) -> bool:
    """Whether a pane shows a part of its series only."""
    target = viewport.state.target
    entry = images.entries.get(target.id) if images is not None and target else None
    return entry is not None and target is not None and target.frames != entry.target.frames


def _listed(images: CaseImages | None) -> list[FrameRef]:
    """Every key image of the case in the order of the series panel, each once."""
    if images is None:
        return []
    found = (
        frame
        for entry in images.in_order()
        if images.has_pixels(entry)
        for frame in images.keys.marked(entry.target, Purpose.KEY)
    )
    return list(dict.fromkeys(found))
