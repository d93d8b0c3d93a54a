"""Documents by the object that holds them, read and drawn on demand, never on the GUI thread."""

from collections import OrderedDict
from collections.abc import Callable

from viewer.errors import HeaderError, ViewerError
from viewer.loading.documents import read_document
from viewer.loading.executor import Executor
from viewer.loading.pages import DrawnPage, Pdf, PdfProcess
from viewer.loading.source import InstanceSource
from viewer.loading.stored_measurements import read_measurements
from viewer.model.document import PageDocument, TextDocument
from viewer.model.imported import StoredReport
from viewer.model.refs import SopUid

Read = TextDocument | Pdf


class DocumentShelf:
    """Reads the documents of the open case; every method runs on the GUI thread.

    The last few are kept, so that one that was read already is there at once.
    """

    _KEPT = 6

    def __init__(self, source: InstanceSource, executor: Executor, pages: PdfProcess) -> None:
        """Read from ``source`` on ``executor``; the pages of PDF come out of ``pages``."""
        self._source = source
        self._executor = executor
        self._pages = pages
        self._kept: OrderedDict[SopUid, Read] = OrderedDict()
        self._case = 0

    def read(
        self, sop: SopUid, done: Callable[[Read], None], failed: Callable[[ViewerError], None]
    ) -> None:
        """Give one document, at once or later; ViewerError says why it cannot be had."""
        held = self._kept.get(sop)
        if held is not None:
            self._kept.move_to_end(sop)
            done(held)
            return
        case = self._case

        def keep(found: Read) -> None:
            if case != self._case:
                return
            self._kept[sop] = found
            if len(self._kept) > self._KEPT:
                self._kept.popitem(last=False)
            done(found)

        self._executor.run(lambda: self._read(sop), keep, self._to(case, sop, failed))

    def measurements(
        self,
        sop: SopUid,
        done: Callable[[StoredReport | None], None],
        failed: Callable[[ViewerError], None],
    ) -> None:
        """Give the measurement groups of a structured report later; None where it has none."""
        case = self._case

        def home(found: StoredReport | None) -> None:
            if case == self._case:
                done(found)

        def work() -> StoredReport | None:
            with self._source.open(sop) as data:
                return read_measurements(data, name=sop)

        self._executor.run(work, home, self._to(case, sop, failed))

    def draw(
        self,
        pdf: Pdf,
        page: int,
        width: int,
        done: Callable[[DrawnPage], None],
        failed: Callable[[ViewerError], None],
    ) -> None:
        """Draw a page, counted from 0, about ``width`` pixels wide."""
        case = self._case

        def home(drawn: DrawnPage) -> None:
            if case == self._case:
                done(drawn)

        self._executor.run(
            lambda: self._pages.draw(pdf, page, width), home, self._to(case, pdf.sop, failed)
        )

    def clear(self) -> None:
        """Forget everything: the case was closed; what is on its way goes nowhere."""
        self._case += 1
        self._kept.clear()

    def _read(self, sop: SopUid) -> Read:
        with self._source.open(sop) as data:
            found = read_document(data, name=sop)
        return self._pages.open(found, sop) if isinstance(found, PageDocument) else found

    def _to(
        self, case: int, sop: SopUid, failed: Callable[[ViewerError], None]
    ) -> Callable[[Exception], None]:
        def told(error: Exception) -> None:
            if case != self._case:
                return
            if not isinstance(error, ViewerError):
                words = f"The document cannot be read: {type(error).__name__}."
                error = HeaderError(words, where=sop)
            failed(error)

        return told
