"""The sections of one report, one editor each, in one page that scrolls."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from reporting.model.finding import Finding
from reporting.model.report import Section, SectionId
from reporting.qt.editor import SectionEditor
from reporting.qt.identity_line import label_of
from viewer.model.measurement import MeasurementId


class SectionEditors(QWidget):
    """Shows sections; gives their texts back as they are stored."""

    edited = Signal()
    left = Signal()
    jump_asked = Signal(str)
    cursor_moved = Signal(object)
    """The editor whose cursor moved."""

    def __init__(
        self, known: Mapping[MeasurementId, Finding], parent: QWidget | None = None
    ) -> None:
        """Show none yet; ``known`` are the findings that chips may name."""
        super().__init__(parent)
        self._known = known
        self._editors: dict[SectionId, SectionEditor] = {}
        self._titles: tuple[tuple[SectionId, str], ...] = ()
        self._last = SectionId.FINDINGS
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(4)

    def load(self, sections: Sequence[Section]) -> None:
        """Show these from the start: a draft was opened."""
        self._build(sections)
        for section in sections:
            self._editors[section.id].load(section.text)

    def replace(self, sections: Sequence[Section]) -> None:
        """Show these instead; can be undone where the sections stay the same."""
        if self._titles != tuple((section.id, section.title) for section in sections):
            self.load(sections)
            return
        for section in sections:
            if self._editors[section.id].text() != section.text:
                self._editors[section.id].set_text(section.text)

    def clear(self) -> None:
        """Show none."""
        self._build(())

    def texts(self) -> dict[SectionId, str]:
        """What the editors hold."""
        return {name: editor.text() for name, editor in self._editors.items()}

    def editor(self, section: SectionId) -> SectionEditor | None:
        """The editor of a section."""
        return self._editors.get(section)

    def target(self) -> SectionEditor | None:
        """Where something from the images goes: the editor written in last, first the findings."""
        return self._editors.get(self._last) or self._editors.get(SectionId.FINDINGS)

    def refresh_chips(self) -> None:
        """Labels changed."""
        for editor in self._editors.values():
            editor.refresh_chips()

    def set_read_only(self, on: bool) -> None:
        """Let the reader write or only read."""
        for editor in self._editors.values():
            editor.setReadOnly(on)

    def _build(self, sections: Sequence[Section]) -> None:
        while (entry := self._rows.takeAt(0)) is not None:
            old = entry.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        self._editors = {}
        self._last = SectionId.FINDINGS
        self._titles = tuple((section.id, section.title) for section in sections)
        for section in sections:
            editor = self._new_editor(section)
            self._rows.addWidget(label_of(editor, section.title, name="heading"))
            self._rows.addWidget(editor)

    def _new_editor(self, section: Section) -> SectionEditor:
        editor = SectionEditor(self._known, self)
        editor.setAccessibleName(f"Report {section.id.value}")
        editor.edited.connect(lambda: self._on_editor_edited(section.id))
        editor.left.connect(self.left)
        editor.jump_asked.connect(self.jump_asked)
        editor.cursorPositionChanged.connect(lambda: self._on_cursor_moved(section.id))
        self._editors[section.id] = editor
        return editor

    def _on_editor_edited(self, section: SectionId) -> None:
        self._last = section
        self.edited.emit()

    def _on_cursor_moved(self, section: SectionId) -> None:
        editor = self._editors.get(section)
        if editor is not None and editor.hasFocus():
            self._last = section
            self.cursor_moved.emit(editor)
