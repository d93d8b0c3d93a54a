"""The few colours of the viewer's chrome and overlay: neutral greys and one accent."""

from PySide6.QtGui import QColor

ACCENT = QColor("#4aa3df")
IMAGE_BACKGROUND = QColor("#000000")
PANE_BORDER = QColor("#3a3a3a")
TEXT = QColor("#d2d2d2")
SUBTLE = QColor("#9a9a9a")
PAGE_GROUND = QColor("#161616")
IDENTITY = QColor("#f2f2f2")
WARNING = QColor("#ffc04d")
ALARM = QColor("#a8201a")
CAUTION = QColor("#5a4a12")
CAUTION_TEXT = QColor("#ffe9a8")
DRAWN = QColor("#f4e06a")
FOREIGN = QColor("#d9a6ff")
"""Measurements of another source; dashed too, so that colour does not tell alone."""
REFERENCE = QColor("#7ee0c2")
GAP = QColor("#202020")
HALO = QColor(0, 0, 0, 210)
LABEL_BACKGROUND = QColor(0, 0, 0, 170)
MESSAGE = QColor("#e0e0e0")
PLANE_AXIAL = QColor("#ff8a80")
PLANE_CORONAL = QColor("#7ddc8a")
PLANE_SAGITTAL = QColor("#82b1ff")
ICON = "#c8c8c8"
ICON_ACTIVE = "#ffffff"
ICON_DISABLED = "#6a6a6a"
