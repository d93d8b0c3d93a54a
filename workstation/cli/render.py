"""``lightbox render``: one image as a PNG of P-values, through the product's own pipeline."""

import argparse
import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from viewer.errors import ViewerError
from viewer.loading.decoded import Decoded
from viewer.loading.folder import FolderSource, Scan
from viewer.loading.pool import DecodePool
from viewer.model.presentation import Presentation, Window
from viewer.model.refs import FrameRef
from viewer.model.split import SplitRules, load_rules, split
from viewer.model.study import Instance, Series
from viewer.pixels.pipeline import PixelPipeline, default_voi, value_range
from viewer.render.compositor import RenderRequest
from viewer.render.png import write_png
from viewer.viewport.transform import PaneSize
from workstation.errors import UserFacingError
from workstation.paths import resources

Decode = Callable[[bytes, int, Instance], Decoded]

_LARGEST = 16384
"""Largest width or height of a picture, pixels."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for, checked."""

    path: Path
    series: str | None
    index: int
    window: Window | None
    bits: int
    size: PaneSize | None
    out: Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``render`` takes."""
    # A lung window is given as "--window -600,1500", which is a value and no option.
    parser._negative_number_matcher = re.compile(r"-[\d.]")  # noqa: SLF001 - no public way
    parser.add_argument("path", type=Path, help="DICOM file or folder")
    parser.add_argument(
        "--series", metavar="UID", help="series to take; else the first with images"
    )
    parser.add_argument(
        "--index", default="0", metavar="I", help="image in display order, from 0 (default 0)"
    )
    parser.add_argument(
        "--window",
        metavar="C,W",
        help="centre and width; else the image's first own window, else minimum to maximum",
    )
    parser.add_argument("--bits", default="8", metavar="8|16", help="depth of a grey PNG (8)")
    parser.add_argument(
        "--size", metavar="WxH", help="fit into W by H pixels; else one pixel for each image pixel"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="F.png", help="file to write")


def run(args: argparse.Namespace) -> int:
    """Write the picture; UserFacingError says in a sentence why it cannot be."""
    wanted = checked(args)
    with closing(DecodePool(workers=1)) as pool:
        picture = render(wanted, pool.decode, load_rules(resources() / "splitting.toml"))
    try:
        write_png(wanted.out, picture)
    except OSError as error:
        raise UserFacingError(f"{wanted.out} cannot be written: {error.strerror}.") from error
    return 0


def render(wanted: Wanted, decode: Decode, rules: SplitRules) -> NDArray[Any]:
    """The picture that was asked for: grey of 8 or 16 bits, or RGB."""
    if not wanted.path.exists():
        raise UserFacingError(f"{wanted.path} does not exist.")
    source = FolderSource()
    scan = source.scan([wanted.path])
    instance, ref = _chosen(scan, wanted, rules)
    try:
        with source.open(ref.sop) as file:
            frame = decode(file.read(), ref.frame, instance).pixels
    except ViewerError as error:
        raise UserFacingError(f"Image {ref.sop} cannot be drawn: {error.sentence}") from error
    return _picture(frame, instance, ref.frame, wanted)


def _picture(frame: NDArray[Any], instance: Instance, index: int, wanted: Wanted) -> NDArray[Any]:
    grey = frame.ndim == 2
    look = Presentation(wanted.window or default_voi(instance)) if grey else Presentation()
    if wanted.size is not None:
        request = RenderRequest(frame, instance, look, wanted.size, index, bits=wanted.bits)
        return request.compose(request.sample())
    if not grey:
        return frame
    pipeline = PixelPipeline.of(instance)
    fallback = None if look.voi is not None else value_range([frame], pipeline)
    return pipeline.p_values(frame, look, bits=wanted.bits, fallback=fallback)


def _chosen(scan: Scan, wanted: Wanted, rules: SplitRules) -> tuple[Instance, FrameRef]:
    """Find the image: by display order within the series that was named or comes first."""
    found = [series for study in scan.studies for series in study.series]
    if wanted.series is not None:
        found = [series for series in found if series.uid == wanted.series]
        if not found:
            raise UserFacingError(f"There is no series {wanted.series} in {wanted.path}.")
    for series in found:
        images = _images(series, rules)
        if not images:
            continue
        if wanted.index >= len(images):
            raise UserFacingError(
                f"There is no image {wanted.index}: series {series.uid} has {len(images)}, "
                "counted from 0."
            )
        return images[wanted.index]
    if found or not scan.rejected:
        raise UserFacingError(f"There are no images in {wanted.path}.")
    first = scan.rejected[0]
    raise UserFacingError(f"{first.file} cannot be drawn: {first.reason}")


def _images(series: Series, rules: SplitRules) -> list[tuple[Instance, FrameRef]]:
    by_sop = {instance.ref.sop: instance for instance in series.instances}
    refs = [ref for display_set in split(series, rules) for ref in display_set.frames]
    return [(by_sop[ref.sop], ref) for ref in refs if by_sop[ref.sop].format is not None]


def checked(args: argparse.Namespace) -> Wanted:
    if args.bits not in ("8", "16"):
        raise UserFacingError(f"--bits is 8 or 16, not {args.bits}.")
    if not re.fullmatch(r"\d{1,9}", args.index):
        raise UserFacingError(f"--index is a number from 0, not {args.index}.")
    return Wanted(
        args.path,
        args.series,
        int(args.index),
        None if args.window is None else _window(args.window),
        int(args.bits),
        None if args.size is None else _size(args.size),
        args.out,
    )


def _window(text: str) -> Window:
    try:
        centre, width = (float(part) for part in text.split(","))
        return Window(centre, width)
    except ValueError as error:
        raise UserFacingError(
            f"--window is a centre and a width of at least 1, such as 40,400, not {text}."
        ) from error


def _size(text: str) -> PaneSize:
    numbers = re.fullmatch(r"(\d{1,5})[xX×](\d{1,5})", text)
    if numbers is None or not all(1 <= int(n) <= _LARGEST for n in numbers.groups()):
        raise UserFacingError(
            f"--size is a width and a height up to {_LARGEST}, such as 512x512, not {text}."
        )
    return PaneSize(int(numbers[1]), int(numbers[2]))
