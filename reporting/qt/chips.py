"""A measurement in the text: one inline object that names it and shows its newest label."""

import json
from collections.abc import Iterator, Mapping

from PySide6.QtCore import QMimeData, QPointF, QRect, QRectF, QSizeF
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPalette,
    QPyTextObject,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtWidgets import QWidget

from reporting.model.chips import Chip, split_chips, words
from reporting.model.finding import Finding
from reporting.model.visible import visible
from viewer.model.measurement import MeasurementId

CHIP_TYPE = int(QTextFormat.ObjectTypes.UserObject) + 1
MIME = "application/x-lightbox-report-text"
_PROPERTY = int(QTextFormat.Property.UserProperty) + 1
_OBJECT = "\ufffc"
_PARAGRAPHS = str.maketrans({"\u2029": "\n", "\u2028": "\n", "\u00a0": " "})
_SIDE = 5.0
_ROUND = 4.0
_TINT = 90


class ChipObject(QPyTextObject):
    """Draws the chips of one editor; ``known`` gives each its label."""

    def __init__(self, known: Mapping[MeasurementId, Finding], editor: QWidget) -> None:
        """Draw from ``known``, which its owner keeps up to date, in the editor's colours."""
        super().__init__(editor)
        self._known = known
        self._editor = editor

    def known(self) -> Mapping[MeasurementId, Finding]:
        """Findings that chips may name."""
        return self._known

    def label(self, measurement: MeasurementId) -> str:
        """What a chip shows."""
        finding = self._known.get(measurement)
        token = Chip(measurement).token
        return token if finding is None else visible(finding.label, lines=False)

    def intrinsicSize(self, doc: QTextDocument, position: int, form: QTextFormat, /) -> QSizeF:
        """Size of one chip."""
        return self.size(doc.defaultFont(), form)

    def size(self, font: QFont, form: QTextFormat) -> QSizeF:
        """Size of a chip in this font."""
        metrics = QFontMetricsF(font)
        name = measurement_of(form)
        label = "" if name is None else self.label(name)
        return QSizeF(metrics.horizontalAdvance(label) + 2 * _SIDE, metrics.height())

    def drawObject(
        self,
        painter: QPainter,
        rect: QRectF | QRect,
        doc: QTextDocument,
        position: int,
        form: QTextFormat,
        /,
    ) -> None:
        """Paint one chip with the editor's own colours."""
        name = measurement_of(form)
        if name is None:
            return
        palette = self._editor.palette()
        edge = palette.color(QPalette.ColorRole.Highlight)
        fill = QColor(edge)
        fill.setAlpha(_TINT)
        metrics = QFontMetricsF(doc.defaultFont())
        box = QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(edge)
        painter.setBrush(fill)
        painter.drawRoundedRect(box, _ROUND, _ROUND)
        painter.setFont(doc.defaultFont())
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        base = QPointF(box.left() + _SIDE, QRectF(rect).top() + metrics.ascent())
        painter.drawText(base, self.label(name))
        painter.restore()


def measurement_of(form: QTextFormat) -> MeasurementId | None:
    """The measurement a character format names, if it is a chip's."""
    if form.objectType() != CHIP_TYPE:
        return None
    name = form.property(_PROPERTY)
    return MeasurementId(name) if isinstance(name, str) and name else None


def chip_before(cursor: QTextCursor) -> MeasurementId | None:
    """The chip that ends where the cursor stands."""
    document, position = cursor.document(), cursor.position()
    if position == 0 or document.characterAt(position - 1) != _OBJECT:
        return None
    place = QTextCursor(document)
    place.setPosition(position)
    return measurement_of(place.charFormat())


def insert_text(cursor: QTextCursor, text: str, known: Mapping[MeasurementId, Finding]) -> None:
    """Insert stored text: chips that are known as objects, all else as the words it is."""
    cursor.beginEditBlock()
    for part in split_chips(text):
        if isinstance(part, Chip) and part.measurement in known:
            insert_chip(cursor, part.measurement)
        else:
            plain = part if isinstance(part, str) else part.token
            cursor.insertText(visible(plain).replace(_OBJECT, "?"), QTextCharFormat())
    cursor.endEditBlock()


def insert_chip(cursor: QTextCursor, measurement: MeasurementId) -> None:
    """Insert one chip at the cursor."""
    form = QTextCharFormat()
    form.setObjectType(CHIP_TYPE)
    form.setProperty(_PROPERTY, str(measurement))
    form.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignBottom)
    cursor.insertText(_OBJECT, form)


def stored_text(cursor: QTextCursor) -> str:
    """The selected text as it is stored, each chip as its token."""
    return "".join(part if isinstance(part, str) else part.token for part in _parts(cursor))


def whole(document: QTextDocument) -> QTextCursor:
    """A cursor that selects the whole document."""
    cursor = QTextCursor(document)
    cursor.select(QTextCursor.SelectionType.Document)
    return cursor


def chip_places(document: QTextDocument) -> Iterator[tuple[int, MeasurementId]]:
    """Position and measurement of each chip."""
    position = 0
    for part in _parts(whole(document)):
        if isinstance(part, str):
            position += _units(part)
        else:
            yield position, part.measurement
            position += 1


def mime_of(cursor: QTextCursor, known: Mapping[MeasurementId, Finding]) -> QMimeData:
    """What a copy of the selection carries: our own form with its chips, and plain words."""
    text = stored_text(cursor)
    data = QMimeData()
    data.setText(words(text, known))
    data.setData(MIME, json.dumps(text).encode("utf-8"))
    return data


def pasted(data: QMimeData, known: Mapping[MeasurementId, Finding]) -> str:
    """What a paste means: our own form when every chip in it is known here, else plain words."""
    if data.hasFormat(MIME):
        try:
            text = json.loads(bytes(data.data(MIME).data()).decode("utf-8"))
        except ValueError:
            return data.text()
        chips = [part for part in split_chips(str(text)) if isinstance(part, Chip)]
        if isinstance(text, str) and all(chip.measurement in known for chip in chips):
            return text
    return data.text()


def _parts(cursor: QTextCursor) -> Iterator[str | Chip]:
    position = cursor.selectionStart()
    place = QTextCursor(cursor.document())
    pieces = cursor.selectedText().translate(_PARAGRAPHS).split(_OBJECT)
    for number, piece in enumerate(pieces):
        if number:
            position += 1
            place.setPosition(position)
            name = measurement_of(place.charFormat())
            yield "?" if name is None else Chip(name)
        if piece:
            yield piece
            position += _units(piece)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
