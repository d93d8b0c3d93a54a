"""FHIR DiagnosticReport → PriorReport: foreign HTML becomes plain text with paragraphs."""

import base64
import binascii
import re
from html.parser import HTMLParser

import nh3

from workstation.model.case import PriorReport
from workstation.platform.fhir_study import study_uid
from workstation.platform.fhir_values import Json, node, nodes, own_name, text

_BLOCKS = frozenset(
    {"p", "div", "section", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre"}
    | {"blockquote", "dl", "header", "footer", "article"}
)
_LINES = frozenset({"li", "tr", "dt", "dd", "br"})
_LIMIT = 200_000


def prior_report(report: Json, study: Json) -> PriorReport:
    """Give the text of an earlier report; ``study`` is the ImagingStudy it names, or {}."""
    issued = text(report.get("effectiveDateTime")) or text(report.get("issued"))
    return PriorReport(
        reference=own_name(report),
        study_uid=study_uid(study),
        date=issued[:10],
        status=text(report.get("status"), 40),
        text=report_text(report),
    )


def report_text(report: Json) -> str:
    """The readable form first; the conclusion where that does not hold it already."""
    body = _presented(report) or plain_text(text(node(report.get("text")).get("div"), _LIMIT))
    conclusion = _tidy(text(report.get("conclusion"), _LIMIT))
    if not conclusion or _letters(conclusion) in _letters(body):
        return body
    return f"{body}\n\n{conclusion}" if body else conclusion


def _presented(report: Json) -> str:
    forms = nodes(report.get("presentedForm"))
    for wanted in ("text/html", "text/plain"):
        for form in forms:
            kind = text(form.get("contentType")).partition(";")[0].strip().lower()
            data = attachment_bytes(form)
            if kind == wanted and data:
                said = data[: 4 * _LIMIT].decode("utf-8", "replace")
                return plain_text(said) if wanted == "text/html" else _tidy(said[:_LIMIT])
    return ""


def attachment_bytes(form: Json) -> bytes:
    """The inline data of an Attachment; b'' when it has none or it is not base64."""
    data = form.get("data")
    if not isinstance(data, str):
        return b""
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def plain_text(html: str) -> str:
    """Text of HTML: paragraphs apart by an empty line, list items and rows on lines of their own.

    Scripts, styles, links and pictures leave nothing behind.
    """
    safe = nh3.clean(
        html[:_LIMIT],
        tags=set(_BLOCKS | _LINES | {"td", "th"}),
        attributes={},
        clean_content_tags={"script", "style", "title", "template", "noscript"},
    )
    reader = _Text()
    reader.feed(safe)
    reader.close()
    return _tidy("".join(reader.pieces))


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.pieces.append("\n\n")
        elif tag in _LINES:
            self.pieces.append("\n- " if tag == "li" else "\n")
        elif tag in {"td", "th"}:
            self.pieces.append("\t")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.pieces.append("\n\n")

    def handle_data(self, data: str) -> None:
        self.pieces.append(re.sub(r"[\s\u00a0]+", " ", data))


def _tidy(said: str) -> str:
    clean = "".join(c for c in said if c in "\n\t" or c.isprintable())
    lines = [re.sub(r"[ \t]+", " ", line).strip() for line in clean.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _letters(said: str) -> str:
    return "".join(c for c in said.casefold() if c.isalnum())
