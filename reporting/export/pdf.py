"""The report as a PDF that archives keep: PDF/A-2b, tagged, typeset from a template of ours."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Final

import typst

from reporting.errors import ExportFailed
from reporting.export.readable import Readable, readable
from reporting.export.text import escape
from reporting.model.report import ReportContext, ReportDraft
from reporting.model.signed import SignerIdentity

_STANDARD: Final = "a-2b"
_LAYOUT = Path("templates") / "report.typ"
_ALWAYS_PRINTABLE = 0x17F
"""Up to here the fonts inside the compiler have every letter."""


def render_pdf(
    draft: ReportDraft,
    context: ReportContext,
    *,
    resources: Path,
    signed_at: datetime | None = None,
    signer: SignerIdentity | None = None,
) -> bytes:
    """The PDF; ``signed_at`` None gives the draft for the preview. Raises ExportFailed.

    ``resources`` is the folder that ships with the program. The report's text goes in as data and
    is never read as markup.
    """
    report = readable(draft, context, signed_at=signed_at, signer=signer)
    try:
        layout = (resources / _LAYOUT).read_bytes()
    except OSError as error:
        words = "The layout of the report is missing from this installation."
        raise ExportFailed(words) from error
    return _typeset(layout, json.dumps(_data(report), ensure_ascii=False), report.dated)


def _data(report: Readable) -> dict[str, object]:
    data = asdict(report)
    dated = report.dated
    data["dated"] = [dated.year, dated.month, dated.day, dated.hour, dated.minute, dated.second]
    return data


def _typeset(layout: bytes, data: str, dated: datetime) -> bytes:
    """With the fonts inside the compiler; then this computer's; then what no font has, escaped."""
    for own_fonts_only in (True, False):
        try:
            return _compile(layout, data, dated, own_fonts_only=own_fonts_only)
        except typst.TypstError as error:
            complaint = error.diagnostic
    strange = {c for c in data if ord(c) > _ALWAYS_PRINTABLE}
    named = strange & set(complaint)  # the compiler quotes every text that it has no letter for
    for characters in (named, strange):
        data = data.translate({ord(c): escape(c) for c in characters})
        try:
            return _compile(layout, data, dated, own_fonts_only=False)
        except typst.TypstError:
            continue
    raise ExportFailed("The report could not be typeset as PDF.")


def _compile(layout: bytes, data: str, dated: datetime, *, own_fonts_only: bool) -> bytes:
    made = typst.compile(
        layout,
        format="pdf",
        sys_inputs={"data": data},
        pdf_standards=_STANDARD,
        ignore_system_fonts=own_fonts_only,
        timestamp=dated.replace(microsecond=0),
    )
    if not isinstance(made, bytes):
        raise ExportFailed("The report could not be typeset as PDF.")
    return made
