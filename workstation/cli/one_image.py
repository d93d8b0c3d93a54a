"""The one image that a command line names: found in display order, decoded whole or refused."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from viewer.errors import ViewerError
from viewer.loading.decoded import Decoded, sound_parts
from viewer.loading.folder import FolderSource, Scan
from viewer.model.refs import FrameRef, SopUid
from viewer.model.split import SplitRules, split
from viewer.model.study import Instance, Series
from viewer.pixels.pipeline import PixelPipeline, Range
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
    range_of_set: Callable[[], Range]
    """Lowest and highest modality value of its display set, decoding every frame of that (F12)."""


def read_image(named: Named, decode: Decode, rules: SplitRules) -> OneImage:
    """Find and decode; UserFacingError says in a sentence why there is no such image.

    A frame with missing rows is refused: a file made of it would not show what is missing (F4).
    ``range_of_set`` can be asked for as long as ``decode`` works.
    """
    if not named.path.exists():
        raise UserFacingError(f"{named.path} does not exist.")
    source = FolderSource()
    series, instance, ref = _chosen(source.scan([named.path]), named, rules)
    try:
        with source.open(ref.sop) as file:
            decoded = decode(file.read(), ref.frame, instance)
    except ViewerError as error:
        raise UserFacingError(f"Image {ref.sop} cannot be drawn: {error.sentence}") from error
    if decoded.missing:
        rows = ", ".join(f"{first + 1} to {end}" for first, end in decoded.missing)
        raise UserFacingError(
            f"Image {ref.sop} cannot be drawn: there is no data for its rows {rows} of "
            f"{len(decoded.pixels)}."
        )

    def range_of_set() -> Range:
        refs = next(one.frames for one in split(series, rules) if ref in one.frames)
        return _range_of(refs, {i.ref.sop: i for i in series.instances}, source, decode)

    return OneImage(ref, instance.at(ref.frame), decoded.pixels, decoded.notes, range_of_set)


def _range_of(
    refs: Sequence[FrameRef],
    instances: Mapping[SopUid, Instance],
    source: FolderSource,
    decode: Decode,
) -> Range:
    """(0, 0) where nothing but padding is there; what cannot be decoded does not count."""
    found: list[Range] = []
    for sop, frames in groupby(refs, lambda ref: ref.sop):
        try:
            with source.open(sop) as file:
                data = file.read()
        except ViewerError:
            continue
        for ref in frames:
            found += _reaches(data, ref.frame, instances[sop], decode)
    return (min(low for low, _ in found), max(high for _, high in found)) if found else (0.0, 0.0)


def _reaches(data: bytes, frame: int, instance: Instance, decode: Decode) -> Iterator[Range]:
    """Of the rows of a frame that are there, where these hold values."""
    try:
        decoded = decode(data, frame, instance)
    except ViewerError:
        return
    if decoded.pixels.ndim != 2:
        return
    pipeline = PixelPipeline.of(instance.at(frame))
    for part in sound_parts(decoded.pixels, decoded.missing):
        values = pipeline.reach(part)
        if values is not None:
            yield values


def _chosen(scan: Scan, named: Named, rules: SplitRules) -> tuple[Series, Instance, FrameRef]:
    found = [series for study in scan.studies for series in study.series]
    if named.series is not None:
        found = [series for series in found if series.uid == named.series]
        if not found:
            raise UserFacingError(f"There is no series {named.series} in {named.path}.")
    for series in found:
        images = images_of(series, rules)
        if images:
            return series, *_counted(images, named, series)
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


def images_of(series: Series, rules: SplitRules) -> list[tuple[Instance, FrameRef]]:
    """Every image of a series in display order, with the instance that holds it."""
    by_sop = {instance.ref.sop: instance for instance in series.instances}
    refs = [ref for display_set in split(series, rules) for ref in display_set.frames]
    return [(by_sop[ref.sop], ref) for ref in refs if by_sop[ref.sop].format is not None]
