"""`lightbox demo`: starts the demo platform, then reads on it in the window or by script."""

import argparse
import os
import shutil
import sys
from pathlib import Path

from workstation import settings
from workstation.paths import Places, demo_places
from workstation.session.demo_process import DemoPlatform, DemoProcess


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


def run(args: argparse.Namespace) -> int:
    """Start platform and program; gives the exit status. Raises UserFacingError."""
    places = _places(args.state, args.data)
    if args.fresh and places.root.exists():
        shutil.rmtree(places.root)
    scripted = args.scripted or not _has_display()
    if scripted and not args.scripted:
        print("There is no display: the read runs by script on the offscreen platform.")
    print("Starting the demo platform …", flush=True)
    platform = DemoProcess(places.root / "platform", args.data)
    try:
        told = platform.wait_ready()
        print(f"It serves {told.fhir}; its signing passphrase is “{told.passphrase}”.", flush=True)
        return _read(_settings(told), places, told, scripted=scripted, out=args.out)
    finally:
        platform.stop()


def _read(
    chosen: settings.Settings,
    places: Places,
    told: DemoPlatform,
    *,
    scripted: bool,
    out: Path | None,
) -> int:
    if scripted:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from workstation import app

    start = app.Start(chosen, places, demo_user=told.user)
    if scripted:
        folder = out or Path("demo-run")
        return app.run_scripted(start, folder, passphrase=told.passphrase)
    return app.run(start, sys.argv[:1])


def _places(state: Path | None, data: Path | None) -> Places:
    if state is not None:
        return Places(state)
    if data is None:
        return demo_places()
    return Places(demo_places().root.with_name("demo-" + _name_of(data)))


def _name_of(data: Path) -> str:
    plain = "".join(c if c.isalnum() else "-" for c in data.resolve().name.casefold())
    return plain.strip("-")[:40] or "data"


def _settings(told: DemoPlatform) -> settings.Settings:
    return settings.defaults().having(
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


def _has_display() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
