"""The command line: arguments only, then one call."""

import argparse
import os
import runpy
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from viewer.loading.charset import visible
from workstation import __version__
from workstation.errors import UserFacingError
from workstation.paths import user_places


@dataclass(frozen=True, slots=True)
class _Command:
    name: str
    module: str
    help: str


_COMMANDS = (
    _Command("info", "workstation.cli.info", "list what files and folders of DICOM hold"),
    _Command("render", "workstation.cli.render", "write one image as a PNG of P-values"),
    _Command("measure", "workstation.cli.measure", "measure on one image without a window"),
    _Command("verify", "workstation.cli.verify", "say who signed a report and whether it holds"),
    _Command("doctor", "workstation.cli.doctor", "say what this installation can do"),
    _Command("demo", "workstation.cli.demo", "read cases on the demo platform"),
)

_PLATFORM = "demo-platform"


class _Parser(argparse.ArgumentParser):
    """One line for a command line that means nothing, as for every other fault."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where help is; exit 2."""
        words = " ".join(message.split()).rstrip(".")
        self.exit(2, f"lightbox: {visible(words)}; see {self.prog} --help.\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; a fault is one line on standard error, never a traceback."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _run(given)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _hear_no_more()
        return 1
    except Exception as error:  # noqa: BLE001 - the last line of defence of the command line
        print(f"lightbox: {visible(_sentence(error))}", file=sys.stderr)
        return 1


def _run(given: Sequence[str]) -> int:
    if given[:1] == [_PLATFORM]:
        return _demo_platform(given[1:])
    args = _parser(given).parse_args(given)
    run: Callable[[argparse.Namespace], int] = getattr(args, "run", _window)
    status = run(args)
    sys.stdout.flush()
    return status


def _hear_no_more() -> None:
    """Nobody reads what we write any more: Python's last flush must not complain of it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="lightbox", description="The open desktop workstation that a radiologist reads on."
    )
    parser.add_argument("--version", action="version", version=f"lightbox {__version__}")
    parser.add_argument("--settings", type=Path, help="settings file to use instead of the usual")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in _COMMANDS:
        sub = commands.add_parser(command.name, help=command.help, description=command.help)
        if command.name in given:  # a command's module is loaded only when it is asked for
            module = import_module(command.module)
            module.add_arguments(sub)
            sub.set_defaults(run=_demo if command.name == "demo" else module.run)
    alone = commands.add_parser(_PLATFORM, help="run the demo platform alone")
    alone.set_defaults(run=lambda _: _demo_platform([]))
    return parser


def _window(args: argparse.Namespace) -> int:
    from workstation import settings
    from workstation.session.display import window_problem

    places = user_places()
    file = args.settings or places.settings
    if args.settings is not None and not file.is_file():
        raise UserFacingError(f"The settings file {file} does not exist.")
    if problem := window_problem():
        raise UserFacingError(problem)
    from workstation import app  # loads Qt

    return app.run(app.Start(settings.load(file), places), sys.argv[:1])


def _demo(args: argparse.Namespace) -> int:
    from workstation.cli import demo

    def load_program() -> demo.Program:
        from workstation import app  # Qt: only once the platform serves

        return app.Program()

    return demo.run(args, load_program)


def _demo_platform(given: Sequence[str]) -> int:
    """Run the demo platform in this process; it is a program of its own and not imported here."""
    sys.argv = ["lightbox demo-platform", *given]
    try:
        runpy.run_module("workstation.demo", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _sentence(error: Exception) -> str:
    known = isinstance(error, UserFacingError) or type(error).__module__ in (
        "viewer.errors",
        "reporting.errors",
    )
    if isinstance(error, OSError) and error.filename and error.strerror:
        return " ".join(f"{error.filename} cannot be used: {error.strerror}.".split())
    if known or isinstance(error, OSError):
        return " ".join(str(error).split())
    return f"something went wrong inside Lightbox ({type(error).__name__})"


if __name__ == "__main__":
    sys.exit(main())
