"""F56: what must stand on an image of each modality, as another reader finds it in the header."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from tests.kit.real_area import identity_of
from tests.kit.real_volumes import RULES
from viewer.loading.folder import FolderSource
from viewer.model.split import split
from viewer.qt.area import Area
from viewer.qt.overlay_painter import paint_overlay
from viewer.viewport.corners import Role, load_corners
from viewer.viewport.letters import EdgeLetters
from viewer.viewport.overlay import Marks, Overlay, PaneContext, overlay
from viewer.viewport.transform import PaneSize
from viewer.viewport.viewport import Viewport

CORNERS = load_corners(Path(__file__).parents[3] / "resources" / "corners.toml")
PANE = PaneSize(900, 700)
IMAGES = {
    "CT": "ct-chest-nlst-101287/619089952642/00002_65529918.dcm",
    "PT": "nm-pt",
    "NM": "nm-pt",
    "MR": "lut-overlay-shutter",
    "CR": "cr-dx/RG1_JLSN.dcm",
    "DX": "cr-dx/dx_image.dcm",
    "MG": "mg/GH133.dcm",
    "US": "us/examples_ybr_color.dcm",
    "XA": "xa-rf/HasFragmentSequence.dcm",
}


@dataclass(frozen=True)
class Shown:
    """An image with all that stands on it, and its header as pydicom reads it."""

    view: Viewport
    made: Overlay
    header: Any

    @property
    def texts(self) -> list[str]:
        return [line.text for lines in self.made.corners.values() for line in lines]

    def has(self, words: str) -> bool:
        return any(words in text for text in self.texts)


def _shown(path: Path, modality: str, *, flip: bool = False) -> Shown:
    source = FolderSource()
    study, series, instance = next(
        (study, series, instance)
        for study in source.scan([path]).studies
        for series in study.series
        for instance in series.instances
        if instance.modality == modality and instance.format is not None
    )
    sop = instance.ref.sop
    target = next(s for s in split(series, RULES) if any(f.sop == sop for f in s.frames))
    view = Viewport()
    view.resize(PANE)
    index = next(n for n, f in enumerate(target.frames) if f.sop == sop)
    view.show(target, {i.ref.sop: i for i in series.instances}, index=index)
    if flip:
        view.flip()
    transform = view.transform()
    assert transform is not None
    context = PaneContext(identity_of(study), study, series)
    made = overlay(view.state, instance.at(0), transform, context, CORNERS, Marks())
    with source.open(instance.ref.sop) as file:
        return Shown(view, made, pydicom.dcmread(file, stop_before_pixels=True))


def _date(text: object) -> str:
    digits = "".join(c for c in str(text or "") if c.isdigit())
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}" if len(digits) == 8 else ""


def _expected(header: Any) -> dict[str, str]:
    """What the standard's attributes say, without our loader."""
    time = str(header.get("StudyTime") or "")
    return {
        "name": str(header.get("PatientName") or "").rstrip("^"),
        "ID": str(header.get("PatientID") or ""),
        "birth date": _date(header.get("PatientBirthDate")),
        "sex": str(header.get("PatientSex") or ""),
        "accession": str(header.get("AccessionNumber") or ""),
        "study date": _date(header.get("StudyDate")),
        "study time": f"{time[:2]}:{time[2:4]}" if time else "",
        "series": " ".join(str(header.get("SeriesDescription") or "").split()),
        "series number": f"Series {header.SeriesNumber}" if header.get("SeriesNumber") else "",
        "laterality": str(header.get("ImageLaterality") or header.get("Laterality") or ""),
        "view": str(header.get("ViewPosition") or ""),
    }


@pytest.mark.parametrize("modality", IMAGES)
def test_f56_who_when_which_and_how(modality: str, shared_dicom: Path) -> None:
    shown = _shown(shared_dicom / IMAGES[modality], modality)
    missing = {k: v for k, v in _expected(shown.header).items() if v and not shown.has(v)}
    assert missing == {}
    assert shown.has("Zoom ")
    assert shown.has("Image ")
    grey = shown.view.is_grey
    window = ("W ", "Window: ", "VOI LUT ") if grey else ("Colour",)
    assert any(text.startswith(window) or " · W " in text for text in shown.texts)  # uptake first


@pytest.mark.parametrize("modality", ["CT", "MR", "PT"])
def test_f56_place_and_orientation_of_sections(modality: str, shared_dicom: Path) -> None:
    shown = _shown(shared_dicom / IMAGES[modality], modality)
    if "ImagePositionPatient" not in shown.header:
        pytest.skip("this image has no place")
    number = max(np.abs(np.cross(*np.reshape(shown.header.ImageOrientationPatient, (2, 3)))))
    assert number > 0
    assert any(text.endswith(" mm") and text[0] in "RLAPHF" for text in shown.texts)
    assert shown.made.letters != EdgeLetters()
    assert shown.made.ruler is not None


@pytest.mark.parametrize("modality", ["CR", "MG", "XA"])
def test_f56_projections_say_where_their_scale_holds_and_that_they_are_flipped(
    modality: str, shared_dicom: Path
) -> None:
    shown = _shown(shared_dicom / IMAGES[modality], modality, flip=True)
    assert shown.has("FLIPPED")
    if shown.made.ruler is not None:
        assert shown.made.ruler.word


@pytest.mark.parametrize("modality", IMAGES)
def test_f56_marks_of_loss_and_derivation(modality: str, shared_dicom: Path) -> None:
    shown = _shown(shared_dicom / IMAGES[modality], modality)
    lossy = shown.header.get("LossyImageCompression") == "01" or (
        shown.header.file_meta.TransferSyntaxUID
        in {"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.81"}
    )
    assert shown.has("LOSSY ") is bool(lossy)
    derived = [str(v) for v in shown.header.get("ImageType", [])][:1] == ["DERIVED"]
    assert shown.has("Derived image") is derived


@pytest.mark.parametrize("modality", IMAGES)
def test_f56_every_line_is_drawn_inside_the_pane(
    modality: str, shared_dicom: Path, qtbot: QtBot
) -> None:
    """The picture of each corner differs from that of the pane without it, line by line."""
    made = _shown(shared_dicom / IMAGES[modality], modality).made
    for corner, lines in made.corners.items():
        heights = [_rows({corner: lines[:n]}) for n in range(len(lines) + 1)]
        assert heights == sorted(set(heights))
    identity = [x for lines in made.corners.values() for x in lines if x.role is Role.IDENTITY]
    assert identity


def _rows(corners: Any) -> int:
    """How many rows of the pane have something drawn on them."""
    bare = Overlay(corners=corners, letters=EdgeLetters(), ruler=None, shapes=())
    image = QImage(PANE.width, PANE.height, QImage.Format.Format_Grayscale8)
    image.fill(QColor("#000000"))
    painter = QPainter(image)
    paint_overlay(painter, bare, Area(QRectF(0, 0, PANE.width, PANE.height), 1.0))
    painter.end()
    lines = np.frombuffer(image.constBits(), np.uint8).reshape(PANE.height, -1)
    return int(lines.any(axis=1).sum())
