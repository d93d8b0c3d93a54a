"""Spatial registration objects as pydicom writes them, and their points as SimpleITK moves them."""

import io
import math

import pytest
import SimpleITK
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from tests.kit.dicom_files import dataset, written
from tests.kit.registrations import HERE, THERE, matrix, rigid, written_registration
from viewer.errors import HeaderError, UnsupportedSopClass
from viewer.loading.registration import read_registration
from viewer.model.geometry import ImagePlane, PixelPoint, PointLps, Spacing
from viewer.model.registration import STILL, Registration, Rigid

POINTS = [PointLps(0, 0, 0), PointLps(120.5, -33.25, 410.0), PointLps(-7, 8, -9)]


def _read(ds: Dataset) -> Registration:
    return read_registration(io.BytesIO(written(ds)), name="it")


def _itk(one: Rigid) -> SimpleITK.AffineTransform:
    made = SimpleITK.AffineTransform(3)
    made.SetMatrix([n for row in one.rows for n in row])
    made.SetTranslation(tuple(one.shift))
    return made


def test_a_registration_says_where_a_frame_of_reference_lies() -> None:
    found = _read(written_registration())
    assert (found.space, found.label, found.created) == (HERE, "PET to CT", "20260103101500")
    (move,) = found.moves
    assert (move.space, move.images) == (THERE, frozenset())
    c, s = math.cos(math.radians(10)), math.sin(math.radians(10))
    for point in POINTS:
        there = move.rigid.apply(point)
        expected = (c * point.x - s * point.y + 5, s * point.x + c * point.y - 3, point.z + 2)
        assert there == pytest.approx(expected, abs=1e-6)


def test_images_that_it_names_are_the_only_ones() -> None:
    made = written_registration()
    named = Dataset()
    named.ReferencedSOPClassUID, named.ReferencedSOPInstanceUID = "1.2.840", "1.2.3.4"
    made.RegistrationSequence[0].ReferencedImageSequence = Items([named])
    assert _read(made).moves[0].images == {"1.2.3.4"}


def _two_matrices() -> Dataset:
    made = written_registration()
    held = made.RegistrationSequence[0].MatrixRegistrationSequence[0]
    held.MatrixSequence = Items(
        [
            *held.MatrixSequence,
            *written_registration(matrix(4))
            .RegistrationSequence[0]
            .MatrixRegistrationSequence[0]
            .MatrixSequence,
        ]
    )
    return made


def _nameless() -> Dataset:
    made = written_registration()
    del made.RegistrationSequence[0].FrameOfReferenceUID
    return made


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (written_registration(kind="AFFINE"), "Only rigid registrations are applied; this one is"),
        (written_registration([2, *matrix()[1:]]), "not rigid: it turns and shifts not only"),
        (
            written_registration([-1, 0, 0, 0, *matrix()[4:]]),
            "not rigid: it turns and shifts not only",
        ),
        (written_registration([*matrix()[:15], 2]), "not rigid: the last row is not 0, 0, 0, 1"),
        (written_registration(matrix()[:12]), "not rigid: a transformation is 16 finite numbers"),
        (_two_matrices(), "Only a registration of one transformation"),
        (_nameless(), "names no frame of reference"),
        (written_registration(FrameOfReferenceUID=None), "names no frame of reference"),
        (written_registration(RegistrationSequence=None), "holds no transformation"),
    ],
)
def test_what_is_not_plainly_rigid_is_refused_with_a_sentence(made: Dataset, sentence: str) -> None:
    with pytest.raises(HeaderError, match=sentence):
        _read(made)


def test_another_object_is_none() -> None:
    with pytest.raises(UnsupportedSopClass):
        _read(dataset())


def test_points_are_moved_as_simpleitk_moves_them() -> None:
    first, second = rigid(17.0, (4, -5, 6)), rigid(-121.0, (0.5, 88, -12.25))
    both = SimpleITK.CompositeTransform([_itk(second), _itk(first)])  # the last one acts first
    for point in POINTS:
        assert first.apply(point) == pytest.approx(_itk(first).TransformPoint(tuple(point)))
        assert first.then(second).apply(point) == pytest.approx(both.TransformPoint(tuple(point)))
        back = first.inverse().apply(point)
        assert back == pytest.approx(_itk(first).GetInverse().TransformPoint(tuple(point)))
        assert first.then(first.inverse()).apply(point) == pytest.approx(STILL.apply(point))


def test_an_image_is_moved_with_all_its_pixels() -> None:
    plane = ImagePlane(PointLps(3, 4, 5), PointLps(0, 1, 0), PointLps(0, 0, -1), Spacing(0.7, 0.4))
    one = rigid(33.0, (1, 2, 3))
    for pixel in (PixelPoint(0, 0), PixelPoint(12.5, 3), PixelPoint(-4, 99)):
        assert one.moved(plane).to_lps(pixel) == pytest.approx(one.apply(plane.to_lps(pixel)))


def test_rounded_numbers_still_make_perpendicular_units() -> None:
    rounded = [round(n, 4) for n in matrix(37.0)]
    x, y, z = Rigid.of(rounded).rows
    assert (x.norm, y.norm, z.norm) == pytest.approx((1, 1, 1), abs=1e-12)
    assert (x.dot(y), y.dot(z), z.dot(x)) == pytest.approx((0, 0, 0), abs=1e-12)
