"""Puts a document over each pane that holds something to read, or says why it cannot be shown."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal

from viewer.errors import ViewerError
from viewer.hanging.images import CaseImages, Hung
from viewer.loading.document_shelf import DocumentShelf, Read
from viewer.loading.pages import Pdf
from viewer.model.display_set import Kind
from viewer.model.document import TextDocument
from viewer.model.refs import FrameRef, SopUid
from viewer.qt.desk import Desk
from viewer.qt.document_view import DocumentView
from viewer.qt.panes import Pane, Panes
from viewer.viewport.document_words import Head, head, paragraphs, target_of
from viewer.viewport.overlay import PaneIdentity
from viewer.viewport.viewport import ViewState
from viewer.viewport.words import date_text

_EDGE = 2
"""Pixels of the pane that stay visible around a document, where the pane shows its focus."""


@dataclass(slots=True)
class _Shown:
    """What stands over one pane."""

    view: DocumentView
    number: int
    """Which pane that is, counted from 0."""
    entry: Hung | None = None
    found: Read | None = None
    absent: frozenset[SopUid] = frozenset()
    """Images that the document names and that are not in the case, as far as it is here."""
    display: str = ""
    """Why nothing may be diagnosed on its screen, as its head says."""


class DocumentPanes(Desk):
    """Shows documents in the panes of a reading area."""

    seen = Signal(object)
    """The FrameRef of a document that was read to its end."""

    def __init__(
        self,
        panes: Panes,
        shelf: DocumentShelf,
        identity: Callable[[], PaneIdentity],
        display: Callable[[ViewState], str],
        go_to: Callable[[FrameRef], None],
        parent: QObject | None = None,
    ) -> None:
        """Follow the panes; ``go_to`` shows an image in the pane that has it or the active one.

        ``display`` says why nothing may be diagnosed on the screen of a pane.
        """
        super().__init__(parent)
        self._panes = panes
        self._shelf = shelf
        self._identity = identity
        self._go_to = go_to
        self._images: CaseImages | None = None
        self._display = display
        self._shown: dict[int, _Shown] = {}
        for pane in panes.all:
            self._watch(pane)
        panes.made.connect(self._watch)

    def know(self, images: CaseImages | None, /) -> None:
        """Take what is here of the case; links that lead to nothing yet may lead somewhere now."""
        self._images = images
        if images is None:
            self._shelf.clear()
        for number in list(self._shown):
            self._refresh(number)

    def mark_anew(self) -> None:
        """Other screens are not diagnostic now, or for other reasons."""
        for shown in self._shown.values():
            if shown.entry is not None and self._images is not None:
                shown.view.show_head(self._head(shown))

    def _watch(self, pane: Pane) -> None:
        number = self._panes.all.index(pane)
        pane.viewport.changed.connect(partial(self._on_viewport_changed, number))
        pane.widget.installEventFilter(self)

    def _on_viewport_changed(self, number: int, _state: object) -> None:
        self._refresh(number)

    def _refresh(self, number: int) -> None:
        """Show, keep or take away the document of one pane."""
        target = self._panes.all[number].viewport.state.target
        entry = None
        if target is not None and not target.has_images and self._images is not None:
            entry = self._images.entries.get(target.id)
        shown = self._shown.get(number)
        if entry is None:
            if shown is not None and shown.entry is not None:
                self._take_away(number, shown)
            return
        shown = shown or self._make(number)
        if shown.entry is not None and shown.entry.target.id == entry.target.id:
            self._keep(shown, entry)
        else:
            self._open(number, shown, entry)

    # -- one document ----------------------------------------------------------------------------

    def _open(self, number: int, shown: _Shown, entry: Hung) -> None:
        pane, view = self._panes.all[number], shown.view
        had_focus = pane.widget.hasFocus()
        shown.entry, shown.found, shown.absent = entry, None, frozenset()
        view.show_head(self._head(shown))
        if entry.target.kind is Kind.DOCUMENT:
            view.show_message(self.tr("The document is being read…"))
        else:
            view.show_message(self._why_not(entry))
        self._place(pane, view)
        view.show()
        view.raise_()
        self._take_keys(pane, view, had_focus=had_focus)
        if entry.target.kind is Kind.DOCUMENT:
            self._shelf.read(
                entry.target.frames[0].sop,
                partial(self._on_read, number, entry),
                partial(self._on_unread, number, entry),
            )

    def _on_read(self, number: int, entry: Hung, found: Read) -> None:
        shown = self._shown[number]
        if shown.entry is None or shown.entry.target.id != entry.target.id or not self._images:
            return
        pane = self._panes.all[number]
        had_focus = pane.widget.hasFocus()
        shown.found = found
        shown.view.show_head(self._head(shown))
        if isinstance(found, Pdf):
            shown.view.show_pages(found)
        else:
            shown.absent = _absent(found, self._images)
            shown.view.show_text(paragraphs(found, self._images))
        self._take_keys(pane, shown.view, had_focus=had_focus)

    def _on_unread(self, number: int, entry: Hung, error: ViewerError) -> None:
        shown = self._shown[number]
        if shown.entry is None or shown.entry.target.id != entry.target.id:
            return
        words = self.tr("This document cannot be shown.")
        lines = [words, error.sentence, *_facts(entry)]
        shown.view.show_message("\n\n".join([f"{lines[0]}\n{lines[1]}", "\n".join(lines[2:])]))

    def _keep(self, shown: _Shown, entry: Hung) -> None:
        """The same document, while more of the case has arrived."""
        if self._images is None:
            return
        if shown.entry is entry:
            if shown.display != self._display(self._panes.all[shown.number].viewport.state):
                shown.view.show_head(self._head(shown))
            return
        shown.entry = entry
        shown.view.show_head(self._head(shown))
        found = shown.found
        arrived = any(sop in self._images.instances for sop in shown.absent)
        if isinstance(found, TextDocument) and arrived:
            shown.absent = _absent(found, self._images)
            shown.view.show_text(paragraphs(found, self._images), keep_place=True)

    def _take_away(self, number: int, shown: _Shown) -> None:
        widget = self._panes.all[number].widget
        had_focus = widget.hasFocus()
        shown.entry = shown.found = None
        widget.setFocusProxy(None)  # type: ignore[arg-type]  # None takes the proxy away
        shown.view.hide()
        shown.view.forget()
        if had_focus:
            widget.setFocus(Qt.FocusReason.OtherFocusReason)

    def _head(self, shown: _Shown) -> Head:
        entry = shown.entry
        if entry is None or self._images is None:
            raise ValueError("there is no document in this pane")
        shown.display = self._display(self._panes.all[shown.number].viewport.state)
        return head(
            self._identity(),
            entry,
            shown.found,
            compared=bool(self._images.priors),
            kind=self._kind(entry, shown.found),
            display=shown.display,
        )

    def _kind(self, entry: Hung, found: Read | None) -> str:
        """What kind of thing it is, and its series."""
        kind = ""
        if isinstance(found, Pdf):
            kind = self.tr("Encapsulated PDF")
        elif isinstance(found, TextDocument):
            report = self.tr("Structured report")
            kind = self.tr("Key object selection") if found.is_key_objects else report
        number = entry.series.number
        series = "" if number is None else self.tr("Series %1").replace("%1", str(number))
        return " · ".join(filter(None, (kind, series, entry.series.description)))

    def _why_not(self, entry: Hung) -> str:
        reasons = entry.target.warnings or (self.tr("Nothing here can show this object."),)
        count = len(entry.target.frames)
        objects = self.tr("1 object") if count == 1 else self.tr("%1 objects")
        facts = [objects.replace("%1", str(count)), *_facts(entry)]
        return "\n\n".join(["\n".join(reasons), "\n".join(facts)])

    # -- panes -----------------------------------------------------------------------------------

    def _make(self, number: int) -> _Shown:
        pane = self._panes.all[number]
        view = DocumentView(self._shelf.draw, pane.widget)
        view.activated.connect(pane.widget.activated)
        view.maximise_requested.connect(pane.widget.maximise_requested)
        view.followed.connect(partial(self._on_followed, number))
        view.read.connect(partial(self._on_view_read, number))
        made = self._shown[number] = _Shown(view, number)
        return made

    def _take_keys(self, pane: Pane, view: DocumentView, *, had_focus: bool) -> None:
        pane.widget.setFocusProxy(view.body)
        if had_focus:
            view.body.setFocus(Qt.FocusReason.OtherFocusReason)

    def _place(self, pane: Pane, view: DocumentView) -> None:
        view.setGeometry(pane.widget.rect().adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE))

    def eventFilter(self, watched: QObject, event: QEvent, /) -> bool:
        """A document fills its pane, whatever size that takes."""
        if event.type() == QEvent.Type.Resize:
            for number, shown in self._shown.items():
                pane = self._panes.all[number]
                if pane.widget is watched:
                    self._place(pane, shown.view)
        return False

    def _on_view_read(self, number: int) -> None:
        entry = self._shown[number].entry
        if entry is not None and self._shown[number].found is not None:
            self.seen.emit(entry.target.frames[0])

    def _on_followed(self, number: int, frame: FrameRef) -> None:
        """Show the image beside the document, never in its place."""
        entry = self._images.holding(frame) if self._images else None
        if entry is None:
            self.notice.emit(self.tr("This image is not in this case."))
            return
        panes = self._panes
        if panes.grid.maximised is not None:
            panes.grid.maximise(None)
        targets = [pane.viewport.state.target for pane in panes.on_screen]
        if not any(target is not None and target.id == entry.target.id for target in targets):
            if len(panes.on_screen) == 1:
                panes.lay_out(2)
            panes.activate((number + 1) % len(panes.on_screen))
        self._go_to(frame)
        panes.active.widget.setFocus(Qt.FocusReason.OtherFocusReason)


def _absent(document: TextDocument, images: CaseImages) -> frozenset[SopUid]:
    return frozenset(link.sop for link in document.links if target_of(link, images) is None)


def _facts(entry: Hung) -> list[str]:
    """Series, modality and date of what cannot be shown."""
    number = "" if entry.series.number is None else f"Series {entry.series.number}"
    named = " · ".join(filter(None, (number, entry.series.modality, entry.series.description)))
    return [part for part in (named, date_text(entry.study.date)) if part]
