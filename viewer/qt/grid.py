"""One, two or four panes, and any one of them alone."""

from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QWidget

_COLUMNS = 2
GAP = 3


class PaneGrid(QWidget):
    """Lays out panes; the first ``count`` are on the screen, or the maximised one alone."""

    def __init__(self, panes: Sequence[QWidget], parent: QWidget | None = None) -> None:
        """Take four panes; one is shown at first."""
        super().__init__(parent)
        self._panes = tuple(panes)
        self._count = 1
        self._maximised: int | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)
        for n, pane in enumerate(self._panes):
            self._grid.addWidget(pane, n // _COLUMNS, n % _COLUMNS)
        self._apply()

    @property
    def count(self) -> int:
        """Panes of the layout."""
        return self._count

    @property
    def maximised(self) -> int | None:
        """Index of the pane that is shown alone."""
        return self._maximised

    def set_count(self, count: int) -> None:
        """Show one, two or four panes."""
        if not 1 <= count <= len(self._panes):
            raise ValueError(f"a layout of {count} panes does not exist")
        self._count = count
        self._maximised = None
        self._apply()

    def maximise(self, index: int | None) -> None:
        """Show one pane alone; None shows all of the layout again."""
        self._maximised = index
        self._apply()

    def _apply(self) -> None:
        for n, pane in enumerate(self._panes):
            alone = self._maximised is None or self._maximised == n
            pane.setVisible(n < self._count and alone)
        shown = [n for n, pane in enumerate(self._panes) if not pane.isHidden()]
        for row in range(2):
            self._grid.setRowStretch(row, int(any(n // _COLUMNS == row for n in shown)))
        for column in range(_COLUMNS):
            self._grid.setColumnStretch(column, int(any(n % _COLUMNS == column for n in shown)))
