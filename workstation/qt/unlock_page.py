"""The page that asks for the passphrase of the store, or for a new one at the first start."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from workstation.qt.named_label import NamedLabel

_WIDTH = 420
_WIDE = 560


class UnlockPage(QWidget):
    """Shows what goes on and what went wrong; what was typed leaves it once, and is cleared."""

    unlock_asked = Signal(str, bool)
    """Passphrase, and whether the key store is to open it from now on."""
    create_asked = Signal(str, bool)
    other_reader_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Begin busy: whether a passphrase is needed is not known yet."""
        super().__init__(parent)
        self._new = False
        title = QLabel(self.tr("Lightbox"))
        title.setObjectName("title")
        self._about = QLabel()
        self._about.setObjectName("subtle")
        self._about.setTextFormat(Qt.TextFormat.PlainText)
        self._about.setWordWrap(True)
        self._about.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._about.setFixedWidth(_WIDE)
        self._first = self._field(self.tr("Store passphrase"))
        self._second = self._field(self.tr("Repeat passphrase"))
        self._by_itself = QCheckBox(self.tr("Let the key store open it"))
        self._by_itself.setFixedWidth(_WIDTH)
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setTextVisible(False)
        self._busy.setFixedSize(_WIDTH, 4)
        self._busy.setAccessibleName(self.tr("Store progress"))
        self._button = QPushButton(self.tr("Unlock"))
        self._button.setObjectName("primary")
        self._button.setFixedWidth(220)
        self._button.setDefault(True)
        self._button.clicked.connect(self._on_button_clicked)
        self._other = QPushButton(self.tr("Sign in as another reader"))
        self._other.setFlat(True)
        self._other.clicked.connect(self.other_reader_asked)
        self._message = NamedLabel(self.tr("Store message"))
        self._message.setWordWrap(True)
        self._message.setTextFormat(Qt.TextFormat.PlainText)
        self._message.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._message.setFixedWidth(_WIDE)
        self._message.setMinimumHeight(64)
        whole = QVBoxLayout(self)
        whole.addStretch(2)
        for label in (title, self._about):
            whole.addWidget(label, 0, Qt.AlignmentFlag.AlignHCenter)
        whole.addSpacing(12)
        for widget in (self._first, self._second, self._by_itself, self._button, self._busy):
            whole.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        whole.addSpacing(10)
        whole.addWidget(self._message, 0, Qt.AlignmentFlag.AlignHCenter)
        whole.addWidget(self._other, 0, Qt.AlignmentFlag.AlignHCenter)
        whole.addStretch(3)
        self.show_session("")
        self.show_busy(self.tr("Opening the store of this computer …"))

    def show_busy(self, words: str) -> None:
        """Say what is going on; nothing can be typed."""
        for widget in self._asking():
            widget.hide()
        self._busy.show()
        self._say(words)
        self._tell("")

    def ask_new(self, key_store: str, why_none: str) -> None:
        """Ask for the passphrase of a new store. ``why_none``: why no key store is offered."""
        self._new = True
        self._say(
            self.tr(
                "Everything that Lightbox keeps on this computer is encrypted. Choose the "
                "passphrase that opens it: ten characters or more. Nobody can restore it; "
                "without it, what was not sent is lost."
            )
        )
        self._button.setText(self.tr("Set passphrase"))
        self._ask(key_store, ticked=bool(key_store))
        self._second.show()
        if why_none:
            self._tell(self.tr("Asked at every start: no key store of this computer is used."))
            self._message.setToolTip(why_none)

    def ask(self, key_store: str, *, by_itself: bool, why: str = "") -> None:
        """Ask for the passphrase; ``why``: what went wrong before."""
        self._new = False
        locked = self.tr("The store of this computer is locked.")
        of = self.tr("The session of {0} goes on after that.").format(self._reader)
        self._say(f"{locked} {of}" if self._reader else locked)
        self._button.setText(self.tr("Unlock"))
        self._ask(key_store, ticked=by_itself)
        self._second.hide()
        if why:
            self.show_error(why)

    def show_session(self, reader: str) -> None:
        """Say whose session waits behind the lock; empty: nobody's."""
        self._reader = reader
        self._other.setVisible(bool(reader))

    def show_error(self, sentence: str) -> None:
        """Say what went wrong; the fields are empty again."""
        self._tell(sentence, "errorText")
        self._first.setFocus()

    def show_refusal(self, sentence: str) -> None:
        """Say why the store cannot be opened at all."""
        for widget in (*self._asking(), self._busy):
            widget.hide()
        self._say(self.tr("The store of this computer cannot be opened."))
        self._tell(sentence, "errorText")

    def hold_back(self, *, held: bool) -> None:
        """Take no passphrase for now: too many were wrong."""
        self._button.setEnabled(not held)
        self._first.setEnabled(not held)
        if not held:
            self._first.setFocus()

    def message(self) -> str:
        """What is shown under the button."""
        return self._message.text()

    def _ask(self, key_store: str, *, ticked: bool) -> None:
        for widget in self._asking():
            widget.show()
        self._busy.hide()
        self._by_itself.setText(self.tr("Let {0} open it from the next start on").format(key_store))
        self._by_itself.setVisible(bool(key_store))
        self._by_itself.setChecked(ticked and bool(key_store))
        self._tell("")
        self._clear()
        self._first.setFocus()

    def _asking(self) -> tuple[QWidget, ...]:
        return self._first, self._second, self._by_itself, self._button

    def _field(self, name: str) -> QLineEdit:
        field = QLineEdit()
        field.setEchoMode(QLineEdit.EchoMode.Password)
        field.setAccessibleName(name)
        field.setPlaceholderText(name)
        field.setFixedWidth(_WIDTH)
        field.returnPressed.connect(self._on_button_clicked)
        return field

    def _clear(self) -> None:
        self._first.clear()
        self._second.clear()

    def _say(self, words: str) -> None:
        self._about.setText(words)
        self._about.setMinimumHeight(0)
        self._about.setMinimumHeight(self._about.heightForWidth(_WIDE))

    def _tell(self, words: str, name: str = "subtle") -> None:
        self._message.setObjectName(name)
        self._message.style().unpolish(self._message)
        self._message.style().polish(self._message)
        self._message.setText(words)
        self._message.setToolTip("")

    def _on_button_clicked(self) -> None:
        first, second = self._first.text(), self._second.text()
        if not first or not self._button.isEnabled():
            return
        by_itself = self._by_itself.isVisible() and self._by_itself.isChecked()
        if self._new and first != second:
            self._clear()
            self.show_error(self.tr("The two passphrases differ; type them again."))
            return
        self._clear()
        (self.create_asked if self._new else self.unlock_asked).emit(first, by_itself)
