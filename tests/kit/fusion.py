"""A CT and a PET on one Frame of Reference, of other voxels, with what a test says differs."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.kit.viewer import AXIAL, ct_instance, series_of, set_of, study_of
from viewer.hanging.images import CaseImages, Hung
from viewer.loading.volume import Volume, VolumeSource
from viewer.model.display_set import DisplaySet
from viewer.model.fusion import Fusion
from viewer.model.geometry import ImagePlane, PointLps, Spacing
from viewer.model.presentation import Rescale, VoiFunction, Window
from viewer.model.quantities import Readout, ReadoutKind, Suv, SuvScale
from viewer.model.refs import SopUid
from viewer.model.study import Instance, Series, Study
from viewer.pixels.colour_maps import load_colour_maps

RESOURCES = Path(__file__).parents[2] / "resources"
MAPS = load_colour_maps(RESOURCES / "colour_maps.toml")
FACTOR = 0.0005
SCALE = SuvScale("SUVbw", FACTOR, "g/ml")
UPTAKE = Readout(ReadoutKind.SUV, "SUVbw", "g/ml", factor=FACTOR)
SUV_10 = Window(10_000, 20_000, "", VoiFunction.LINEAR_EXACT)
"""SUVbw 0 to 10 on modality values."""
CT_SPACING = Spacing(0.7, 0.7)
PET_SPACING = Spacing(2.1, 2.3)
CT_START, PET_START = PointLps(-100, -100, 0), PointLps(-95.6, -96.7, -3.1)

PLANE_WORDS = ("axial", "coronal", "sagittal")

Arrays = dict[tuple[SopUid, int], NDArray[Any]]


def scans(count: int = 12, **changes: Any) -> Series:
    """CT slices, from the head down, 2 mm apart."""
    slices = [
        ct_instance(
            "1.2.1",
            n,
            rows=40,
            columns=36,
            planes=(_down(CT_START, 2.0 * n, CT_SPACING),),
            **changes,
        )
        for n in range(count)
    ]
    return series_of(slices)


def uptake(
    count: int = 8, *, suv: Suv | None = None, slope: float | None = None, **changes: Any
) -> Series:
    """PET slices that begin within the CT and end beyond it; a slope for each slice."""
    slices = [
        ct_instance(
            "1.2.5",
            n,
            rows=10,
            columns=9,
            planes=(_down(PET_START, 3.3 * n, PET_SPACING),),
            modality="PT",
            sop_class="1.2.840.10008.5.1.4.1.1.128",
            modality_lut=Rescale(slope or 8.0 + n, 0.0, "Bq/ml"),
            windows=(),
            suv=suv or Suv((SCALE,)),
            **changes,
        )
        for n in range(count)
    ]
    return series_of(slices, number=5, description="PET body", body_part="BODY")


def _down(start: PointLps, by: float, spacing: Spacing) -> ImagePlane:
    return ImagePlane(start.plus(PointLps(0, 0, -1), by), *AXIAL, spacing)


def pet_ct_study(ct: Series | None = None, pt: Series | None = None) -> Study:
    """Both in one study."""
    return study_of(ct or scans(), pt or uptake())


def values(study: Study, seed: int = 7) -> Arrays:
    """Stored values of every frame: 0 to 2000."""
    random = np.random.default_rng(seed)
    return {
        (one.ref.sop, 0): random.integers(0, 2000, (one.format.rows, one.format.columns)).astype(
            np.int16
        )
        for series in study.series
        for one in series.instances
        if one.format is not None
    }


def instances(*series: Series) -> dict[SopUid, Instance]:
    """Every instance by its id."""
    return {one.ref.sop: one for each in series for one in each.instances}


def filled(series: Series, arrays: Arrays) -> Volume:
    """The volume of a series."""
    source = VolumeSource(set_of(series), instances(series))
    for ref in source.target.frames:
        source.put(ref, arrays[(ref.sop, 0)])
    return source.volume()


def hung(study: Study, series: Series) -> Hung:
    """A series as it hangs."""
    return Hung(set_of(series), study, series, prior=False)


def case(study: Study) -> CaseImages:
    """The case of one study."""
    return CaseImages.of(study, (), {one.uid: (set_of(one),) for one in study.series})


def fusion_of(target: DisplaySet, percent: int = 40, **changes: Any) -> Fusion:
    """SUVbw 0 to 10 in hot iron."""
    fields: dict[str, Any] = {"window": SUV_10, "colours": MAPS[0], "readout": UPTAKE}
    fields |= {"target": target.id, "modality": "PT", "series": "Series 5 PET body"}
    return Fusion(percent=percent, **{**fields, **changes})
