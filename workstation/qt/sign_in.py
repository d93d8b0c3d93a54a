"""The sign-in page: one button, what goes on, and what went wrong."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from workstation.qt.named_label import NamedLabel


class SignInPage(QWidget):
    """Asks to sign in through the browser; shows progress and refusals in sentences."""

    sign_in_asked = Signal()
    cancel_asked = Signal()

    def __init__(self, platform: str, parent: QWidget | None = None) -> None:
        """``platform`` is the host shown to the user; empty when none is configured."""
        super().__init__(parent)
        self._busy = False
        title = QLabel(self.tr("Lightbox"))
        title.setObjectName("title")
        about = QLabel(self.tr("Reading workstation"))
        about.setObjectName("subtle")
        where = QLabel(platform or self.tr("No platform is set up"))
        where.setTextFormat(Qt.TextFormat.PlainText)
        where.setObjectName("subtle")
        self._message = NamedLabel(self.tr("Sign-in message"))
        self._message.setWordWrap(True)
        self._message.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._message.setFixedWidth(560)
        self._message.setMinimumHeight(64)
        self._button = QPushButton(self.tr("Sign in"))
        self._button.setObjectName("primary")
        self._button.setFixedWidth(220)
        self._button.setDefault(True)
        self._button.setEnabled(bool(platform))
        self._button.clicked.connect(self._on_button_clicked)
        whole = QVBoxLayout(self)
        whole.addStretch(2)
        for widget in (title, about, where):
            whole.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        whole.addSpacing(18)
        whole.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        whole.addSpacing(10)
        whole.addWidget(self._message, 0, Qt.AlignmentFlag.AlignHCenter)
        whole.addStretch(3)
        if not platform:
            self.show_error(
                self.tr(
                    "Set platform.fhir in the settings file to the address of your platform, "
                    "or start “lightbox demo” to try the program on invented cases."
                )
            )

    def show_busy(self, words: str) -> None:
        """Say what is going on; the button cancels it."""
        self._busy = True
        self._button.setText(self.tr("Cancel"))
        self._tell(words, "subtle")

    def show_error(self, sentence: str) -> None:
        """Say what went wrong; the button tries again."""
        self._busy = False
        self._button.setText(self.tr("Sign in"))
        self._tell(sentence, "errorText")

    def show_ready(self, words: str = "") -> None:
        """Wait for the user."""
        self._busy = False
        self._button.setText(self.tr("Sign in"))
        self._tell(words, "subtle")

    def message(self) -> str:
        """What is shown under the button."""
        return self._message.text()

    def _tell(self, words: str, name: str) -> None:
        self._message.setObjectName(name)
        self._message.style().unpolish(self._message)
        self._message.style().polish(self._message)
        self._message.setText(words)

    def _on_button_clicked(self) -> None:
        (self.cancel_asked if self._busy else self.sign_in_asked).emit()
