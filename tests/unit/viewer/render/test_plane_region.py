"""Values of shapes on planes: the same wherever the plane counts its pixels from."""

from dataclasses import replace

from tests.kit.planes import filled, noise, reformat_of, volume_study
from tests.kit.space import MADE
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind
from viewer.model.geometry import ImagePlane, PixelPoint
from viewer.model.refs import FrameRef
from viewer.model.volume_geometry import Index
from viewer.pixels.measured import readout_named
from viewer.render.plane_region import plane_statistics
from viewer.render.reslice import Reslicer

K = AnnotationKind


def test_a_shape_has_all_its_values_also_before_the_first_pixel_of_its_plane() -> None:
    study = volume_study()
    volume = filled(study, noise(study))
    geometry = reformat_of(study, volume).geometry
    image = study.series[0].instances[4]
    reslicer, readout = Reslicer(volume), readout_named(image.at(0), "")
    base = replace(geometry.plane, position=geometry.to_lps(Index(0.0, 0.0, 4.3)))
    on = FrameRef(image.ref.study, image.ref.series, image.ref.sop)

    def taken(column: float, row: float) -> object:
        first = base.to_lps(PixelPoint(column, row))
        plane = ImagePlane(first, base.row, base.column, base.spacing)
        pixels = tuple(PixelPoint(c - column, r - row) for c, r in ((15.0, 18.0), (21.0, 18.0)))
        made = Annotation(
            AnnotationId("a"), K.CIRCLE, on, pixels, tuple(map(plane.to_lps, pixels)),
            image.frame_of_reference, MADE, plane=plane,
        )  # fmt: skip
        found = plane_statistics(made, reslicer, readout)
        assert found.spread is not None
        return found.pixels, round(found.spread.mean, 6), round(found.spread.maximum, 6)

    assert taken(15.0, 18.0) == taken(0.0, 0.0)  # as outlines of others count: from their middle
    assert taken(40.0, 60.0) == taken(0.0, 0.0)
