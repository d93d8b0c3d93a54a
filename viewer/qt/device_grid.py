"""Which device pixels of its window a widget covers wholly: pictures lie on these, one to one."""

import math
from typing import NamedTuple

from PySide6.QtCore import QPoint, QRect, QRectF
from PySide6.QtWidgets import QWidget

_SAME = 1e-6


class DeviceGrid(NamedTuple):
    """Device pixels of the window, and where the first lies in the widget."""

    ratio: float
    """Device pixels to a logical one."""
    rect: QRect
    inset_x: float
    """Device pixels from the widget's own edge."""
    inset_y: float

    @property
    def logical(self) -> QRectF:
        """The same in the widget's coordinates."""
        ratio, rect = self.ratio, self.rect
        x, y = self.inset_x / ratio, self.inset_y / ratio
        return QRectF(x, y, rect.width() / ratio, rect.height() / ratio)


def device_grid(widget: QWidget) -> DeviceGrid:
    """Find them as the widget lies now."""
    ratio = widget.devicePixelRatioF()
    origin = widget.mapTo(widget.window(), QPoint(0, 0))
    x, y = origin.x() * ratio, origin.y() * ratio
    left, top = math.ceil(x - _SAME), math.ceil(y - _SAME)
    right = math.floor((origin.x() + widget.width()) * ratio + _SAME)
    bottom = math.floor((origin.y() + widget.height()) * ratio + _SAME)
    rect = QRect(left, top, max(right - left, 1), max(bottom - top, 1))
    return DeviceGrid(ratio, rect, left - x, top - y)
