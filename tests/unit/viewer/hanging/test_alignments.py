"""Which registration says how images lie in one another."""

from dataclasses import replace

import pytest

from tests.kit.registrations import HERE, THERE, registration, rigid
from tests.kit.viewer import study_of
from viewer.hanging.alignments import Alignments, Side
from viewer.model.geometry import PointLps
from viewer.model.refs import FrameOfReferenceUid, SopUid
from viewer.model.registration import Move

IMAGES = frozenset({SopUid("1"), SopUid("2")})
MOVING, STILL_SIDE = Side(THERE, IMAGES), Side(HERE, IMAGES)
POINT = PointLps(10, 20, 30)
THIRD = FrameOfReferenceUid("1.2.826.0.1.78")


def test_there_and_back() -> None:
    found = Alignments((registration(Move(THERE, rigid(10, (5, 0, 0)))),))
    there, back = found.between(MOVING, STILL_SIDE), found.between(STILL_SIDE, MOVING)
    assert there is not None
    assert back is not None
    assert there.rigid.apply(POINT) == pytest.approx(rigid(10, (5, 0, 0)).apply(POINT))
    assert back.rigid.apply(there.rigid.apply(POINT)) == pytest.approx(POINT)
    assert there.words == "PET to CT, 2026-01-03"


def test_two_frames_of_reference_meet_in_a_third() -> None:
    one, other = rigid(10, (5, 0, 0)), rigid(-20, (0, 3, 1))
    found = Alignments((registration(Move(THERE, one), Move(THIRD, other)),))
    way = found.between(MOVING, Side(THIRD, IMAGES))
    assert way is not None
    assert other.apply(way.rigid.apply(POINT)) == pytest.approx(one.apply(POINT))


def test_nobody_says_so() -> None:
    found = Alignments((registration(Move(THERE, rigid())),))
    assert found.between(Side(THIRD, IMAGES), STILL_SIDE) is None
    assert Alignments().between(MOVING, STILL_SIDE) is None
    only = Alignments((registration(Move(THERE, rigid(), frozenset({SopUid("1")}))),))
    assert only.between(MOVING, STILL_SIDE) is None
    assert only.between(Side(THERE, {SopUid("1")}), STILL_SIDE) is not None


def test_the_newest_of_a_case_counts() -> None:
    early = registration(Move(THERE, rigid(1)), created="20260102", number=2)
    late = registration(Move(THERE, rigid(2)), created="20260103", number=1)
    one = replace(study_of(), registrations=(late,))
    found = Alignments.of((one, replace(study_of(uid="1.3"), registrations=(early,))))
    way = found.between(MOVING, STILL_SIDE)
    assert way is not None
    assert way.by is late
