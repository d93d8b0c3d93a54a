"""F58: what contradicts itself about the side is a loud badge and never mended."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.kit.dicom_files import CR, file
from tests.kit.real_volumes import folder
from tests.kit.viewer import IDENTITY, set_of
from viewer.loading.headers import assemble, read_header
from viewer.model.study import Study
from viewer.viewport.corners import Role, TextLevel, load_corners
from viewer.viewport.overlay import Marks, PaneContext, overlay
from viewer.viewport.side import side_conflict
from viewer.viewport.transform import PaneSize
from viewer.viewport.viewport import Viewport

CORNERS = load_corners(Path(__file__).parents[3] / "resources" / "corners.toml")
NO_PLANE: dict[str, Any] = {
    "SOPClassUID": CR,
    "Modality": "CR",
    "ImagePositionPatient": None,
    "ImageOrientationPatient": None,
}


def _study(**values: Any) -> Study:
    (study,) = assemble([read_header(io.BytesIO(file(**values)), name="x")])
    return study


def _conflict(study: Study) -> str:
    series = study.series[0]
    return side_conflict(series.instances[0], 0, study, series)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"ImageLaterality": "R", "Laterality": "L"}, "the image says right, Laterality says left"),
        ({"ImageLaterality": "L", "SeriesDescription": "RIGHT KNEE"}, "the series text says right"),
        ({"ImageLaterality": "R", "SeriesDescription": "Knie links ap"}, "series text says left"),
        ({"Laterality": "R", "ProtocolName": "LT HAND PA"}, "the protocol text says left"),
        ({"ImageLaterality": "R", "StudyDescription": "Genou gauche"}, "the study text says left"),
        ({"ImageLaterality": "L", "SeriesDescription": "R-MLO"}, "the series text says right"),
        ({"ImageLaterality": "L", "SeriesDescription": "R CC"}, "the series text says right"),
    ],
)
def test_f58_generated_conflicts(values: dict[str, Any], words: str) -> None:
    assert words in _conflict(_study(**NO_PLANE, **values))


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"ImageLaterality": "R", "Laterality": "R", "SeriesDescription": "Right knee"},
        {"ImageLaterality": "R", "SeriesDescription": "Both knees, right and left"},
        {"ImageLaterality": "B", "SeriesDescription": "left"},
        {"ImageLaterality": "U", "Laterality": "L"},
        {"SeriesDescription": "LEFT"},
        {"ImageLaterality": "R", "SeriesDescription": "L SPINE"},
        {"ImageLaterality": "L", "SeriesDescription": "RT PLAN"},
        {
            "ImageLaterality": "R",
            "SeriesDescription": "right hand",
            "StudyDescription": "left hand",
        },
    ],
)
def test_f58_what_is_no_conflict(values: dict[str, Any]) -> None:
    assert _conflict(_study(**NO_PLANE, **values)) == ""


@pytest.mark.parametrize(
    ("letters", "words"),
    [
        (["L", "P"], ""),
        (["R", "P"], "its rows run to L by geometry, to R by Patient Orientation"),
        (["L", "A"], "its columns run to P by geometry, to A by Patient Orientation"),
        (["LPH", "PF"], ""),
        (["H", "P"], ""),  # not the opposite: an oblique image rounded another way
    ],
)
def test_f58_geometry_against_patient_orientation(letters: list[str], words: str) -> None:
    assert _conflict(_study(PatientOrientation=letters)) == words


def test_f58_the_badge_is_loud_at_every_level_and_the_side_is_shown_as_it_is_stated() -> None:
    study = _study(**NO_PLANE, ImageLaterality="R", Laterality="L", ViewPosition="PA")
    series = study.series[0]
    instance = series.instances[0]
    view = Viewport()
    view.resize(PaneSize(500, 400))
    view.show(set_of(series), {instance.ref.sop: instance})
    transform = view.transform()
    assert transform is not None
    context = PaneContext(IDENTITY, study, series)
    for level in TextLevel:
        told = replace(context, review=replace(context.review, level=level))
        made = overlay(view.state, instance, transform, told, CORNERS, Marks())
        lines = [line for lines in made.corners.values() for line in lines]
        alarms = [line.text for line in lines if line.role is Role.ALARM]
        assert alarms == ["SIDE CONFLICT · the image says right, Laterality says left"]
        assert "R PA" in [line.text for line in lines]


def test_f58_real_images_do_not_cry_wolf(shared_dicom: Path) -> None:
    """Of the images of other programs none contradicts itself but the ones that were looked at."""
    told = {}
    for name in (
        "mg",
        "cr-dx",
        "us",
        "xa-rf",
        "geometry",
        "enhanced",
        "prior-pairs-ct-covid-ny-sbu",
    ):
        found = folder(shared_dicom / name)
        for study in found.source.scan([]).studies:
            for series in study.series:
                for instance in series.instances:
                    for frame in range(min(instance.frames, 3)):
                        words = side_conflict(instance, frame, study, series)
                        if words:
                            told[instance.ref.sop, frame] = words
    assert told == {}
