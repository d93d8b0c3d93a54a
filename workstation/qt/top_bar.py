"""The line at the very top, beside the menus: demo mark, who is signed in."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QToolButton, QWidget

from reporting.model.report import Reader
from workstation.qt.named_label import NamedLabel


class TopBar(QFrame):
    """Shows the reader with a menu to sign out."""

    sign_out_asked = Signal()

    def __init__(self, *, demo: bool, parent: QWidget | None = None) -> None:
        """``demo`` shows that every case is invented."""
        super().__init__(parent)
        self.setObjectName("topBar")
        self._reader = QToolButton()
        self._reader.setAccessibleName(self.tr("Reader"))
        self._reader.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._reader.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        menu = QMenu(self._reader)
        sign_out = QAction(self.tr("Sign out"), menu)
        sign_out.triggered.connect(self.sign_out_asked)
        menu.addAction(sign_out)
        self._reader.setMenu(menu)
        self._reader.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 2, 12, 2)
        if demo:
            banner = NamedLabel(self.tr("Demo"), self.tr("Demo platform: not for diagnosis"))
            banner.setObjectName("banner")
            row.addWidget(banner)
        row.addStretch(1)
        row.addWidget(self._reader)

    def show_reader(self, reader: Reader | None) -> None:
        """Show who is signed in; None hides it."""
        self._reader.setVisible(reader is not None)
        if reader is not None:
            self._reader.setText(f"{reader.display}  ▾")
            self._reader.setToolTip(reader.organization)
            spoken = (reader.display, reader.organization)
            self._reader.setAccessibleDescription(", ".join(part for part in spoken if part))
