"""A straightened picture written as a DICOM image of its own, which claims no place it has not."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from viewer.formats.derived_series import PlaneSeries, SeriesWriter
from viewer.model.display_set import DisplaySet
from viewer.model.presentation import Presentation, Window
from viewer.model.refs import SopUid
from viewer.model.sample_grid import Slab
from viewer.model.study import Instance, Photometric
from viewer.render.curved import sample_along
from viewer.render.reslice import Reslicer
from viewer.render.stored_values import StoredValues
from viewer.viewport.curved import CurvedSheet


@dataclass(frozen=True, slots=True)
class CurvedExport:
    """One picture along a path, at the pixels of the plane on which the path was drawn."""

    sheet: CurvedSheet
    slab: Slab | None
    reslicer: Reslicer
    target: DisplaySet
    instances: Mapping[SopUid, Instance]
    look: Presentation

    def write(self, into: Path, read: Callable[[SopUid], bytes], now: datetime) -> Path:
        """Write it into a folder of its own and give that; slow, for another thread.

        It is a Secondary Capture (PS3.3 A.8.1): a bent surface has no Image Position or Orientation
        and belongs to no Frame of Reference. Pixel Spacing holds along it. ``read`` gives the bytes
        of a source object. Raises OSError or HeaderError and leaves nothing then.
        """
        stored = StoredValues(self.reslicer.volume)
        held = [self.instances[ref.sop] for ref in self.target.frames if ref.sop in self.instances]
        references = tuple(dict.fromkeys((str(one.sop_class), str(one.ref.sop)) for one in held))
        header = io.BytesIO(read(held[0].ref.sop))
        writer = SeriesWriter(into, header, references, self._described(stored, held), now)
        try:
            writer.put_curved(self.draw(stored), self.sheet.pixel)
            return writer.finish()
        except BaseException:
            writer.discard()
            raise

    def draw(self, stored: StoredValues) -> np.ndarray:
        """Stored values, (rows, columns)."""
        sheet = self.sheet
        picture, nothing = stored.canvas(sheet.columns, sheet.rows)
        sample_along(
            self.reslicer,
            sheet.path,
            np.minimum(sheet.along(np.arange(sheet.columns, dtype=np.float64)), sheet.path.length),
            sheet.offsets(np.arange(sheet.rows, dtype=np.float64)),
            picture,
            slab=self.slab,
            background=nothing,
        )
        return np.ascontiguousarray(stored.of(picture).T)

    def _described(self, stored: StoredValues, held: list[Instance]) -> PlaneSeries:
        slab, sheet = self.slab, self.sheet
        kind = f"{slab.mode.value} of {slab.thickness:.1f} mm" if slab else "single surface"
        derivation = (
            f"Lightbox curved MPR, {kind}, trilinear, along a path of {sheet.path.length:.1f} mm: "
            "columns run along the path, rows upright on its plane; Pixel Spacing is true on the "
            f"curved surface, the image has no place in the patient; from series "
            f"{self.target.series}"
        )
        inverse = (
            held[0].format is not None and held[0].format.photometric is Photometric.MONOCHROME1
        )
        return PlaneSeries(
            sheet.rows,
            sheet.columns,
            sheet.pixel,
            slab.thickness if slab else sheet.pixel,
            slab.mode if slab else None,
            stored.rescale,
            stored.signed,
            stored.padding,
            self.look.voi if isinstance(self.look.voi, Window) else None,
            f"Curved MPR {kind} of {self.target.label}".strip(),
            derivation,
            any(one.lossy for one in held),
            inverse,
            curved=True,
        )
