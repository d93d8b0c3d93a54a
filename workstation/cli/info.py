"""``lightbox info``: what files and folders of DICOM hold, as JSON or as text."""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from viewer.loading.charset import visible
from viewer.loading.folder import FolderSource, Scan
from viewer.loading.volume import why_no_mpr
from viewer.model.display_set import DisplaySet
from viewer.model.refs import FrameRef, SopUid
from viewer.model.split import SplitRules, load_rules, split
from viewer.model.study import Instance, Series, Study
from workstation.paths import resources


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``info`` takes."""
    parser.add_argument("path", nargs="+", type=Path, metavar="PATH", help="DICOM file or folder")
    parser.add_argument("--json", action="store_true", help="write JSON instead of text")


def run(args: argparse.Namespace) -> int:
    """Write what was found; 0 when something could be read, 1 when nothing."""
    scan = FolderSource().scan(args.path)
    found = described(scan, load_rules(resources() / "splitting.toml"))
    text = json.dumps(found, indent=2) if args.json else "\n".join(_lines(found))
    sys.stdout.write(text + "\n")
    if scan.studies:
        return 0
    reason = scan.rejected[0].reason if len(scan.rejected) == 1 else "there is no DICOM object."
    sys.stderr.write(f"lightbox: nothing could be read: {reason}\n")
    return 1


def described(scan: Scan, rules: SplitRules) -> dict[str, Any]:
    """The documented JSON of ``lightbox info`` (docs: the command line)."""
    return {
        "studies": [_study(study, rules) for study in scan.studies],
        "rejected": [{"file": str(r.file), "reason": r.reason} for r in scan.rejected],
    }


def _study(study: Study, rules: SplitRules) -> dict[str, Any]:
    return {
        "uid": study.uid,
        "date": study.date,
        "description": study.description,
        "patient": {
            "id": study.patient.id,
            "name": study.patient.name,
            "birth_date": study.patient.birth_date,
            "sex": study.patient.sex,
        },
        "series": [_series(series, rules) for series in study.series],
    }


def _series(series: Series, rules: SplitRules) -> dict[str, Any]:
    instances = {instance.ref.sop: instance for instance in series.instances}
    return {
        "uid": series.uid,
        "number": series.number,
        "modality": series.modality,
        "description": series.description,
        "body_part": series.body_part,
        "display_sets": [_display_set(one, instances) for one in split(series, rules)],
    }


def _display_set(one: DisplaySet, instances: Mapping[SopUid, Instance]) -> dict[str, Any]:
    held = [instances[sop] for sop in dict.fromkeys(ref.sop for ref in one.frames)]
    first = held[0]
    return {
        "id": one.id,
        "kind": one.kind.value,
        "frames": len(one.frames),
        "rows": first.format.rows if first.format else None,
        "columns": first.format.columns if first.format else None,
        "spacing": _spacing(first, one.frames[0]),
        "slice_step": None if one.slice_step is None else round(one.slice_step, 6),
        "orientation": _orientation(first, one.frames[0]),
        "transfer_syntaxes": sorted({i.transfer_syntax for i in held} - {""}),
        "warnings": _warnings(one, held),
        "label": one.label,
        "split_by": dict(one.split_by),
        "frame_rate": None if one.frame_rate is None else round(one.frame_rate, 3),
        "frame_ms": list(one.frame_ms) or None,
        "no_mpr": why_no_mpr(one, instances),
    }


def _spacing(instance: Instance, ref: FrameRef) -> list[float] | None:
    """Row and column spacing, mm: in the patient, else at the detector."""
    spacing = instance.at(ref.frame).pixel_spacing
    if spacing is None and instance.projection is not None:
        spacing = instance.projection.imager_spacing
    return list(spacing) if spacing else None


def _orientation(instance: Instance, ref: FrameRef) -> list[float] | None:
    plane = instance.planes[ref.frame] if instance.planes else None
    return [*plane.row, *plane.column] if plane else None


def _warnings(one: DisplaySet, held: Iterable[Instance]) -> list[str]:
    """The set's own warnings, then what had to be mended in its headers, each once."""
    repairs = (repair for instance in held for repair in instance.repairs)
    return list(dict.fromkeys((*one.warnings, *repairs)))


def _lines(found: Mapping[str, Any]) -> list[str]:
    lines: list[str] = []
    for study in found["studies"]:
        patient = study["patient"]
        who = " ".join(filter(None, (patient["name"], patient["id"], patient["birth_date"])))
        lines.append(f"Study {study['date']} {study['description']} ({who})".replace("  ", " "))
        for series in study["series"]:
            title = f"{series['modality']} {series['description']}".strip()
            lines.append(
                f"  Series {series['number'] if series['number'] is not None else '?'} {title}"
            )
            for one in series["display_sets"]:
                lines += _set_lines(one)
    lines += [
        visible(f"Not read: {entry['file']}: {entry['reason']}") for entry in found["rejected"]
    ]
    return lines


def _set_lines(one: Mapping[str, Any]) -> list[str]:
    size = f" {one['columns']} × {one['rows']}" if one["rows"] else ""
    step = f", every {one['slice_step']:g} mm" if one["slice_step"] is not None else ""
    rate = f", {one['frame_rate']:g} frames a second" if one["frame_rate"] is not None else ""
    plural = "" if one["frames"] == 1 else "s"
    return [
        f"    {one['kind']}: {one['frames']} frame{plural}{size}{step}{rate}",
        *(f"      {warning}" for warning in one["warnings"]),
    ]
