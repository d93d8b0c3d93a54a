"""What ``lightbox render`` takes, and the sentence for what it does not."""

import argparse
from pathlib import Path

import pytest

from viewer.model.presentation import Window
from workstation.cli import render
from workstation.errors import UserFacingError


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    render.add_arguments(parser)
    return parser.parse_args(["in.dcm", "--out", "out.png", *words])


def test_what_is_left_out_has_its_default() -> None:
    wanted = render.checked(parsed())
    assert (wanted.image.index, wanted.bits, wanted.window, wanted.size) == (0, 8, None, None)


def test_a_negative_centre_is_a_value_and_not_an_option() -> None:
    assert render.checked(parsed("--window", "-600,1500")).window == Window(-600, 1500)
    assert render.checked(parsed("--window=-600.5,1500")).window == Window(-600.5, 1500)


def test_a_size_is_width_then_height() -> None:
    assert render.checked(parsed("--size", "640x480")).size == (640, 480)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--bits", "12"), "--bits is 8 or 16, not 12"),
        (("--index", "-1"), "--index is a number from 0, not -1"),
        (("--index", "two"), "--index is a number from 0"),
        (("--window", "40"), "--window is a centre and a width"),
        (("--window", "40,0.5"), "--window is a centre and a width"),
        (("--window", "nan,400"), "--window is a centre and a width"),
        (("--window", "1,2,3"), "--window is a centre and a width"),
        (("--size", "0x5"), "--size is a width and a height"),
        (("--size", "99999x5"), "--size is a width and a height"),
        (("--size", "5"), "--size is a width and a height"),
        (("--frame", "x"), "--frame is a number from 0, not x"),
        (("--readout", "SUV"), "--readout goes with --values"),
        (("--values", "--size", "5x5"), "--values writes every value as it is"),
        (("--values", "--bits", "16"), "--values writes every value as it is"),
    ],
)
def test_nonsense_gets_a_sentence(words: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(UserFacingError, match=sentence):
        render.checked(parsed(*words))


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    args = parsed()
    args.path = tmp_path / "none.dcm"
    with pytest.raises(UserFacingError, match=r"none\.dcm does not exist"):
        render.run(args)
