"""`lightbox demo`: starts the demo platform, then reads on it in the window or by script."""

import argparse
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from workstation.errors import UserFacingError
from workstation.model.left_out import FolderNotes
from workstation.paths import Places, demo_places, resources
from workstation.session.demo_process import DemoPlatform, DemoProcess
from workstation.session.display import has_display, window_problem
from workstation.settings import Settings, defaults

_TOLD = 20
"""Files that are named on the command line."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="seed one case per study of a folder of DICOM"
    )
    parser.add_argument(
        "--scripted", action="store_true", help="read one case by script, without a display"
    )
    parser.add_argument(
        "--state", type=Path, metavar="DIR", help="folder for everything the demo writes"
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where a scripted read leaves pictures and PDF"
    )
    parser.add_argument("--fresh", action="store_true", help="forget what the demo did before")


class Program(Protocol):
    """The windows, handed in by the command line, since this room may not reach them."""

    def read(self, settings: Settings, places: Places, demo_user: str, folder: FolderNotes) -> int:
        """Open the window until the user closes it; gives the exit status."""
        ...

    def read_by_script(
        self,
        settings: Settings,
        places: Places,
        demo_user: str,
        *,
        passphrase: str,
        out: Path,
        invented: bool,
        folder: FolderNotes,
    ) -> int:
        """Do one read by script; gives the exit status."""
        ...


def run(args: argparse.Namespace, load_program: Callable[[], Program]) -> int:
    """Start platform and program; gives the exit status. Raises UserFacingError."""
    scripted = args.scripted or not has_display()
    places = _places(args.state, args.data, scripted=scripted)
    if args.fresh or (scripted and args.state is None):
        _forget(places)  # a scripted read always begins with unread cases
    if scripted and not args.scripted:
        print("There is no display: the read runs by script on the offscreen platform.")
    if not scripted and (problem := window_problem()):
        raise UserFacingError(problem)
    print("Starting the demo platform …", flush=True)
    platform = DemoProcess(_platform_folder(places), args.data)
    try:
        told = platform.wait_ready()
        print(f"It serves {told.fhir}; its signing passphrase is “{told.passphrase}”.", flush=True)
        print(
            f"What is kept in {places.store} is encrypted, but its key lies beside it.", flush=True
        )
        print(*_left_out_lines(told.folder), sep="\n", end="", flush=True)
        if not scripted:
            return load_program().read(_settings(told), places, told.user, told.folder)
        screen = resources() / "offscreen.json"
        os.environ.setdefault(
            "QT_QPA_PLATFORM", f"offscreen:configfile={screen}"
        )  # before Qt loads
        folder = args.out or Path("demo-run")
        return load_program().read_by_script(
            _settings(told),
            places,
            told.user,
            passphrase=told.passphrase,
            out=folder,
            invented=args.data is None,
            folder=told.folder,
        )
    finally:
        platform.stop()


def _left_out_lines(folder: FolderNotes) -> list[str]:
    """What of the folder is not on the platform; the window lists all of it."""
    found = folder.left_out
    if not found:
        return []
    head = "1 file of the folder is" if len(found) == 1 else f"{len(found)} files of the folder are"
    lines = [f"{head} not on the platform:", *(f"  {f.sentence}" for f in found[:_TOLD])]
    if len(found) > _TOLD:
        lines.append(
            f"  … and {len(found) - _TOLD} more; “Not shown” in the window lists them all."
        )
    return [*lines, ""]


def _forget(places: Places) -> None:
    """Delete what a demo writes into its folder, and nothing else that may lie there."""
    for folder in (_platform_folder(places), places.store, places.logs):
        if folder.exists():
            shutil.rmtree(folder)
    places.settings.unlink(missing_ok=True)


def _platform_folder(places: Places) -> Path:
    return places.root / "platform"


def _places(state: Path | None, data: Path | None, *, scripted: bool) -> Places:
    if state is not None:
        return Places(state)
    name = "demo" if data is None else f"demo-{_name_of(data)}"
    return Places(demo_places().root.with_name(f"{name}-scripted" if scripted else name))


def _name_of(data: Path) -> str:
    plain = "".join(c if c.isalnum() else "-" for c in data.resolve().name.casefold())
    return plain.strip("-")[:40] or "data"


def _settings(told: DemoPlatform) -> Settings:
    return defaults().having(
        {
            "platform.fhir": told.fhir,
            "platform.ca": str(told.ca),
            "platform.client_id": told.client_id,
            "platform.poll_seconds": 3,
            "signing.pkcs12": str(told.pkcs12),
            "signing.certificate": str(told.signing_certificate),
            "signing.trust": str(told.trust),
        }
    )
