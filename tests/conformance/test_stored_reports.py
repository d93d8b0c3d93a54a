"""Structured reports of other programs among the real files: what is shown of them, and where."""

from pathlib import Path

import pytest

from viewer.loading.folder import FolderSource
from viewer.loading.stored_measurements import SR_CLASSES, read_measurements
from viewer.measure.foreign import Foreign, placed
from viewer.model.annotation import AnnotationKind
from viewer.model.imported import StoredReport


def read(file: Path) -> StoredReport:
    with file.open("rb") as data:
        found = read_measurements(data, name="1.2.3")
    assert found is not None
    return found


def shown(folder: Path, *parts: str) -> tuple[Foreign, ...]:
    """Everything that the reports of these folders show on the images of the same folders."""
    source = FolderSource()
    files = [file for part in parts for file in sorted((folder / part).glob("*.dcm"))]
    (study,) = source.scan(files).studies
    images = {i.ref.sop: i for series in study.series for i in series.instances}
    found: list[Foreign] = []
    for sop, image in images.items():
        if image.sop_class in SR_CLASSES:
            with source.open(sop) as data:
                report = read_measurements(data, name=sop)
            assert report is not None
            shapes, told = placed(report, images)
            assert told == ()
            found += shapes
    return tuple(found)


def test_sybil_s_boxes_stand_on_their_slices(shared_dicom: Path) -> None:
    found = shown(
        shared_dicom, *(f"ct-chest-nlst-101287/{n}" for n in ("059961648991", "619089952642"))
    )
    assert len({one.annotation.on for one in found}) == len(found) == 8
    assert {one.annotation.kind for one in found} == {AnnotationKind.POLYGON}
    assert found[0].name == "Lesion · 1 · Lung structure"
    assert found[0].source == "Anonymous Reader, Sybil, 2025-08-19"


def test_a_point_in_the_patient_is_shown_in_every_series_that_reaches_there(
    shared_dicom: Path,
) -> None:
    parts = [f"mr-prostate-prostatex-0207/{n}" for n in ("s100", "s03", "s05", "s06")]
    found = shown(shared_dicom, *parts)
    assert {one.annotation.kind for one in found} == {AnnotationKind.PROBE}
    assert [one.again for one in found].count(False) == 2
    assert len({(one.group.name, one.annotation.on.series) for one in found}) == len(found)
    assert max(one.off for one in found) < 2


@pytest.mark.parametrize(
    ("file", "groups", "figures", "numbers"),
    [
        ("dcmqi-tid1500/sr.dcm", 1, 0, 4),
        ("dwv-tid1500-like/sample-sr.dcm", 1, 2, 2),
        ("highdicom/sr_document.dcm", 1, 1, 1),
        ("highdicom/sr_document_with_multiple_groups.dcm", 4, 2, 4),
    ],
)
def test_every_dialect_is_read(
    shared_dicom: Path, file: str, groups: int, figures: int, numbers: int
) -> None:
    found = read(shared_dicom / "seg-rt-sr-ko-pr" / file)
    assert found.told == ()
    assert len(found.groups) == groups
    assert sum(len(one.figures) for one in found.groups) >= figures
    assert sum(len(one.numbers) for one in found.groups) >= numbers
