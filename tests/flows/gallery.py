"""Pictures of the images of a folder as a reader sees them: `make screenshots DATA=… OUT=…`.

They may show patients: they are written into a folder of one's own and never into the sources.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom

from tests.kit import real_volumes as volumes
from tests.kit.real_area import RealArea, real_area
from workstation.qt.application import make_application

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Picture:
    """What is opened for one picture, and what is done to it."""

    name: str
    folder: str
    commands: tuple[str, ...] = ()
    only: str = ""
    """Beginning of the names of the files that are opened."""
    made: Callable[[Path, Path], Path] | None = None
    """Makes the files of the picture from those of the folder."""
    steps: int = 0
    """Images to go on."""


def _four_up(data: Path, folder: Path) -> Path:
    """One real view and its mirror, as both views of both sides: enough to see how they hang."""
    sides = {"R": ("P", "FL", "L"), "L": ("A", "FR", "R")}
    source = next(p for p in sorted(data.iterdir()) if _says(p, "R", "MLO"))
    read = volumes.folder(source)
    pixels = read.decode(read.sets[0].frames[0]).pixels
    for number, (side, (row, mlo, cc)) in enumerate(sides.items()):
        for view, column in (("MLO", mlo), ("CC", cc)):
            ds = pydicom.dcmread(source)
            turned = pixels if side == "R" else np.ascontiguousarray(pixels[:, ::-1])
            ds.PixelData = turned.tobytes()
            ds["PixelData"].is_undefined_length = False
            ds.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
            ds.ImageLaterality, ds.ViewPosition = side, view
            ds.PatientOrientation = [row, column]
            ds.SOPInstanceUID = pydicom.uid.generate_uid()
            ds.SeriesInstanceUID = pydicom.uid.generate_uid()
            ds.SeriesNumber, ds.SeriesDescription = number * 2 + (view == "CC"), f"{side} {view}"
            ds.save_as(folder / f"{side}{view}.dcm", enforce_file_format=True)
    return folder


def _says(file: Path, side: str, view: str) -> bool:
    try:
        ds = pydicom.dcmread(file, stop_before_pixels=True)
    except (pydicom.errors.InvalidDicomError, OSError):
        return False
    return (ds.get("ImageLaterality"), ds.get("ViewPosition")) == (side, view)


PICTURES = (
    Picture("ct", "ct-chest-nlst-101287"),
    Picture("ct-mpr", "ct-chest-nlst-101287", ("mpr.open",)),
    Picture("pet-ct", "petct-acrin-nsclc-042", ("layout.pet_ct",)),
    Picture("pet-ct-planes", "petct-acrin-nsclc-042", ("petct.open",)),
    Picture("mg", "mg", made=_four_up),
    Picture("cr", "cr-dx", only="RG1"),
    Picture("us", "us", only="OBXXXX", steps=1),
    Picture("us-colour", "us", only="examples_ybr"),
    Picture("mr", "mr-prostate-prostatex-0207", ("layout.4",)),
    Picture("xa", "xa-rf"),
    Picture("bone-3d", "ct-chest-nlst-101287", ("volume.open",)),
)


def main(arguments: Sequence[str]) -> int:
    """Write the pictures whose folders are there; 2 where none is."""
    parser = argparse.ArgumentParser(prog="gallery", description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("only", nargs="*")
    wanted = parser.parse_args(arguments)
    if wanted.out.resolve().is_relative_to(ROOT):
        parser.error("pictures of real images do not belong into the sources")
    wanted.out.mkdir(parents=True, exist_ok=True)
    application = make_application(["gallery"])
    taken = 0
    for picture in PICTURES:
        named = not wanted.only or picture.name in wanted.only
        if named and (wanted.data / picture.folder).is_dir():
            taken += _take(picture, wanted.data / picture.folder, wanted.out)
            application.processEvents()
    return 0 if taken else 2


def _take(picture: Picture, data: Path, out: Path) -> bool:
    with tempfile.TemporaryDirectory() as made:
        paths = [data]
        if picture.made is not None:
            paths = [picture.made(data, Path(made))]
        elif picture.only:
            paths = [p for p in sorted(data.iterdir()) if p.name.startswith(picture.only)]
        room = real_area(paths)
        try:
            return _shown(picture, room, out / f"{picture.name}.png")
        finally:
            room.area.shut_down()
            room.area.close()
            room.area.deleteLater()


def _shown(picture: Picture, room: RealArea, file: Path) -> bool:
    room.open()
    known = room.area.actions_by_id()
    if not set(picture.commands) <= known.keys():
        return False
    room.do(*picture.commands, *["frame.next"] * picture.steps)
    room.picture(file)
    sys.stdout.write(f"{file}\n")
    for notice in room.notices:
        sys.stdout.write(f"  {notice}\n")
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
