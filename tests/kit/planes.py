"""A CT volume that can be reconstructed, and its three planes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.kit.viewer import LUNG, PANE, axial_plane, ct_instance, series_of, set_of, study_of
from viewer.loading.volume import Volume, VolumeSource
from viewer.model.geometry import Spacing
from viewer.model.presentation import Presentation
from viewer.model.refs import SopUid
from viewer.model.study import Instance, Study
from viewer.render.plane_request import value_range_of
from viewer.viewport.reformat import Reformat

STEP = 2.0
SPACING = Spacing(0.7, 0.7)


def slices(count: int = 12, rows: int = 40, columns: int = 36, **changes: Any) -> list[Instance]:
    """Axial slices as they are read: from the head down."""
    return [
        ct_instance(
            n=n, rows=rows, columns=columns, planes=(axial_plane(-STEP * n, SPACING),), **changes
        )
        for n in range(count)
    ]


def volume_study(count: int = 12, **changes: Any) -> Study:
    """A study of one series that makes a volume."""
    return study_of(series_of(slices(count, **changes)))


def noise(study: Study, seed: int = 4) -> dict[tuple[SopUid, int], NDArray[Any]]:
    """Stored values between 0 and 2000 for every frame."""
    random = np.random.default_rng(seed)
    return {
        (one.ref.sop, 0): random.integers(0, 2000, (one.format.rows, one.format.columns)).astype(
            np.int16
        )
        for one in study.series[0].instances
        if one.format is not None
    }


def filled(study: Study, arrays: dict[tuple[SopUid, int], NDArray[Any]]) -> Volume:
    """The volume of these frames."""
    source = VolumeSource(set_of(study.series[0]), _instances(study))
    for ref in source.target.frames:
        source.put(ref, arrays[(ref.sop, 0)])
    return source.volume()


def reformat_of(study: Study, volume: Volume, look: Presentation | None = None) -> Reformat:
    """Its planes, in panes of a common size."""
    made = Reformat(
        set_of(study.series[0]), _instances(study), volume.geometry, look or Presentation(voi=LUNG)
    )
    made.take(volume, value_range_of(volume))
    for viewport in made.viewports.values():
        viewport.resize(PANE)
    return made


def _instances(study: Study) -> dict[SopUid, Instance]:
    return {one.ref.sop: one for one in study.series[0].instances}
