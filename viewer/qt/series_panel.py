"""Thumbnails of the current study and its priors, from where series are taken into panes."""

from collections.abc import Iterable, Sequence

import qtawesome
from PySide6.QtCore import (
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QBrush, QFont, QFontInfo, QIcon, QImage, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from viewer.hanging.images import CaseImages, Hung
from viewer.hanging.key_images import KeyImages
from viewer.hanging.seen import seen_runs
from viewer.loading.colour_tables import PLAIN, Conversion
from viewer.loading.frames import FrameCache, Priority
from viewer.model.display_set import DisplaySetId, Kind
from viewer.model.key_objects import Purpose
from viewer.model.presentation import Presentation
from viewer.model.refs import FrameRef, StudyUid
from viewer.model.study import Instance, Study
from viewer.pixels.pipeline import default_voi
from viewer.qt import colours
from viewer.qt.image import as_image, mark_lossy
from viewer.qt.seen_bar import paint_seen
from viewer.qt.viewport_widget import DISPLAY_SET_MIME
from viewer.render.compositor import RenderRequest
from viewer.render.scheduler import RenderScheduler
from viewer.viewport.transform import PaneSize
from viewer.viewport.words import date_text

THUMBNAIL = 72
_ID = Qt.ItemDataRole.UserRole
_SEEN = Qt.ItemDataRole.UserRole + 1
"""Runs that were seen, and how many frames there are."""
_WIDTH = 9
"""In line heights: the thumbnail with its words under it, narrow, for the sake of the images."""
_EDGE = 4
_SMALLER = 0.85


class _Words(QStyledItemDelegate):
    """Puts the words under the thumbnail, in as many lines as they need."""

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex, /
    ) -> None:
        super().initStyleOption(option, index)
        option.decorationPosition = QStyleOptionViewItem.Position.Top
        option.displayAlignment = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        option.features |= QStyleOptionViewItem.ViewItemFeature.WrapText

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex, /
    ) -> QSize:
        self.initStyleOption(option, index)
        panel = option.widget
        width = panel.viewport().width() if isinstance(panel, QTreeWidget) else THUMBNAIL
        room = QRect(0, 0, width - 2 * _EDGE, 0)
        words = option.fontMetrics.boundingRect(room, Qt.TextFlag.TextWordWrap, option.text)
        picture = THUMBNAIL + _EDGE if not option.icon.isNull() else 0
        return QSize(width, words.height() + picture + 2 * _EDGE)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
        /,
    ) -> None:
        super().paint(painter, option, index)
        told = index.data(_SEEN)
        if told and told[1]:
            paint_seen(painter, option.rect.adjusted(_EDGE, 0, -_EDGE, -1), *told)


