"""What other programs make of one file: stored values or modality values, frame by frame."""

import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import SimpleITK
from numpy.typing import NDArray

from tests.kit import pydicom_oracle
from viewer.model.study import Instance, Photometric

_SECONDS = 30
_NATIVE = {
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.2",
    "1.2.840.10008.1.2.1.99",
}


class Level(StrEnum):
    """At which step of the pipeline a peer can be compared."""

    STORED = "stored"
    MODALITY = "modality"


class NoOpinion(Exception):
    """The peer cannot read the file, or says itself that it does not apply; the text says why."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One program: ``frames`` gives (frames, rows, columns[, 3]) or raises NoOpinion."""

    name: str
    level: Level
    frames: Callable[[Path, Instance], NDArray[Any]]


def peers() -> tuple[Peer, ...]:
    """The programs that are here, in the order of the table's columns."""
    found = [
        Peer("pydicom", Level.STORED, _pydicom),
        Peer("highdicom", Level.MODALITY, _highdicom),
        Peer("SimpleITK", Level.MODALITY, _simple_itk),
    ]
    if shutil.which("dcmconv"):
        found.insert(2, Peer("dcmtk", Level.STORED, _dcmtk))
    return tuple(found)


def _pydicom(file: Path, instance: Instance) -> NDArray[Any]:
    assert instance.format is not None
    try:
        return pydicom_oracle.frames(pydicom_oracle.dataset(file), instance.format, instance.frames)
    except Exception as error:
        raise NoOpinion(_plain(error)) from error


def _highdicom(file: Path, instance: Instance) -> NDArray[Any]:
    assert instance.format is not None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = highdicom.imread(file)
            frames = [
                image.get_frame(
                    number,
                    apply_real_world_transform=False,
                    apply_voi_transform=False,
                    apply_presentation_lut=False,
                    apply_icc_profile=False,
                )
                for number in range(1, instance.frames + 1)
            ]
    except Exception as error:
        raise NoOpinion(_plain(error)) from error
    return np.stack([_eight_bits(frame, instance) for frame in frames])


def _eight_bits(frame: NDArray[Any], instance: Instance) -> NDArray[Any]:
    """Colour by its 8 most significant bits, as it is shown; grey as it is."""
    assert instance.format is not None
    if frame.ndim == 2 or instance.format.is_grey:
        return frame
    deep = instance.format.bits_stored
    if instance.format.photometric is Photometric.PALETTE:
        deep = 16 if frame.max(initial=0) > 255 else 8
    return np.floor(frame / 2.0 ** (deep - 8)) if deep > 8 else frame


def _dcmtk(file: Path, instance: Instance) -> NDArray[Any]:
    """Stored values of a copy that dcmtk has made native; only the container is read by pydicom."""
    program = _converter(instance.transfer_syntax)
    with tempfile.TemporaryDirectory() as folder:
        native = Path(folder, "native.dcm")
        done = subprocess.run(
            [*program, str(file), str(native)],
            check=False, capture_output=True, timeout=_SECONDS,
        )  # fmt: skip
        if done.returncode != 0 or not native.exists():
            lines = done.stderr.decode(errors="replace").strip().splitlines()
            raise NoOpinion(lines[-1][:120] if lines else f"{program[0]} fails")
        return _pydicom(native, instance)


def _converter(syntax: str) -> list[str]:
    if syntax in _NATIVE:
        return ["dcmconv", "+te"]
    if syntax == "1.2.840.10008.1.2.5":
        return ["dcmdrle"]
    if syntax in {"1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"}:
        return ["dcmdjpls"]
    number = syntax.removeprefix("1.2.840.10008.1.2.4.")
    if number.isdigit() and 50 <= int(number) <= 70:
        return ["dcmdjpeg"]
    raise NoOpinion("no decoder for this transfer syntax")


def _simple_itk(file: Path, instance: Instance) -> NDArray[Any]:
    assert instance.format is not None
    # its messages go to standard error, where nobody reads them
    SimpleITK.ProcessObject.SetGlobalWarningDisplay(False)
    reader = SimpleITK.ImageFileReader()
    reader.SetImageIO("GDCMImageIO")
    reader.SetFileName(str(file))
    try:
        array: NDArray[Any] = SimpleITK.GetArrayFromImage(reader.Execute())
    except RuntimeError as error:
        raise NoOpinion(_plain(error)) from error
    colour = instance.format.photometric is Photometric.PALETTE or instance.format.samples == 3
    wanted = 4 if colour else 3
    while array.ndim < wanted:
        array = array[np.newaxis]
    return _eight_bits(array, instance) if colour else array


def _plain(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[-1] if lines else type(error).__name__)[:120]
