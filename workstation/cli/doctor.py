"""`lightbox doctor`: versions, screens, graphics, codecs, keyring and SQLite found here."""

import argparse
import json
import os
import platform
import sys
from contextlib import closing
from importlib import metadata

_LIBRARIES = (
    "PySide6-Essentials",
    "cryptography",
    "highdicom",
    "imagecodecs",
    "joserfc",
    "numba",
    "numpy",
    "pydicom",
    "pyhanko",
    "pylibjpeg",
    "pypdfium2",
    "requests",
    "sqlcipher3",
    "typst",
    "vtk",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--json", action="store_true", help="write JSON")


def run(args: argparse.Namespace) -> int:
    """Write what was found; 0 when a read is possible, 1 when something needed is missing."""
    found = examine()
    if args.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        for key, value in found.items():
            print(f"{key}: {json.dumps(value, ensure_ascii=False)}")
    return 1 if found["problems"] else 0


def examine() -> dict[str, object]:
    """Look at everything once."""
    from viewer.errors import ViewerError
    from viewer.loading.codec_report import available_codecs
    from viewer.loading.fences import Fence
    from viewer.loading.pool import DecodePool
    from workstation import __version__
    from workstation.paths import user_places
    from workstation.platform.keystore import keyring_backend
    from workstation.qt.diagnosis import failed_screens, look_at_display
    from workstation.session.display import window_problem
    from workstation.store.database import sqlite_version

    window = window_problem()
    if window:  # Qt would end the process instead of saying so
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    codecs = available_codecs()
    libraries = {name: _version(name) for name in _LIBRARIES}
    problems = [f"No decoder for {name}." for name, by in codecs.items() if not by]
    found_fences: tuple[Fence, ...] = ()
    try:
        with closing(DecodePool(workers=1)) as pool:
            found_fences = pool.fences()
    except ViewerError as error:
        problems.append(error.sentence)
    problems += [f"{name} is not installed." for name, found in libraries.items() if not found]
    display = look_at_display()
    problems += failed_screens(display)
    return {
        "lightbox": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "prefix": "frozen" if getattr(sys, "frozen", False) else "environment",
        "libraries": libraries,
        "window": window or "can open",
        "display": display,
        "volumes_3d": _volumes_3d(),
        "codecs": codecs,
        "decoder_cannot": [fence.value for fence in found_fences],
        "decoder_can": [fence.value for fence in Fence if fence not in found_fences],
        "keyring": keyring_backend(),
        "sqlite": sqlite_version(),
        "data_folder": str(user_places().root),
        "problems": problems,
    }


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _volumes_3d() -> str:
    """What draws in 3D, or why nothing does: no problem, as all else can be read."""
    from viewer.render.volume_process import NoVolumeRendering, VolumeProcess

    with closing(VolumeProcess(most=1)) as process:
        try:
            renderer = process.renderer()
        except NoVolumeRendering as refusal:
            return refusal.sentence
        return f"{renderer} (the processor, coarse while moving)" if process.software else renderer
