"""The line at the bottom: notices on the left; network, outbox and display state on the right."""

from collections import deque
from collections.abc import Collection

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QPushButton, QStatusBar, QWidget

from workstation.qt.named_label import NamedLabel
from workstation.session.levels import Level

_INFORMS_MS = 15_000
"""How long a notice stands that only informs; a warning stays."""


class StatusBar(QStatusBar):
    """Shows the newest notice until the next one, what only informs for a while.

    Earlier ones stay in its tool tip.
    """

    left_out_asked = Signal()
    notice_changed = Signal(str, str)
    """The notice now shown, empty for none, and its level."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start quiet."""
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._earlier: deque[str] = deque(maxlen=12)
        self.fading = QTimer(self, singleShot=True, interval=_INFORMS_MS)
        self.fading.timeout.connect(self._clear)
        self._notice = _label(self.tr("Notice"), "notice")
        self._notice.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._network = _label(self.tr("Network"), "subtle")
        self._outbox = _label(self.tr("Outbox"), "subtle")
        self._display = _label(self.tr("Display state"), "subtle")
        self._left_out = QPushButton()
        self._left_out.setObjectName("leftOut")
        self._left_out.setFlat(True)
        self._left_out.setAccessibleName(self.tr("Not shown"))
        self._left_out.setToolTip(self.tr("What is not shown, and why"))
        self._left_out.clicked.connect(self.left_out_asked)
        self._left_out.setMaximumHeight(self._notice.fontMetrics().height() + 2)  # as the words
        self._left_out.hide()
        self.addWidget(self._notice, 1)
        self.addPermanentWidget(self._left_out)
        for label in (self._network, self._outbox, self._display):
            self.addPermanentWidget(label)

    def tell(self, level: Level, text: str) -> None:
        """Show one notice."""
        self._earlier.append(text)
        self.fading.stop()
        if level is Level.INFO:
            self.fading.start()
        self._notice.setText(text)
        self._notice.setToolTip("\n".join(reversed(self._earlier)))
        self._notice.setProperty("level", level.value)
        self._notice.style().unpolish(self._notice)
        self._notice.style().polish(self._notice)
        self.notice_changed.emit(text, level.value)
        spoken = QAccessibleAnnouncementEvent(self._notice, text)
        if level is Level.ERROR:
            spoken.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
        QAccessible.updateAccessibility(spoken)

    def show_left_out(self, count: int) -> None:
        """Say how many files and images are not shown; nothing when there are none."""
        words = self.tr("{0} not shown").format(count)
        self._left_out.setText(words)
        self._left_out.setAccessibleDescription(words)
        self._left_out.setVisible(count > 0)

    def withdraw(self, texts: Collection[str]) -> None:
        """Show none of these any more: what they are about is no longer in front."""
        for text in texts:
            while text in self._earlier:
                self._earlier.remove(text)
        if self.notice_text in texts:
            self._clear()
        self._notice.setToolTip("\n".join(reversed(self._earlier)))

    def forget(self) -> None:
        """Show no notice, also no earlier one: they were told to the reader who has left."""
        self._earlier.clear()
        self._clear()
        self._notice.setToolTip("")

    def _clear(self) -> None:
        self.fading.stop()
        self._notice.setText("")
        self.notice_changed.emit("", "")

    def show_network(self, text: str) -> None:
        """Say whether the platform answers."""
        self._network.setText(text)

    def show_outbox(self, text: str) -> None:
        """Say what waits to be sent."""
        self._outbox.setText(text)

    def show_display(self, text: str, why: str) -> None:
        """Say whether this display is fit for diagnosis, and why."""
        self._display.setText(text)
        self._display.setToolTip(why)
        self._display.setAccessibleDescription(f"{text}. {why}")

    @property
    def notice_text(self) -> str:
        """The notice now shown."""
        return self._notice.text()


def _label(name: str, object_name: str) -> NamedLabel:
    label = NamedLabel(name)
    label.setObjectName(object_name)
    return label
