"""The head CT and the chest radiographs as DICOM studies, with their truth."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from workstation.demo.phantoms_dicom import CtLook, cr_header, cr_image, ct_header, ct_image, write
from workstation.demo.phantoms_head import LESION, LESION_DIAMETER, build_head
from workstation.demo.phantoms_radiograph import (
    COLUMNS,
    PITCH,
    TOP,
    Shadows,
    Sphere,
    frontal_view,
    lateral_view,
)
from workstation.demo.phantoms_scan import SIZE, Grain, planes, write_truth
from workstation.demo.seed_plan import CasePlan, StudyPlan

SLICES = 70
"""Of the head CT."""
MASS = Sphere(76.0, 20.0, 22.0)
"""The round opacity of the chest radiograph, left upper zone; not yet there in the prior."""

_TOP, _STEP, _SPACING = 88.0, 2.5, 0.45
_FIRST = (-115.0, -119.0)
_WINDOWS = (("BRAIN", 40.0, 80.0), ("BONE", 600.0, 2800.0))


def write_head(
    plan: CasePlan,
    study: StudyPlan,
    folder: Path,
    *,
    seeded: datetime,
    written: Callable[[], None],
) -> None:
    """Draw the head CT."""
    series = study.series[0]
    look = CtLook(_SPACING, _STEP, _WINDOWS, "Head without contrast", "H30", 120, 280)
    header = ct_header(plan, study, series, study.begun(seeded), look)
    head = build_head()
    grain = Grain(3, 4.0)
    home = folder / "001"
    home.mkdir()
    heights = [_TOP - _STEP * k for k in range(SLICES)]
    drawn = planes(lambda z: head.paint((SIZE, SIZE), (*_FIRST, z), _SPACING), heights)
    for index, hu in enumerate(drawn):
        grain.add(hu, index)
        ct_image(header, hu, (*_FIRST, heights[index]))
        write(header, series.instances[index], index + 1, home / f"{index + 1:04d}.dcm")
        written()
    lesion = {
        "name": "bleeding, left lentiform nucleus",
        "centre_lps": list(LESION),
        "diameter_mm": LESION_DIAMETER,
    }
    write_truth(folder, {"synthetic": True, "lesions": [lesion]})


def write_radiographs(
    shadows: Shadows,
    plan: CasePlan,
    study: StudyPlan,
    folder: Path,
    *,
    prior: bool,
    seeded: datetime,
    written: Callable[[], None],
) -> None:
    """Draw PA and lateral, or the PA of the prior, where the patient stood a little otherwise."""
    begun = study.begun(seeded)
    for series in study.series:
        frontal = series.number == 1
        header = cr_header(plan, study, series, begun, view="PA" if frontal else "LL")
        if not frontal:
            values = lateral_view(shadows, seed=12)
        elif prior:
            values = frontal_view(shadows, (), seed=13, turn=1.1, scale=0.99, shift=(3.0, 4.0))
        else:
            values = frontal_view(shadows, (MASS,), seed=11)
        cr_image(header, values, pitch=PITCH, inverse=frontal)
        home = folder / f"{series.number:03d}"
        home.mkdir()
        write(header, series.instances[0], 1, home / "0001.dcm")
        written()
    masses = [] if prior else [_mass()]
    write_truth(folder, {"synthetic": True, "masses": masses})


def _mass() -> dict[str, object]:
    column = MASS.x / PITCH + (COLUMNS - 1) / 2
    row = (TOP - MASS.z) / PITCH
    return {
        "name": "round opacity, left upper zone",
        "centre_column_row": [column, row],
        "diameter_mm_at_detector": MASS.diameter,
    }
