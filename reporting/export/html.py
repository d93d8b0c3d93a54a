"""The report as one HTML page without script, style sheet or reference to anything outside it."""

from collections.abc import Iterable
from datetime import datetime
from html import escape

from reporting.export.readable import Field, MeasurementRow, Readable, ReadSection, readable
from reporting.model.report import ReportContext, ReportDraft
from reporting.model.signed import SignerIdentity


def render_html(
    draft: ReportDraft,
    context: ReportContext,
    *,
    signed_at: datetime | None = None,
    signer: SignerIdentity | None = None,
) -> bytes:
    """The page, UTF-8; all text of the report escaped."""
    return _page(readable(draft, context, signed_at=signed_at, signer=signer)).encode("utf-8")


def _page(report: Readable) -> str:
    parts = [
        f"<p>{escape(report.letterhead)}</p>" if report.letterhead else "",
        f"<h1>{escape(report.title)}</h1>",
        f"<p><strong>{escape(report.state)}</strong></p>",
        _table("Patient", report.patient),
        _table("Study", report.study),
        *(_section(section) for section in report.sections),
        _measurements(report.measurements),
        _table("Signature", report.signature),
    ]
    title = f"{report.title} · {report.running}"
    body = "\n".join(part for part in parts if part)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(title)}</title>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _table(caption: str, fields: Iterable[Field]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(field.label)}</th>'
        f"<td>{_lines(field.value.splitlines())}</td></tr>\n"
        for field in fields
    )
    return f"<table>\n<caption>{escape(caption)}</caption>\n{rows}</table>" if rows else ""


def _section(section: ReadSection) -> str:
    return f"<h2>{escape(section.title)}</h2>\n<p>{_lines(section.lines)}</p>"


def _measurements(rows: Iterable[MeasurementRow]) -> str:
    cells = "".join(
        "<tr>"
        + "".join(f"<td>{escape(c)}</td>" for c in (r.label, r.name, r.image, r.calibration))
        + "</tr>\n"
        for r in rows
    )
    if not cells:
        return ""
    head = "".join(
        f'<th scope="col">{title}</th>'
        for title in ("Value", "Measurement", "Image", "Calibration")
    )
    return f"<table>\n<caption>Measurements</caption>\n<tr>{head}</tr>\n{cells}</table>"


def _lines(lines: Iterable[str]) -> str:
    return "<br>\n".join(escape(line) for line in lines)
