"""Where a pane lies in its widget: device pixels become logical ones."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

from viewer.viewport.transform import PanePoint


@dataclass(frozen=True, slots=True)
class Area:
    """The pane in logical pixels and how device pixels become logical ones."""

    rect: QRectF
    ratio: float

    def point(self, p: PanePoint) -> QPointF:
        """A place of the pane in the widget's coordinates."""
        return QPointF(self.rect.x() + p.x / self.ratio, self.rect.y() + p.y / self.ratio)
