"""The report beside the images: words become revisions, clicks become signals."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QVBoxLayout, QWidget

from reporting.drafts import DraftEditor, Remeasure, RemoveFinding, SetSection, UseTemplate
from reporting.model.chips import by_measurement
from reporting.model.finding import Finding
from reporting.model.prior import PriorText
from reporting.model.report import ReportContext, ReportDraft, SectionId
from reporting.model.visible import visible
from reporting.qt.report_form import ReportForm
from reporting.rules.presign import PresignRules, check
from reporting.templates import Template, rank_templates
from viewer.model.measurement import MeasurementId

_AUTOSAVE_MS = 1000
"""At the latest this long after a keystroke the draft goes out to be saved (R9: 2 s)."""
_PREVIEW = "report.preview"


def _local_now() -> datetime:
    return datetime.now(UTC).astimezone()


class ReportPane(QWidget):
    """Edits the report of one case; all it says about the patient is from the report's context."""

    draft_changed = Signal(object)
    """A ReportDraft: a new revision, to be stored."""
    jump = Signal(object)
    """A FrameRef to show."""
    preview_requested = Signal()
    sign_requested = Signal()

    def __init__(
        self,
        *,
        rules: PresignRules = (),
        now: Callable[[], datetime] = _local_now,
        parent: QWidget | None = None,
    ) -> None:
        """Show no report yet; ``rules`` are checked while the reader writes."""
        super().__init__(parent)
        self._rules = rules
        self._now = now
        self._context: ReportContext | None = None
        self._editor: DraftEditor | None = None
        self._templates: tuple[Template, ...] = ()
        self._sent = 0
        self._saved_words = ""
        self._reason = ""
        self._known: dict[MeasurementId, Finding] = {}
        self._form = ReportForm(self._known)
        self._actions = self._make_actions()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_AUTOSAVE_MS)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self._form)
        self._connect()
        self.close_report()

    def open(
        self,
        context: ReportContext,
        draft: ReportDraft,
        prior_reports: Sequence[PriorText],
        templates: Sequence[Template],
    ) -> None:
        """Write on this draft; ValueError when it belongs to another case than the context."""
        if draft.case != context.case:
            raise ValueError("the draft belongs to another case")
        self.close_report()
        self._context = context
        self._editor = DraftEditor(draft, now=self._now, author=context.reader.display)
        self._sent = draft.revision
        self._saved_words = self.tr("Draft of {0:%Y-%m-%d %H:%M}").format(draft.edited_at)
        self._known.update(by_measurement(draft.findings))
        self._show_context(context)
        self._form.priors.show_reports(prior_reports)
        self._offer(templates, draft.template)
        self._form.sections.load(draft.sections)
        self._show_draft()
        self._show_state()

    def close_report(self) -> None:
        """Send out what is unsaved, then show nobody's report."""
        self.flush()
        self._context = None
        self._editor = None
        self._reason = ""
        self._saved_words = ""
        self._known.clear()
        form = self._form
        form.sections.clear()
        form.identity.show_context(None)
        form.priors.show_reports(())
        form.findings.show_findings(())
        form.checks.show_issues(())
        form.picker.clear()
        for label in (form.question, form.history, form.notice):
            label.clear()
        form.notice.hide()
        form.checks.hide()
        self._show_state()

    def set_context(self, context: ReportContext) -> None:
        """The same case with newer counts; ValueError when it is another case."""
        if self._context is None:
            return
        if context.case != self._context.case:
            raise ValueError("the context belongs to another case")
        self._context = context
        self._show_context(context)
        self._show_draft()

    def set_counts(self, context: ReportContext) -> None:
        """The same case, of which more was seen: only what the checks say is shown anew."""
        if self._context is not None and context.case == self._context.case:
            self._context = context
            self._show_checks()

    def draft(self) -> ReportDraft | None:
        """The newest revision, unsaved keystrokes included; None without a report."""
        self.flush()
        return None if self._editor is None else self._editor.draft

    def insert_measurement(self, finding: Finding) -> None:
        """Put a chip where the reader wrote last, else at the end of the findings."""
        editor = self._writable()
        target = self._form.sections.target()
        if editor is None or target is None:
            return
        self._known[finding.measurement.id] = finding
        editor.know(finding)
        self._form.sections.refresh_chips()
        target.insert_measurement(finding.measurement.id)
        self.flush()

    def remeasured(self, finding: Finding) -> None:
        """The measurement has a new value: every chip of it reads it from now on."""
        self.flush()
        editor = self._writable()
        if editor is None:
            return
        if finding.measurement.id in self._known:
            self._known[finding.measurement.id] = finding
            editor.apply(Remeasure(finding))
            self._form.sections.refresh_chips()
            self._send()

    def measurement_removed(self, measurement: MeasurementId) -> None:
        """The measurement is gone: its chips become the words that stood there, and we say so."""
        self.flush()
        editor = self._writable()
        finding = self._known.get(measurement)
        if editor is None or finding is None:
            return
        before = editor.draft
        after = editor.apply(RemoveFinding(measurement))
        del self._known[measurement]
        self._form.sections.load(after.sections)
        if after is not before:
            label = visible(finding.label, lines=False)
            words = self.tr("{0} stays in the text as words: its measurement is gone.")
            self._form.notice.setText(words.format(label))
            self._form.notice.show()
            self._send()

    def saved(self, revision: int, when: datetime) -> None:
        """A revision is safely stored."""
        if self._editor is not None and revision >= self._sent:
            self._saved_words = self.tr("Draft saved {0:%H:%M:%S}").format(when)
            self._show_saving()

    def not_saved(self) -> None:
        """The store refused the newest revision: say so until ``saved``."""
        if self._editor is not None:
            self._saved_words = self.tr("NOT SAVED")
            self._show_saving()

    def set_locked(self, reason: str) -> None:
        """Make the report read-only and say why; '' unlocks."""
        if reason:
            self.flush()
        self._reason = reason
        self._show_state()

    def actions(self) -> list[QAction]:
        """Commands of the report, for menus and the palette; their object names are their ids."""
        return list(self._actions)

    def flush(self) -> None:
        """Turn what was typed into a revision and send it out now."""
        self._timer.stop()
        editor = self._writable()
        if editor is not None:
            for section, text in self._form.sections.texts().items():
                editor.apply(SetSection(section, text))
            self._send()

    def _writable(self) -> DraftEditor | None:
        return None if self._reason else self._editor

    def _send(self) -> None:
        if self._editor is None:
            return
        draft = self._editor.draft
        if draft.revision != self._sent:
            self._sent = draft.revision
            self._saved_words = self.tr("Saving …")
            self._show_draft()
            self.draft_changed.emit(draft)
        self._show_saving()

    def _show_saving(self) -> None:
        pending = self._timer.isActive()
        self._form.state.setText(self.tr("Not saved yet") if pending else self._saved_words)

    def _show_draft(self) -> None:
        if self._editor is not None and self._context is not None:
            self._form.findings.show_findings(self._editor.draft.findings)
            self._show_checks()

    def _show_checks(self) -> None:
        if self._editor is not None and self._context is not None:
            issues = check(self._editor.draft, self._context, self._rules)
            self._form.checks.show_issues(issues)
            self._form.checks.setVisible(bool(self._rules))

    def _show_context(self, context: ReportContext) -> None:
        none = self.tr("none given")
        question, history = visible(context.order.question), visible(context.order.history)
        self._form.identity.show_context(context)
        self._form.question.setText(self.tr("Clinical question: {0}").format(question or none))
        self._form.history.setText(self.tr("History: {0}").format(history or none))

    def _show_state(self) -> None:
        there, free = self._editor is not None, self._writable() is not None
        form = self._form
        form.lock.setText(self._reason)
        form.lock.setVisible(bool(self._reason))
        form.sections.set_read_only(not free)
        form.picker.setEnabled(free)
        form.sign.setEnabled(free)
        form.preview.setEnabled(there)
        for action in self._actions:
            action.setEnabled(there if action.objectName() == _PREVIEW else free)
        self._show_saving()

    def _offer(self, templates: Sequence[Template], current: str) -> None:
        if self._context is None:
            return
        study = self._context.study
        ranked = rank_templates(templates, study.modality, study.body_part, study.description)
        self._templates = tuple(entry.template for entry in ranked)
        for template in self._templates:
            self._form.picker.addItem(visible(template.title, lines=False), template.id)
        self._form.picker.setCurrentIndex(self._form.picker.findData(current))

    def _connect(self) -> None:
        form = self._form
        self._timer.timeout.connect(self.flush)
        form.sections.edited.connect(self._on_sections_edited)
        form.sections.left.connect(self.flush)
        form.sections.jump_asked.connect(self._on_jump_asked)
        form.findings.jump_asked.connect(self._on_jump_asked)
        form.checks.section_asked.connect(self._on_section_asked)
        form.picker.activated.connect(self._on_picker_activated)
        form.preview.clicked.connect(self._on_preview_clicked)
        form.sign.clicked.connect(self._on_sign_clicked)

    def _make_actions(self) -> tuple[QAction, ...]:
        rows: tuple[tuple[str, str, str, Callable[[], None]], ...] = (
            ("report.findings", self.tr("Write findings"), "F7", self._on_findings_triggered),
            ("report.impression", self.tr("Write impression"), "F8", self._on_impression_triggered),
            (_PREVIEW, self.tr("Preview report"), "Ctrl+P", self._on_preview_clicked),
            ("report.sign", self.tr("Sign and send"), "Ctrl+Shift+Return", self._on_sign_clicked),
        )
        made: list[QAction] = []
        for name, title, keys, slot in rows:
            action = QAction(title, self)
            action.setObjectName(name)
            action.setShortcut(QKeySequence(keys))
            action.triggered.connect(slot)
            self.addAction(action)
            made.append(action)
        return tuple(made)

    def _on_sections_edited(self) -> None:
        if not self._timer.isActive() and self._writable() is not None:
            self._timer.start()
            self._show_saving()

    def _on_jump_asked(self, measurement: str) -> None:
        finding = self._known.get(MeasurementId(measurement))
        if finding is not None:
            self.jump.emit(finding.frames[0] if finding.frames else finding.measurement.on)

    def _on_section_asked(self, section: str) -> None:
        if section in set(SectionId):
            self._go_to(SectionId(section))

    def _on_findings_triggered(self) -> None:
        self._go_to(SectionId.FINDINGS)

    def _on_impression_triggered(self) -> None:
        self._go_to(SectionId.IMPRESSION)

    def _go_to(self, section: SectionId) -> None:
        editor = self._form.sections.editor(section)
        if editor is not None:
            editor.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_picker_activated(self, index: int) -> None:
        self.flush()
        editor, context = self._writable(), self._context
        if editor is None or context is None:
            return
        old = next((t for t in self._templates if t.id == editor.draft.template), None)
        draft = editor.apply(UseTemplate(self._templates[index], old, context))
        self._form.sections.replace(draft.sections)
        self._send()

    def _on_preview_clicked(self) -> None:
        self.flush()
        if self._editor is not None:
            self.preview_requested.emit()

    def _on_sign_clicked(self) -> None:
        self.flush()
        if self._writable() is not None:
            self.sign_requested.emit()
