"""From a draft to a signed report in the outbox: checks, one deliberate act, the result."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from reporting.errors import NotSignable, PassphraseRejected, ReportingError
from reporting.model.report import ReportDraft
from reporting.model.signed import SignedReport, SignerIdentity
from reporting.qt.sign_dialog import SignDialog
from reporting.signing.certificate import identity_of
from workstation.qt.application import sentence_for
from workstation.session.levels import Level
from workstation.session.reading import ReadingSession


class SigningFlow(QObject):
    """One signing at a time; the dialog stays open until the report is signed and stored."""

    signed = Signal(object)
    notice = Signal(object, str)

    def __init__(
        self, *, pkcs12: Path | None, certificate: Path | None, parent: QObject | None = None
    ) -> None:
        """Know where the signing identity is; None where none is set up."""
        super().__init__(parent)
        self._pkcs12 = pkcs12
        self._certificate = certificate
        self._dialog: SignDialog | None = None

    def begin(self, session: ReadingSession, draft: ReportDraft, parent: QWidget) -> None:
        """Show what is about to be signed, for whom and by whom."""
        if self._dialog is not None:
            self._dialog.raise_()
            return
        if self._pkcs12 is None:
            self.notice.emit(
                Level.ERROR,
                self.tr("No signing identity is set up: set signing.pkcs12 in the settings file."),
            )
            return
        try:
            issues = session.issues(draft, incomplete_accepted=False)
        except ReportingError as error:
            self.notice.emit(Level.ERROR, str(error))
            return
        dialog = SignDialog(session.context(), issues, self._identity(), parent)
        self._dialog = dialog
        dialog.sign_asked.connect(lambda: self._on_sign_asked(session, draft))
        dialog.finished.connect(self._on_finished)
        dialog.open()

    def _identity(self) -> SignerIdentity | None:
        if self._certificate is None:
            return None
        try:
            return identity_of(self._certificate)
        except ReportingError as error:
            self.notice.emit(Level.WARNING, str(error))
            return None

    def _on_sign_asked(self, session: ReadingSession, draft: ReportDraft) -> None:
        dialog, pkcs12 = self._dialog, self._pkcs12
        if dialog is None or pkcs12 is None:
            return
        dialog.set_busy(True)
        session.sign(
            draft,
            pkcs12=pkcs12,
            passphrase=dialog.passphrase(),
            incomplete_accepted=dialog.incomplete_accepted(),
            done=self._done,
            failed=self._failed,
        )

    def _done(self, report: SignedReport) -> None:
        if self._dialog is not None:
            self._dialog.accept()
        self.signed.emit(report)

    def _failed(self, error: Exception) -> None:
        dialog = self._dialog
        if dialog is None:
            self.notice.emit(Level.ERROR, sentence_for(error))
            return
        dialog.set_busy(False)
        if isinstance(error, PassphraseRejected):
            dialog.show_error(self.tr("The passphrase does not open the signing identity."))
        elif isinstance(error, NotSignable):
            dialog.show_error(str(error))
        else:
            dialog.show_error(sentence_for(error))

    def _on_finished(self) -> None:
        if self._dialog is not None:
            self._dialog.deleteLater()
        self._dialog = None
