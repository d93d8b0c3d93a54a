"""``lightbox render``: one image as a PNG of P-values or as values to measure with."""

import argparse
import json
import re
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.loading.colour_tables import PLAIN, MakeTable, conversion
from viewer.loading.pool import DecodePool
from viewer.model.presentation import Presentation, VoiLut, Window
from viewer.model.quantities import Readout, ReadoutKind
from viewer.model.split import load_rules
from viewer.pixels.colour import with_supplement
from viewer.pixels.colour_table import ColourTable
from viewer.pixels.measured import measured_values, readouts
from viewer.pixels.pipeline import PixelPipeline, Range, default_voi, value_range, voi_choices
from viewer.render.compositor import RenderRequest
from viewer.render.marks import marked
from viewer.render.png import write_png
from viewer.viewport.softcopy import turned
from viewer.viewport.transform import PaneSize
from workstation.cli.one_image import Named, OneImage, read_image
from workstation.cli.output import whole_file
from workstation.cli.presented import presented, shut
from workstation.errors import UserFacingError
from workstation.paths import resources

_LARGEST = 16384
"""Largest width or height of a picture, pixels."""

Voi = Window | VoiLut | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for, checked."""

    image: Named
    out: Path
    window: Window | None = None
    voi: str | None = None
    """Which of the image's own windows and LUTs: its number from 0, or its explanation."""
    plain: bool = False
    """Minimum to maximum, whatever the image asks for."""
    bits: int = 8
    size: PaneSize | None = None
    values: bool = False
    readout: str | None = None
    told: bool = False
    state: Path | None = None
    """The presentation state to look through; its graphics are not drawn."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``render`` takes."""
    # A lung window is given as "--window -600,1500", which is a value and no option.
    parser._negative_number_matcher = re.compile(r"-[\d.]")  # noqa: SLF001 - no public way
    add = parser.add_argument
    add("path", type=Path, help="DICOM file or folder")
    add("--series", metavar="UID", help="series to take; else the first with images")
    add("--index", default="0", metavar="I", help="image in display order, from 0 (default 0)")
    add("--frame", metavar="F", help="frame of that image's object as it is stored, from 0")
    look = parser.add_mutually_exclusive_group()
    look.add_argument(
        "--window",
        metavar="C,W",
        help="centre and width; else the image's first own window, else minimum to maximum",
    )
    look.add_argument(
        "--voi", metavar="NAME|INDEX", help="one of the image's own windows or LUTs, from 0"
    )
    look.add_argument("--no-voi", action="store_true", help="minimum to maximum")
    add(
        "--presentation-state",
        type=Path,
        metavar="FILE",
        help="look as this presentation state says, its graphics left out",
    )
    add("--bits", metavar="8|16", help="depth of a grey PNG (8)")
    add("--size", metavar="WxH", help="fit into W by H pixels; else one for each image pixel")
    add("--values", action="store_true", help="write values as 32-bit float .npy, no picture")
    add("--readout", metavar="NAME", help="with --values: modality, real-world, SUV or a name")
    add("--json", action="store_true", help="say as JSON what was written")
    add("--out", type=Path, required=True, metavar="F", help="file to write: .png, .npy")


def run(args: argparse.Namespace) -> int:
    """Write the picture or the values; UserFacingError says in a sentence why it cannot be."""
    wanted = checked(args)
    with closing(DecodePool(workers=1)) as pool:
        image = read_image(wanted.image, pool.decode, load_rules(resources() / "splitting.toml"))
        try:
            if wanted.values:
                told = _write_values(image, wanted)
            else:
                told = _write_picture(image, wanted, pool.colour_table)
        except OSError as error:
            raise UserFacingError(f"{wanted.out} cannot be written: {error.strerror}.") from error
    if wanted.told:
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
    return 0


