"""The dialogs of measuring, one at a time; none of them blocks the images."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QWidget

from viewer.errors import GeometryError
from viewer.measure.kinds import KINDS
from viewer.model.annotation import Annotation, AnnotationKind
from viewer.model.geometry import PointLps
from viewer.qt.in_front import open_in_front
from viewer.qt.numbers_dialog import NumbersDialog
from viewer.qt.range_dialog import RangeDialog
from viewer.qt.words_dialog import WordsDialog
from viewer.viewport.annotate import make_annotation, metric_on
from viewer.viewport.by_numbers import Place, pixel_places
from viewer.viewport.drawing import Hand
from viewer.viewport.plane_shapes import stored, why_no_shape
from viewer.viewport.reformat import PlaneViewport
from viewer.viewport.space_view import in_space, why_not_here
from viewer.viewport.viewport import Viewport


class Asking(QObject):
    """Asks for places and words."""

    def __init__(self, viewport: Callable[[], Viewport], hand: Hand, parent: QWidget) -> None:
        """Ask about the viewport that ``viewport`` gives; new annotations bear the hand's name."""
        super().__init__(parent)
        self._viewport = viewport
        self._hand = hand
        self._parent = parent
        self._dialog: QDialog | None = None

    def close_dialog(self) -> None:
        """End what is being asked."""
        if self._dialog is not None:
            self._dialog.reject()

    def numbers(self, kind: AnnotationKind, take: Callable[[Annotation], str]) -> bool:
        """Ask for the points of a kind; False where there is no image.

        ``take`` gets the annotation and gives an empty string, or why it is refused.
        """
        viewport = self._viewport()
        instance, record = viewport.instance, KINDS[kind]
        if instance is None or instance.format is None:
            return False
        transform = viewport.transform()
        size = (instance.format.columns, instance.format.rows)
        if isinstance(viewport, PlaneViewport) and transform is not None:
            size = (transform.columns, transform.rows)
        count = 2 if record.by_two else None if record.open_ended else record.points

        def place(places: Sequence[Place]) -> str:
            try:
                made = self._made(kind, places)
            except GeometryError as error:
                return error.sentence
            return take(made)

        self._show(NumbersDialog(record.title, count, size, viewport.plane, place, self._parent))
        return True

    def words(
        self, annotation: Annotation, take: Callable[[str, float | None], None],
        given_up: Callable[[], None],
    ) -> None:  # fmt: skip
        """Ask what an annotation says; ``given_up`` follows where nothing is said."""
        record = KINDS[annotation.kind]
        dialog = WordsDialog(
            record.title,
            take,
            text=annotation.text,
            known=annotation.known,
            asks_length=annotation.kind is AnnotationKind.CALIBRATION,
            parent=self._parent,
        )
        dialog.rejected.connect(given_up)
        self._show(dialog)

    def range(self, span: tuple[float, float], take: Callable[[float, float], None]) -> None:
        """Ask between which values a volume grows."""
        self._show(RangeDialog(span, take, self._parent))

    def _made(self, kind: AnnotationKind, places: Sequence[Place]) -> Annotation:
        viewport, record = self._viewport(), KINDS[kind]
        frame, plane = viewport.state.frame, viewport.plane
        if record.space is not None:
            return self._made_in_space(kind, places)
        if isinstance(viewport, PlaneViewport):
            _refuse_on_plane(viewport)
        pixels = pixel_places(viewport, places)
        if frame is None:
            raise GeometryError("There is no image to measure on.")
        pixels = record.placed(pixels, metric_on(viewport, frame, pixels).shape)
        made = make_annotation(viewport, kind, pixels, self._hand.author, self._hand.now)
        if made is None:
            raise GeometryError("There is no image to measure on.")
        if isinstance(viewport, PlaneViewport) and plane is not None:
            return stored(made, None, viewport)
        return made

    def _made_in_space(self, kind: AnnotationKind, places: Sequence[Place]) -> Annotation:
        viewport, how = self._viewport(), KINDS[kind].space
        refused, plane = why_not_here(viewport), viewport.plane
        if refused or plane is None or how is None:
            raise GeometryError(refused or "There is no image to measure on.")
        points = tuple(p if isinstance(p, PointLps) else plane.to_lps(p) for p in places)
        if len(points) == 2 and how.begin is not None:
            points = how.begin(points[0], points[1], plane)
        how.measure(points)  # says why it is none
        if isinstance(viewport, PlaneViewport) and not viewport.reformat.holds(points[0]):
            raise GeometryError("The first place lies outside the images.")
        made = in_space(viewport, kind, points, self._hand.author, self._hand.now)
        if made is None:
            raise GeometryError("There is no image to measure on.")
        return made

    def _show(self, dialog: QDialog) -> None:
        self.close_dialog()
        self._dialog = dialog
        dialog.finished.connect(self._on_dialog_finished)
        open_in_front(dialog, self._parent)

    def _on_dialog_finished(self) -> None:
        self._dialog = None


def _refuse_on_plane(viewport: PlaneViewport) -> None:
    """Raise GeometryError where a shape on the shown plane would not be true."""
    refused = why_no_shape(viewport)
    if viewport.plane is None:
        refused = "This picture lies on no plane of the patient: draw the length on it by hand."
    if refused is not None:
        raise GeometryError(refused)
