"""Pages of encapsulated PDF, drawn in a process apart (reliability R29)."""

import math
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.errors import HeaderError, UndecodableFrame
from viewer.loading import page_worker
from viewer.loading.guard import MIB
from viewer.loading.process import Deaths, Serve, WorkerDied, WorkerProcess
from viewer.model.document import PageDocument
from viewer.model.refs import SopUid

MOST_PIXELS = 16_000_000
_DEATHS_TOLERATED = 2
_DEATHS = Deaths(
    unstarted="The process that draws PDF pages did not start.",
    hung="The PDF took more than {seconds} s and was given up.",
    crashed="The PDF crashed the process that draws it.",
    closed="The process that draws PDF pages was closed.",
)


@dataclass(frozen=True, slots=True)
class Pdf:
    """A PDF that could be opened; ``sizes`` in points, of the pages that are shown."""

    sop: SopUid
    document: PageDocument = field(repr=False)
    pages: int
    """How many the PDF has; more than there are ``sizes`` where there is a limit."""
    sizes: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A page as RGBX, uint8 (height, width, 4), and its words, hidden characters made visible."""

    pixels: NDArray[Any]
    text: str


class PdfProcess:
    """Opens one PDF at a time and draws its pages; safe to call from several threads, one waits."""

    def __init__(
        self,
        *,
        seconds: float = 10.0,
        memory_limit: int = 2048 * MIB,
        serve: Serve = page_worker.serve,
    ) -> None:
        """Start nothing yet: the process comes with the first PDF."""
        self._worker = WorkerProcess(
            serve,
            seconds=seconds,
            memory_limit=memory_limit,
            name="lightbox-pages",
            deaths=_DEATHS,
        )
        self._lock = threading.Lock()
        self._held: tuple[PageDocument, int] | None = None
        self._deaths: Counter[SopUid] = Counter()

    def open(self, document: PageDocument, sop: SopUid) -> Pdf:
        """Look at a PDF, blocking; HeaderError says why it cannot be shown."""
        with self._lock:
            opened = self._opened(document, sop)
        return Pdf(sop, document, opened.pages, opened.sizes)

    def draw(self, pdf: Pdf, page: int, width: int) -> DrawnPage:
        """Draw a page, counted from 0, about ``width`` pixels wide, blocking.

        Fewer where the page would have more than MOST_PIXELS. UndecodableFrame says why not.
        """
        wide, high = pdf.sizes[page]
        scale = min(max(width, 1) / wide, math.sqrt(MOST_PIXELS / (wide * high)))
        size = 4 * (math.ceil(wide * scale) + 1) * (math.ceil(high * scale) + 1)
        with self._lock:
            if not self._is_held(pdf.document):
                self._opened(pdf.document, pdf.sop)
            slot = self._worker.slot(size)
            answer = self._ask(page_worker.DrawPage(page, scale, slot.name), pdf.sop)
            assert isinstance(answer, page_worker.Drawn)  # noqa: S101  nothing else is sent
            if answer.problem:
                raise UndecodableFrame(answer.problem, where=pdf.sop)
            shape = (answer.height, answer.width, 4)
            if math.prod(shape) > size:
                raise UndecodableFrame("The page came larger than it was asked for.", where=pdf.sop)
            return DrawnPage(np.ndarray(shape, np.uint8, slot.buf).copy(), answer.text)

    def close(self) -> None:
        """End the process; what is waited for fails."""
        self._worker.kill()
        with self._lock:
            self._held = None
            self._worker.release()

    def _is_held(self, document: PageDocument) -> bool:
        held = self._held
        return held is not None and held[0] is document and held[1] == self._worker.starts

    def _opened(self, document: PageDocument, sop: SopUid) -> page_worker.Opened:
        self._held = None
        answer = self._ask(page_worker.OpenPdf(document.data), sop)
        assert isinstance(answer, page_worker.Opened)  # noqa: S101  nothing else is sent
        if answer.problem:
            raise HeaderError(answer.problem, where=sop)
        self._held = (document, self._worker.starts)
        return answer

    def _ask(self, request: object, sop: SopUid) -> object:
        if self._deaths[sop] >= _DEATHS_TOLERATED:
            raise UndecodableFrame(
                "This PDF made its process fail twice and is not tried again.", where=sop
            )
        try:
            return self._worker.ask(request)
        except WorkerDied as death:
            self._held = None
            self._deaths[sop] += 1
            raise UndecodableFrame(death.sentence, where=sop) from death
