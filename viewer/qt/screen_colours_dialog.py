"""Asks for the file that describes the colours of a screen."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from viewer.calibration.screen_identity import screen_title


class ScreenColoursDialog(QDialog):
    """Says which profile a screen has, takes another file or none."""

    def __init__(
        self,
        screen: str,
        current: str,
        take: Callable[[str], None],
        parent: QWidget | None = None,
    ) -> None:
        """Ask for one screen; ``take`` gets the chosen file, or '' for none."""
        super().__init__(parent)
        self._take = take
        self.setWindowTitle(self.tr("Colours of this screen"))
        self.setAccessibleName(self.windowTitle())
        words = self.tr(
            "Colour images are converted to the colours of the screen that its ICC profile "
            "describes. Without one the screen is taken for sRGB. Grey images are not changed."
        )
        lines = (
            words,
            self.tr("Screen: {0}").format(screen_title(screen)),
            self.tr("Profile: {0}").format(current or self.tr("none (sRGB)")),
        )
        whole = QVBoxLayout(self)
        for line in lines:
            label = QLabel(line)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            whole.addWidget(label)
        self.choose = QPushButton(self.tr("Choose a file…"))
        self.none = QPushButton(self.tr("No profile (sRGB)"))
        self.none.setEnabled(bool(current))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.choose, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self.none, QDialogButtonBox.ButtonRole.ActionRole)
        self.choose.clicked.connect(self._on_choose_clicked)
        self.none.clicked.connect(lambda: self.take(""))
        buttons.rejected.connect(self.reject)
        whole.addWidget(buttons)

    def take(self, file: str) -> None:
        """Hand over a file, or '' for none, and close."""
        self._take(file)
        self.accept()

    def _on_choose_clicked(self) -> None:
        kinds = self.tr("ICC profiles (*.icc *.icm)")
        file, _ = QFileDialog.getOpenFileName(self, self.windowTitle(), "", kinds)
        if file:
            self.take(file)