def _write_picture(image: OneImage, wanted: Wanted, make: MakeTable) -> Mapping[str, object]:
    image, look = presented(image, wanted.state)
    grey = image.pixels.ndim == 2
    colours = PLAIN if grey else conversion(make, image.instance.colour_profile, None)
    image = replace(image, notes=(*image.notes, *filter(None, (colours.problem,))))
    voi = _voi(image, wanted) if grey else None
    if not grey and (wanted.window or wanted.voi):
        raise UserFacingError("Colour has no window (PS3.3 C.11.2).")
    reach = _range(image, wanted) if grey and voi is None else None
    picture = _picture(image, look.with_voi(voi), wanted, reach, colours.table)
    lossy = f"LOSSY {image.instance.lossy}" if image.instance.lossy else ""
    if wanted.size is not None:
        picture = marked(picture, lossy)
    with whole_file(wanted.out) as file:
        write_png(file, picture, lossy)
    own = {"content": "P-values", "bits": picture.dtype.itemsize * 8} if picture.ndim == 2 else {}
    return (
        _about(image, wanted)
        | (own or {"content": "RGB"})
        | {"voi": _described(voi), "range": reach}
    )


def _range(image: OneImage, wanted: Wanted) -> Range:
    """From black to white without a window: of the displayed set (F12); through a state's modality
    step, of this image.
    """
    if wanted.state is None:
        return image.range_of_set()
    return value_range([image.pixels], PixelPipeline.of(image.instance))


def _picture(
    image: OneImage,
    look: Presentation,
    wanted: Wanted,
    reach: Range | None,
    colours: ColourTable | None,
) -> NDArray[Any]:
    frame, instance = image.pixels, image.instance
    shutter = instance.shutter if wanted.state is not None else None
    if wanted.size is not None:
        request = RenderRequest(
            frame,
            instance,
            look,
            wanted.size,
            image.ref.frame,
            fallback=reach,
            bits=wanted.bits,
            shutter=shutter,
            colours=colours,
        )
        return request.compose(request.sample())
    if frame.ndim == 3:
        frame = frame if colours is None else colours.applied(frame)
        return turned(shut(frame, shutter, look), look)
    pipeline = PixelPipeline.of(instance)
    supplement = instance.supplemental
    if supplement is not None and supplement.colours(image.ref.frame):
        grey = pipeline.p_values(frame, look, bits=8, fallback=reach)
        levels: NDArray[Any] = with_supplement(
            np.asarray(grey, np.uint8), frame, supplement.palette
        )
    else:
        levels = pipeline.p_values(frame, look, bits=wanted.bits, fallback=reach)
    return turned(shut(levels, shutter, look), look)


def _write_values(image: OneImage, wanted: Wanted) -> Mapping[str, object]:
    if image.pixels.ndim != 2:
        raise UserFacingError("Colour has no values to measure with.")
    chosen = _readout(image, wanted.readout)
    with np.errstate(over="ignore"):  # what 32 bits cannot hold is infinite
        values = measured_values(image.pixels, image.instance, chosen).values.astype(np.float32)
    with whole_file(wanted.out) as file:
        np.save(file, values)
    real = values[np.isfinite(values)]
    why = _no_uptake(image) if chosen.kind is ReadoutKind.MODALITY else ""
    if why and wanted.readout is None:
        sys.stderr.write(f"lightbox: {why} These are modality values.\n")
    return _about(image, wanted) | {
        "content": "values",
        "kind": chosen.kind.value,
        "name": chosen.name,
        "unit": chosen.unit,
        "minimum": float(real.min()) if real.size else None,
        "maximum": float(real.max()) if real.size else None,
        "without_value": int(values.size - real.size),
        "offered": [one.name for one in readouts(image.instance)],
        "suv_reason": why or None,
    }


def _readout(image: OneImage, name: str | None) -> Readout:
    offered = readouts(image.instance)
    if name is None:
        return offered[0]
    wanted = name.casefold()
    for one in offered:
        if wanted in (one.name.casefold(), one.kind.value.casefold()):
            return one
    why = _no_uptake(image)
    if wanted == ReadoutKind.SUV.value.casefold() and why:
        raise UserFacingError(why)
    names = ", ".join(one.name for one in offered)
    raise UserFacingError(f"This image has no values called {name}; it has {names}.")


