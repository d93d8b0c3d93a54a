"""F37: a reader's calibration is recorded, shown, per image, and changes no header value."""

from dataclasses import replace

import pytest

from tests.kit.annotations import annotation, numbers
from tests.kit.viewer import projection_instance
from viewer.calibration.spacing import scale_of
from viewer.calibration.user import line_of, user_scale
from viewer.measure.registry import Ground, read
from viewer.model.annotation import Annotation, AnnotationKind
from viewer.model.geometry import Spacing
from viewer.model.measurement import CalibrationKind
from viewer.model.study import ProjectionGeometry
from workstation.store.codec import decode, encode

K = AnnotationKind
FACTS = ProjectionGeometry(imager_spacing=Spacing(0.2, 0.2))
IMAGE = projection_instance("PA", projection=FACTS)
LINE = annotation(K.CALIBRATION, IMAGE, (5, 5), (25, 5), known=30.0)


def test_f37_round_trip() -> None:
    kept = decode(Annotation, encode(LINE))
    assert kept == LINE
    assert user_scale(kept, IMAGE) == user_scale(LINE, IMAGE)


def test_f37_author_time_and_words_stand_with_the_number() -> None:
    scale = user_scale(LINE, IMAGE)
    assert "Dr. Ito" in scale.reason
    assert "2026-11-24 12:00" in scale.reason
    found = read(annotation(K.LENGTH, IMAGE, (0, 0), (10, 0)), Ground(IMAGE, line=LINE))
    assert found.lines == ("15.0 mm calibrated by hand",)
    assert numbers(found)[""].calibration is CalibrationKind.USER


def test_f37_it_holds_for_its_image_alone_and_the_header_stays() -> None:
    other = projection_instance("LAT", 1, projection=FACTS)
    assert line_of([LINE], IMAGE.ref) == LINE
    assert line_of([LINE], other.ref) is None
    before = scale_of(IMAGE)
    user_scale(LINE, IMAGE)
    assert scale_of(IMAGE) == before
    assert before.spacing == Spacing(0.2, 0.2)


def test_f37_a_line_without_a_length_calibrates_nothing() -> None:
    unknown = replace(LINE, known=None)
    assert line_of([unknown], IMAGE.ref) is None
    found = read(annotation(K.LENGTH, IMAGE, (0, 0), (10, 0)), Ground(IMAGE, line=unknown))
    assert found.lines == ("2.0 mm at detector",)
    with pytest.raises(ValueError, match="positive"):
        replace(LINE, known=-1.0)
