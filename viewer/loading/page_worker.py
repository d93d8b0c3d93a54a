"""The inside of the process that draws foreign PDF pages: no Qt, no network, no scripts, no forms.

PDFium is asked for pages and their words alone. Scripts and form actions have no engine here, files
within the PDF are never opened, and whatever else it does ends with this process.
"""

import math
import signal
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import numpy as np

from viewer.loading.charset import visible
from viewer.loading.fences import limit_time, put_up
from viewer.loading.worker import Ready

MOST_PAGES = 2000
MOST_TEXT = 50_000
REQUEST_SECONDS = 10.0
"""Processor time for one request."""
_LONGEST_SIDE = 20_000.0
_PAPER = (214, 214, 214, 255)
"""Paper that does not dazzle in a dark room."""
_A4 = (595.0, 842.0)
_ENCRYPTED = 4
"""FPDF_ERR_PASSWORD."""


@dataclass(frozen=True, slots=True)
class OpenPdf:
    """Hold this PDF in place of the one before."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Opened:
    """Empty ``problem``: it is held. ``sizes`` are those of the first pages, width and height."""

    problem: str = ""
    pages: int = 0
    sizes: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class DrawPage:
    """Draw a page of the held PDF, counted from 0, at a scale into the slot."""

    page: int
    scale: float
    slot: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """Empty ``problem``: the slot holds ``height`` rows of ``width`` pixels of four bytes, RGBX."""

    problem: str = ""
    width: int = 0
    height: int = 0
    text: str = ""


class Refused(Exception):
    """A sentence on why a PDF cannot be shown."""


def serve(pipe: Connection, memory_limit: int) -> None:
    """Answer requests until the pipe closes or None comes; whatever is raised becomes an answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    import pypdfium2  # type: ignore[import-untyped]  # noqa: F401  before the fences close files

    pipe.send(Ready(put_up(memory_limit)))
    held: Any = None
    try:
        while (request := pipe.recv()) is not None:
            limit_time(REQUEST_SECONDS)
            if isinstance(request, OpenPdf):
                held, answer = _open(request)
                pipe.send(answer)
            else:
                pipe.send(_draw(held, request))
    except (EOFError, ConnectionError):
        pass  # the parent is gone or is closing


def _open(request: OpenPdf) -> tuple[Any, Opened]:
    try:
        document = _document(request.data)
        count = len(document)
        sizes = tuple(_size(document, page) for page in range(min(count, MOST_PAGES)))
    except Refused as refusal:
        return None, Opened(str(refusal))
    except MemoryError:
        return None, Opened("Opening this PDF needs more memory than is allowed.")
    except Exception as error:  # noqa: BLE001  whatever a hostile file brings about is an answer
        return None, Opened(f"The PDF cannot be opened: {type(error).__name__}.")
    if not count:
        return None, Opened("The PDF has no pages.")
    return document, Opened("", count, sizes)


def _document(data: bytes) -> Any:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code == _ENCRYPTED:
            raise Refused("The PDF is encrypted and asks for a password.") from error
        raise Refused("The PDF is damaged and cannot be opened.") from error


def _size(document: Any, page: int) -> tuple[float, float]:
    """Points; those of a sheet of A4 for a page that has no usable size and so is not drawn."""
    width, height = document.get_page_size(page)
    return (width, height) if _is_usable(width, height) else _A4


def _is_usable(width: float, height: float) -> bool:
    return all(math.isfinite(side) and 0 < side <= _LONGEST_SIDE for side in (width, height))


def _draw(document: Any, request: DrawPage) -> Drawn:
    number = request.page + 1
    if document is None:
        return Drawn("The PDF is not open.")
    try:
        pixels, text = _page(document, request)
        slot = SharedMemory(request.slot)
        try:
            np.ndarray(pixels.shape, np.uint8, slot.buf)[...] = pixels
        finally:
            slot.close()
    except Refused as refusal:
        return Drawn(str(refusal))
    except MemoryError:
        return Drawn(f"Drawing page {number} needs more memory than is allowed.")
    except Exception as error:  # noqa: BLE001  whatever a hostile file brings about is an answer
        return Drawn(f"Page {number} cannot be drawn: {type(error).__name__}.")
    return Drawn("", pixels.shape[1], pixels.shape[0], text)


def _page(document: Any, request: DrawPage) -> tuple[Any, str]:
    import pypdfium2

    try:
        page = document[request.page]
    except pypdfium2.PdfiumError as error:
        raise Refused(f"Page {request.page + 1} of the PDF is damaged.") from error
    if document.get_formtype():
        page = _filled_in(document, page, request.page)
    if not _is_usable(*page.get_size()):
        raise Refused(f"Page {request.page + 1} of the PDF has no usable size.")
    bitmap = page.render(
        scale=request.scale,
        fill_color=_PAPER,
        rev_byteorder=True,
        prefer_bgrx=True,
        may_draw_forms=False,
    )
    return bitmap.to_numpy(), _text(page)


def _filled_in(document: Any, page: Any, number: int) -> Any:
    """Make what is filled into a form part of the page, as its file draws it; nothing is run."""
    from pypdfium2 import raw

    raw.FPDFPage_Flatten(page.raw, raw.FLAT_NORMALDISPLAY)
    page.close()
    return document[number]


def _text(page: Any) -> str:
    words = page.get_textpage()
    text = str(words.get_text_range(count=min(words.count_chars(), MOST_TEXT)))
    return visible(text.replace("\r\n", "\n").replace("\r", "\n"))
