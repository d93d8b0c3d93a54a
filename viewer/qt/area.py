"""Where a pane lies in its widget: device pixels become logical ones."""

from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF

from viewer.qt.stamps import Stamps
from viewer.viewport.transform import PanePoint


@dataclass(frozen=True, slots=True)
class Area:
    """The pane in logical pixels and how device pixels become logical ones."""

    rect: QRectF
    ratio: float
    stamps: Stamps = field(default_factory=Stamps, repr=False, compare=False)
    """What the pane has drawn before and keeps."""

    @property
    def grid(self) -> tuple[float, float, float]:
        """Where whole device pixels begin, and how many there are to a logical one."""
        return self.rect.x(), self.rect.y(), self.ratio

    @property
    def room(self) -> tuple[float, float, float, float]:
        """Left, top, width and height in logical pixels."""
        return self.rect.x(), self.rect.y(), self.rect.width(), self.rect.height()

    def point(self, p: PanePoint) -> QPointF:
        """A place of the pane in the widget's coordinates."""
        return QPointF(self.rect.x() + p.x / self.ratio, self.rect.y() + p.y / self.ratio)
