"""Cornerstone's adapters (OHIF) read our measurements with the values that we wrote."""

import io
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.test_measurement_report import ALL, PIXELS, SLICE
from tests.kit.report_images import headers
from tests.kit.viewer import NOW
from viewer.formats.cornerstone_dialect import tool_of
from viewer.formats.measurement_report import Recorded, measurement_report
from viewer.loading.stored_measurements import read_measurements
from viewer.measure.foreign import placed
from viewer.measure.foreign_reading import read_foreign
from viewer.measure.registry import Ground
from viewer.model.annotation import AnnotationKind
from viewer.model.figure import centre_and_edge
from viewer.model.geometry import PixelPoint

PEERS = Path(__file__).parents[2] / "build" / "peers"
K = AnnotationKind
FILES = ("sr.dcm", "planes.json", "again.dcm")
STATISTICS = {"mean": "mean", "deviation": "stdDev", "minimum": "min", "maximum": "max"}
NUMBERS: dict[AnnotationKind, dict[str, str]] = {
    K.LENGTH: {"": "length"},
    K.BIDIRECTIONAL: {"": "length", "short": "width"},
    K.ANGLE: {"": "angle"},
    K.LINES_ANGLE: {"": "angle"},
    K.COBB: {"": "angle"},
    K.RECTANGLE: {"": "area", "perimeter": "perimeter"} | STATISTICS,
    K.ELLIPSE: {"": "area"} | STATISTICS,
    K.CIRCLE: {"": "area"} | STATISTICS,
    K.CIRCLE_3: {"": "area"} | STATISTICS,
    K.POLYGON: {"": "area", "perimeter": "perimeter"} | STATISTICS,
    K.FREEHAND: {"": "area", "perimeter": "perimeter"} | STATISTICS,
    K.POLYLINE: {"": "length"},
    K.CURVE: {"": "length"},
    K.PROBE: {},
    K.ARROW: {},
}
"""Of each kind, by the key of our number, what the adapters call it."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where both files of this test lie."""
    return tmp_path_factory.mktemp("peers")


@pytest.fixture(scope="module")
def taken(folder: Path) -> list[dict[str, Any]]:
    """What they make of one file with a measurement of every kind; they write it anew, too."""
    if not os.environ.get("LIGHTBOX_PEERS"):
        pytest.skip("make peers runs this")
    if shutil.which("node") is None or not (PEERS / "node_modules").is_dir():
        pytest.skip("node or the packages are not on this machine")
    told = [one for one in ALL if tool_of(one.annotation.kind)]
    data = measurement_report(
        told,
        {SLICE.ref.sop: SLICE},
        io.BytesIO(headers()),
        author="Dr. Ito",
        at=NOW,
        for_cornerstone=True,
    )
    (folder / "sr.dcm").write_bytes(data)
    plane = SLICE.planes[0]
    assert plane is not None
    module = {
        "frameOfReferenceUID": SLICE.frame_of_reference,
        "rowCosines": plane.row,
        "columnCosines": plane.column,
        "imagePositionPatient": plane.position,
        "rowPixelSpacing": plane.spacing.column,  # cornerstone means: along the row
        "columnPixelSpacing": plane.spacing.row,
    }
    (folder / "planes.json").write_text(json.dumps({SLICE.ref.sop: module}))
    done = subprocess.run(
        ["node", "read_measurements.mjs", *(str(folder / name) for name in FILES)],
        cwd=PEERS,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: list[dict[str, Any]] = json.loads(done.stdout.strip().splitlines()[-1])
    assert len(found) == len(told)
    return found


def of(taken: Sequence[dict[str, Any]], one: Recorded) -> dict[str, Any]:
    """Their measurement of ours: they group by tool and keep our order within it."""
    tool = tool_of(one.annotation.kind)
    same = [x for x in ALL if tool_of(x.annotation.kind) == tool]
    theirs = [x for x in taken if x["tool"] == tool.rpartition(":")[2]]
    assert len(same) == len(theirs)
    return theirs[same.index(one)]


@pytest.mark.slow
@pytest.mark.timeout(90)
@pytest.mark.parametrize("kind", list(NUMBERS), ids=str)
def test_values_and_points_are_ours(kind: AnnotationKind, taken: list[dict[str, Any]]) -> None:
    one = next(x for x in ALL if x.annotation.kind is kind)
    theirs = of(taken, one)
    ours = {n.id.partition("/")[2]: n.value for n in one.numbers}
    names = NUMBERS[kind]
    got = {key: theirs["stats"].get(name) for key, name in names.items()}
    assert got == {key: pytest.approx(ours[key], rel=1e-6) for key in names}
    plane = SLICE.planes[0]
    assert plane is not None
    wanted = [tuple(plane.to_lps(p)) for p in places(one)]
    assert sorted(map(tuple, theirs["points"])) == [
        pytest.approx(p, abs=2e-3) for p in sorted(wanted)
    ]


@pytest.mark.slow
@pytest.mark.timeout(90)
def test_units_and_words_are_ours(taken: list[dict[str, Any]]) -> None:
    by = {one["tool"]: one for one in taken}
    assert by["Length"]["stats"]["unit"] == "mm"
    assert by["CircleROI"]["stats"]["radius"] == pytest.approx(
        next(n.value for n in circle().numbers if n.id.endswith("diameter")) / 2
    )
    assert [one["closed"] for one in taken if one["tool"] == "PlanarFreehandROI"] == [
        x.annotation.kind in {K.POLYGON, K.FREEHAND}
        for x in ALL
        if tool_of(x.annotation.kind).endswith("PlanarFreehandROI")
    ]


@pytest.mark.slow
@pytest.mark.timeout(90)
def test_what_they_write_of_it_is_read_back(taken: list[dict[str, Any]], folder: Path) -> None:
    with (folder / FILES[-1]).open("rb") as data:
        report = read_measurements(data, name="1.2.3")
    assert report is not None
    found, told = placed(report, {SLICE.ref.sop: SLICE})
    assert told == ()
    assert len(found) == len(taken)
    kinds = {one.annotation.kind for one in found}
    assert kinds >= {K.LENGTH, K.BIDIRECTIONAL, K.ANGLE, K.COBB, K.RECTANGLE, K.ELLIPSE, K.CIRCLE}
    ground = Ground(SLICE, PIXELS)
    # their points went through float32 in the patient: pixels on the very edge may change sides
    edge = {K.POLYGON}
    assert [one for one in found if one.annotation.kind not in edge and
            read_foreign(one, ground).notes] == []  # fmt: skip
    assert all("Area" not in note for one in found for note in read_foreign(one, ground).notes)


def circle() -> Recorded:
    return next(x for x in reversed(ALL) if tool_of(x.annotation.kind).endswith("CircleROI"))


def places(one: Recorded) -> list[PixelPoint]:
    """The points that their tool has of ours."""
    held = one.annotation
    if held.kind in {K.CIRCLE, K.CIRCLE_3}:
        found = centre_and_edge(held, 1.0)
        assert found is not None
        return list(found)
    return list(held.pixels)