def _no_uptake(image: OneImage) -> str:
    """Why a PET image has no uptake value at all; empty where it has one, and for all others."""
    uptake = image.instance.suv
    return " ".join(uptake.refusals) if uptake is not None and not uptake.scales else ""


def _voi(image: OneImage, wanted: Wanted) -> Voi:
    choices = voi_choices(image.instance)
    if wanted.window is not None or wanted.plain:
        return wanted.window
    if wanted.voi is None:
        return default_voi(image.instance)
    if wanted.voi.isdecimal() and int(wanted.voi) < len(choices):
        return choices[int(wanted.voi)]
    name = wanted.voi.casefold()
    for one in choices:
        if one.explanation.casefold() == name:
            return one
    names = ", ".join(f"{n} {c.explanation}".strip() for n, c in enumerate(choices)) or "none"
    raise UserFacingError(f"The image has no window {wanted.voi}; its own are: {names}.")


def _about(image: OneImage, wanted: Wanted) -> dict[str, object]:
    rows, columns = image.pixels.shape[:2]
    return {
        "file": str(wanted.out),
        "series": image.ref.series,
        "sop": image.ref.sop,
        "frame": image.ref.frame,
        "rows": rows,
        "columns": columns,
        "lossy": image.instance.lossy,
        "warnings": [*image.instance.repairs, *image.notes],
    }


def _described(voi: Voi) -> Mapping[str, object] | None:
    """None stands for minimum to maximum, and for colour."""
    if isinstance(voi, Window):
        kind = voi.function.value
        return {"centre": voi.centre, "width": voi.width, "function": kind} | _named(voi)
    return None if voi is None else {"function": "LUT", "entries": len(voi.entries)} | _named(voi)


def _named(voi: Window | VoiLut) -> dict[str, object]:
    return {"explanation": voi.explanation}


def checked(args: argparse.Namespace) -> Wanted:
    """The arguments as they are meant; UserFacingError for the first that means nothing."""
    if args.bits not in (None, "8", "16"):
        raise UserFacingError(f"--bits is 8 or 16, not {args.bits}.")
    if args.readout is not None and not args.values:
        raise UserFacingError("--readout goes with --values.")
    pictured = args.size, args.window, args.voi, args.no_voi or None, args.bits
    if args.values and any(one is not None for one in pictured):
        raise UserFacingError("--values writes every value as it is: no window, size or bits.")
    if args.values and args.presentation_state:
        raise UserFacingError("--values writes the image's own values, of no presentation state.")
    frame = None if args.frame is None else _count("--frame", args.frame)
    return Wanted(
        Named(args.path, args.series, _count("--index", args.index), frame),
        args.out,
        window=None if args.window is None else _window(args.window),
        voi=args.voi,
        plain=args.no_voi,
        bits=int(args.bits or 8),
        size=None if args.size is None else _size(args.size),
        values=args.values,
        readout=args.readout,
        told=args.json,
        state=args.presentation_state,
    )


def _count(name: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise UserFacingError(f"{name} is a number from 0, not {text}.")
    return int(text)


def _window(text: str) -> Window:
    try:
        centre, width = (float(part) for part in text.split(","))
        return Window(centre, width)
    except ValueError as error:
        raise UserFacingError(
            f"--window is a centre and a width of at least 1, such as 40,400, not {text}."
        ) from error


def _size(text: str) -> PaneSize:
    numbers = re.fullmatch(r"([0-9]{1,5})[xX×]([0-9]{1,5})", text)
    if numbers is None or not all(1 <= int(n) <= _LARGEST for n in numbers.groups()):
        raise UserFacingError(
            f"--size is a width and a height up to {_LARGEST}, such as 512x512, not {text}."
        )
    return PaneSize(int(numbers[1]), int(numbers[2]))
