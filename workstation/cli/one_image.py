"""The one image that a command line names: found in display order, decoded whole or refused."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from viewer.errors import ViewerError
from viewer.loading.decoded import Decoded
from viewer.loading.folder import FolderSource, Scan
from viewer.model.refs import FrameRef
from viewer.model.split import SplitRules, split
from viewer.model.study import Instance, Series
from workstation.errors import UserFacingError

Decode = Callable[[bytes, int, Instance], Decoded]


@dataclass(frozen=True, slots=True)
class Named:
    """Which image is meant; ``frame`` counts the frames of one object as they are stored."""

    path: Path
    series: str | None = None
    index: int = 0
    frame: int | None = None


@dataclass(frozen=True, slots=True)
class OneImage:
    """The frame with the header that holds for it (F14)."""

    ref: FrameRef
    instance: Instance
    pixels: NDArray[Any]
    notes: tuple[str, ...]


def read_image(named: Named, decode: Decode, rules: SplitRules) -> OneImage:
    """Find and decode; UserFacingError says in a sentence why there is no such image.

    A frame with missing rows is refused: a file made of it would not show what is missing (F4).
    """
    if not named.path.exists():
        raise UserFacingError(f"{named.path} does not exist.")
    source = FolderSource()
    instance, ref = _chosen(source.scan([named.path]), named, rules)
    try:
        with source.open(ref.sop) as file:
            decoded = decode(file.read(), ref.frame, instance)
    except ViewerError as error:
        raise UserFacingError(f"Image {ref.sop} cannot be drawn: {error.sentence}") from error
    if decoded.missing:
        rows = ", ".join(f"{first} to {end - 1}" for first, end in decoded.missing)
        raise UserFacingError(
            f"Image {ref.sop} cannot be drawn: there is no data for its rows {rows}."
        )
    return OneImage(ref, instance.at(ref.frame), decoded.pixels, decoded.notes)


def _chosen(scan: Scan, named: Named, rules: SplitRules) -> tuple[Instance, FrameRef]:
    found = [series for study in scan.studies for series in study.series]
    if named.series is not None:
        found = [series for series in found if series.uid == named.series]
        if not found:
            raise UserFacingError(f"There is no series {named.series} in {named.path}.")
    for series in found:
        images = _images(series, rules)
        if images:
            return _counted(images, named, series)
    if found or not scan.rejected:
        raise UserFacingError(f"There are no images in {named.path}.")
    first = scan.rejected[0]
    raise UserFacingError(f"{first.file} cannot be drawn: {first.reason}")


def _counted(
    images: list[tuple[Instance, FrameRef]], named: Named, series: Series
) -> tuple[Instance, FrameRef]:
    if named.index >= len(images):
        raise UserFacingError(
            f"There is no image {named.index}: series {series.uid} has {len(images)}, "
            "counted from 0."
        )
    instance, ref = images[named.index]
    if named.frame is None:
        return instance, ref
    if named.frame >= instance.frames:
        raise UserFacingError(
            f"There is no frame {named.frame}: image {ref.sop} has {instance.frames}, "
            "counted from 0."
        )
    return instance, FrameRef(ref.study, ref.series, ref.sop, named.frame)


def _images(series: Series, rules: SplitRules) -> list[tuple[Instance, FrameRef]]:
    by_sop = {instance.ref.sop: instance for instance in series.instances}
    refs = [ref for display_set in split(series, rules) for ref in display_set.frames]
    return [(by_sop[ref.sop], ref) for ref in refs if by_sop[ref.sop].format is not None]
