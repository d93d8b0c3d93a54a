"""``python -m workstation.demo``: the demo platform as a process of its own."""

import argparse
import multiprocessing
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from workstation import paths
from workstation.demo.fhir_store import StoreDamagedError
from workstation.demo.folder_lock import FolderInUseError
from workstation.demo.seeding import NoCasesError, demo_cases, no_cases
from workstation.demo.server import Options, run


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to end; 0 when it ended well, 1 when it could not start."""
    given = _parser().parse_args(arguments)
    if given.data is not None and not given.data.is_dir():
        return _fail(f"{given.data} is not a folder")
    options = Options(
        state=given.state,
        port=given.port,
        data=given.data,
        ready_file=given.ready_file,
        parent=given.parent,
        faults=given.faults,
    )
    # Real files break rules by the dozen; one filter for all threads, since the standard
    # library's catch_warnings is for one thread only.
    warnings.filterwarnings("ignore", module="pydicom")
    try:
        run(options, no_cases if given.unseeded else demo_cases, _Printer())
    except (FolderInUseError, NoCasesError) as error:
        return _fail(str(error))
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        return _fail(f"{place}{error.strerror or error}")
    except StoreDamagedError as error:
        return _fail(f"{error}; delete the folder {given.state} to start afresh")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lightbox demo-platform", description="Serve the Lightbox demo platform on 127.0.0.1."
    )
    parser.add_argument("--port", type=_port, default=0, help="port; 0 takes a free one")
    parser.add_argument(
        "--state",
        type=Path,
        default=paths.demo_places().root / "platform",
        help="folder that keeps cases, images, reports and certificates",
    )
    parser.add_argument("--data", type=Path, help="seed cases from this folder of DICOM files")
    parser.add_argument("--ready-file", type=Path, help="written when connections are accepted")
    parser.add_argument("--parent", type=int, metavar="PID", help="end when this process ends")
    parser.add_argument("--faults", action="store_true", help="let tests order faults")
    parser.add_argument("--unseeded", action="store_true", help="serve only what the state holds")
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("a port is 0 to 65535")
    return port


class _Printer:
    """Prints lines until nobody listens any more."""

    def __init__(self) -> None:
        self._heard = True

    def __call__(self, line: str) -> None:
        if self._heard:
            try:
                sys.stdout.write(f"{line}\n")
                sys.stdout.flush()
            except OSError:
                self._heard = False


def _fail(sentence: str) -> int:
    sys.stderr.write(f"demo platform: {sentence}\n")
    return 1


if __name__ == "__main__":
    multiprocessing.freeze_support()
    sys.exit(main())