class SeriesPanel(QTreeWidget):
    """Display sets grouped by study; the thumbnails come out of the same pipeline as the panes."""

    chosen = Signal(str)
    """Id of the display set that shall go into the active pane."""
    unread_asked = Signal()
    """The entry of what cannot be shown was activated."""

    def __init__(
        self, cache: FrameCache, scheduler: RenderScheduler, parent: QWidget | None = None
    ) -> None:
        """Start empty."""
        super().__init__(parent)
        self._cache = cache
        self._scheduler = scheduler
        self._images: CaseImages | None = None
        self._items: dict[DisplaySetId, QTreeWidgetItem] = {}
        self._drawn: dict[DisplaySetId, FrameRef] = {}
        self._waiting: dict[FrameRef, DisplaySetId] = {}
        self._heads: dict[StudyUid, tuple[QTreeWidgetItem, str]] = {}
        self.seen: set[FrameRef] = set()
        """Every frame that stood fully drawn in a pane, now or at an earlier opening."""
        self.setHeaderHidden(True)
        font = self.font()
        font.setPixelSize(max(11, round(QFontInfo(font).pixelSize() * _SMALLER)))
        self.setFont(font)
        self.setIndentation(0)
        self.setWordWrap(True)
        self.setItemDelegate(_Words(self))
        self.setRootIsDecorated(False)
        self.setIconSize(QSize(THUMBNAIL, THUMBNAIL))
        self.setUniformRowHeights(False)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Series"))
        self.setObjectName("series.panel")
        self.setMinimumWidth(THUMBNAIL + 24)
        self.itemActivated.connect(self._on_item_activated)
        cache.arrived.connect(self._on_cache_arrived)
        cache.colours.arrived.connect(self._on_colours_arrived)

    def sizeHint(self) -> QSize:
        """Narrow; the reader can widen it."""
        return QSize(_WIDTH * self.fontMetrics().height(), super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        """Words wrap anew."""
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()

    def close_panel(self) -> None:
        """Listen no longer and ask for nothing more."""
        self._cache.arrived.disconnect(self._on_cache_arrived)
        self._cache.colours.arrived.disconnect(self._on_colours_arrived)
        self.empty()

    def empty(self) -> None:
        """Show nothing."""
        for wanted in self._items:
            self._forget(wanted)
        self._images = None
        self._items.clear()
        self._drawn.clear()
        self._waiting.clear()
        self._heads.clear()
        self.seen.clear()
        self.clear()

    def fill(self, images: CaseImages) -> None:
        """Show what there is now; thumbnails and seen marks of what stays are kept."""
        if self._images is not None and _rows(self._images) == _rows(images):
            self._images = images
            for wanted in self._items:
                self._write(wanted)
            for study in (images.current, *images.priors):
                self._write_head(study)
            return
        icons = {wanted: item.icon(0) for wanted, item in self._items.items()}
        for wanted in set(self._items) - set(images.entries):
            self._forget(wanted)
        self._images = images
        self._heads.clear()
        self._items.clear()
        self.clear()
        self._add_study(images, images.current, self.tr("Current"))
        for study in images.priors:
            self._add_study(images, study, self.tr("Prior"))
        for wanted, icon in icons.items():
            if wanted in self._items:
                self._items[wanted].setIcon(0, icon)
        self._ask()

    def mark_shown(self, shown: Sequence[DisplaySetId]) -> None:
        """Set in bold what hangs in a pane."""
        for wanted, item in self._items.items():
            font = QFont(self.font())
            font.setBold(wanted in shown)
            item.setFont(0, font)

    def mark_seen(self, frame: FrameRef) -> None:
        """Count a frame that stood fully drawn in a pane."""
        entry = self._images.holding(frame) if self._images else None
        if entry is not None and frame not in self.seen:
            self.seen.add(frame)
            self._write(entry.target.id)
            self._write_head(entry.study)

    def restore_seen(self, frames: Iterable[FrameRef]) -> None:
        """Count what was seen at earlier openings too."""
        self.seen |= set(frames)
        if self._images is not None:
            self.fill(self._images)

    def mimeData(self, items: Sequence[QTreeWidgetItem]) -> QMimeData:
        """Carry the id of the dragged display set."""
        data = QMimeData()
        ids = [item.data(0, _ID) for item in items if item.data(0, _ID)]
        if ids:
            data.setData(DISPLAY_SET_MIME, str(ids[0]).encode())
        return data

    def _add_study(self, images: CaseImages, study: Study, title: str) -> None:
        words = "\n".join(
            part for part in (title, date_text(study.date), study.description) if part
        )
        head = QTreeWidgetItem([words])
        head.setFlags(Qt.ItemFlag.ItemIsEnabled)
        head.setForeground(
            0, QBrush(colours.IDENTITY if study is images.current else colours.WARNING)
        )
        self.addTopLevelItem(head)
        self._heads[study.uid] = (head, words)
        for entry in images.of_study(study):
            item = QTreeWidgetItem(head)
            item.setData(0, _ID, entry.target.id)
            item.setIcon(0, _icon_of(entry.target.kind))
            item.setSizeHint(0, QSize(0, THUMBNAIL + 8))
            self._items[entry.target.id] = item
            self._write(entry.target.id)
        self._write_head(study)
        self._add_unread(head, images.unread.get(study.uid, ()))
        head.setExpanded(True)

    def _add_unread(self, head: QTreeWidgetItem, reasons: Sequence[str]) -> None:
        """What arrived and cannot be read has its entry too, with every reason."""
        if not reasons:
            return
        count = len(reasons)
        title = self.tr("1 object") if count == 1 else self.tr("%1 objects")
        item = QTreeWidgetItem(head)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        item.setIcon(0, _icon_of(Kind.OTHER))
        item.setText(0, "\n".join([title.replace("%1", str(count)), self.tr("Cannot be read")]))
        item.setToolTip(0, "\n".join(dict.fromkeys(reasons)))

    def _write_head(self, study: Study) -> None:
        """How much of a study was seen stands with its title."""
        images, (head, words) = self._images, self._heads.get(study.uid, (None, ""))
        if images is None or head is None:
            return
        entries = [e for e in images.of_study(study) if e.target.must_be_seen]
        frames = {frame for entry in entries for frame in entry.target.frames}
        if frames:
            told = self.tr("%1 of %2 images seen").replace("%1", str(len(frames & self.seen)))
            words = f"{words}\n{told.replace('%2', str(len(frames)))}"
        head.setText(0, words)
        head.setToolTip(0, words)

    def _write(self, wanted: DisplaySetId) -> None:
        item = self._items.get(wanted)
        entry = self._images.entries.get(wanted) if self._images else None
        if item is None or entry is None:
            return
        lines = self._lines(entry)
        frames = entry.target.frames if entry.target.has_images else ()
        item.setData(0, _SEEN, (seen_runs(frames, self.seen), len(frames)))
        item.setText(0, "\n".join(lines))
        drawn = self._drawn.get(wanted)
        failure = self._cache.failure(drawn) if drawn is not None else None
        failed = [failure.sentence] if failure is not None else []
        item.setToolTip(0, "\n".join([*lines, *entry.target.warnings, *failed]))

    def _lines(self, entry: Hung) -> list[str]:
        number = "" if entry.series.number is None else f"{entry.series.number} · "
        title = number + (entry.target.label or entry.series.description or entry.series.modality)
        count = len(entry.target.frames)
        if entry.target.kind is Kind.DOCUMENT:
            return [title, *self._document_lines(entry)]
        if entry.target.kind is Kind.OTHER:
            return [title, *entry.target.warnings[:1]]
        images = self.tr("1 image") if count == 1 else self.tr("%1 images")
        second = f"{entry.series.modality} · {images.replace('%1', str(count))}"
        if entry.target.frame_rate is not None:
            second += self.tr(" · %1 a second").replace("%1", f"{entry.target.frame_rate:.3g}")
        seen = sum(frame in self.seen for frame in entry.target.frames)
        third = self.tr("all seen") if seen >= count > 0 else self.tr("%1 seen")
        lossy = self._images is not None and self._images.is_lossy(entry)
        mark = self.tr("LOSSY · ") if lossy else ""
        mark += self.tr("NOTE · ") if entry.target.warnings else ""
        return [title, second, mark + third.replace("%1", str(seen)), *self._key_lines(entry)]

    def _document_lines(self, entry: Hung) -> list[str]:
        """What kind of document, how many key images it names, whether it was read to its end."""
        frame = entry.target.frames[0]
        keys = self._images.keys.selections.get(frame.sop) if self._images else None
        read = frame in self.seen
        lines = [self.tr("Document") if keys is None else keys.title]
        if keys is not None and keys.purpose is not Purpose.LISTING:
            rejected = keys.purpose is Purpose.REJECTED
            count = len({(link.sop, link.frame) for link in keys.links})
            lines.append(self._counted(count, rejected=rejected))
        return [*lines, self.tr("read")] if read else lines

    def _key_lines(self, entry: Hung) -> list[str]:
        """How many images of a series are pointed out, how many rejected."""
        keys = self._images.keys if self._images else KeyImages()
        counts = [
            (len(keys.marked(entry.target, purpose)), purpose is Purpose.REJECTED)
            for purpose in (Purpose.KEY, Purpose.REJECTED)
        ]
        return [self._counted(count, rejected=rejected) for count, rejected in counts if count]

    def _counted(self, count: int, *, rejected: bool) -> str:
        if rejected:
            return self.tr("%1 REJECTED").replace("%1", str(count))
        words = self.tr("1 key image") if count == 1 else self.tr("%1 key images")
        return words.replace("%1", str(count))

    # -- thumbnails ------------------------------------------------------------------------------

    def _ask(self) -> None:
        images = self._images
        if images is None:
            return
        for wanted, entry in images.entries.items():
            if wanted in self._drawn or not images.has_pixels(entry):
                continue
            frame = entry.target.frames[len(entry.target.frames) // 2]
            self._drawn[wanted] = frame
            self._waiting[frame] = wanted
            if self._cache.get(frame) is not None or self._cache.failure(frame) is not None:
                self._on_cache_arrived(frame)
            else:
                owner = ("thumbnail", wanted)
                self._cache.want([frame], priority=Priority.THUMBNAIL, owner=owner)

    def _forget(self, wanted: DisplaySetId) -> None:
        self._cache.forget(("thumbnail", wanted))
        self._scheduler.cancel(("thumbnail", wanted))
        self._drawn.pop(wanted, None)

    def _on_cache_arrived(self, ref: FrameRef) -> None:
        instance = self._images.instances.get(ref.sop) if self._images else None
        pixels = self._cache.get(ref)
        colours = self._colours(instance) if ref in self._waiting and pixels is not None else PLAIN
        if colours is None:
            return  # drawn once its colours can be converted
        wanted = self._waiting.pop(ref, None)
        if wanted in self._items and self._cache.failure(ref) is not None:
            self._items[wanted].setIcon(0, _icon_of(Kind.OTHER))
            self._write(wanted)
        if wanted is None or pixels is None or instance is None:
            return
        instance = instance.at(ref.frame)
        side = round(THUMBNAIL * self.devicePixelRatioF())
        look = Presentation(voi=default_voi(instance))
        request = RenderRequest(
            pixels,
            instance,
            look,
            PaneSize(side, side),
            ref.frame,
            shutter=instance.shutter,
            colours=colours.table,
        )
        lossy = bool(instance.lossy)
        self._scheduler.request(
            ("thumbnail", wanted),
            request,
            lambda drawn: self._set_icon(wanted, as_image(drawn), lossy=lossy),
            lambda _error: None,
        )

    def _colours(self, instance: Instance | None) -> Conversion | None:
        """From the colours of an image to sRGB; None while that is made."""
        if instance is None or instance.format is None or instance.format.is_grey:
            return PLAIN
        return self._cache.colours.get(instance.colour_profile)

    def _on_colours_arrived(self) -> None:
        for ref in [ref for ref in self._waiting if self._cache.get(ref) is not None]:
            self._on_cache_arrived(ref)

    def _set_icon(self, wanted: DisplaySetId, image: QImage, *, lossy: bool) -> None:
        item = self._items.get(wanted)
        if item is not None:
            pixmap = QPixmap.fromImage(image)
            pixmap.setDevicePixelRatio(self.devicePixelRatioF())
            if lossy:
                mark_lossy(pixmap, self.tr("LOSSY"))
            item.setIcon(0, QIcon(pixmap))

    def _on_item_activated(self, item: QTreeWidgetItem) -> None:
        wanted = item.data(0, _ID)
        if wanted:
            self.chosen.emit(str(wanted))
        elif item.parent() is not None:
            self.unread_asked.emit()


def _rows(images: CaseImages) -> tuple[object, ...]:
    """What decides which rows the panel has."""
    return list(images.entries), dict(images.unread)


def _icon_of(kind: Kind) -> QIcon:
    if kind is Kind.DOCUMENT:
        return qtawesome.icon("mdi6.file-document-outline", color=colours.ICON)
    if kind is Kind.OTHER:
        return qtawesome.icon("mdi6.file-alert-outline", color=colours.ICON)
    pixmap = QPixmap(THUMBNAIL, THUMBNAIL)
    pixmap.fill(colours.IMAGE_BACKGROUND)
    return QIcon(pixmap)
