"""The command line: every fault is one line, every command is found, nothing loads unasked."""

import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

import workstation
from reporting.errors import TemplateError
from viewer.errors import NotDicom
from workstation import __main__ as program
from workstation.cli import doctor
from workstation.errors import UserFacingError

PROJECT = Path(workstation.__file__).parents[1]


def _python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, cwd=PROJECT, check=False
    )


def test_version_is_the_packages_own(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        program.main(["--version"])
    assert end.value.code == 0
    about = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    assert capsys.readouterr().out.strip() == f"lightbox {about['project']['version']}"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        program.main(["--help"])
    told = capsys.readouterr().out
    for name in ("info", "render", "verify", "doctor", "demo", "demo-platform", "--settings"):
        assert name in told


@pytest.mark.parametrize("arguments", [["nonsense"], ["--nonsense"], ["info", "x", "--nonsense"]])
def test_a_wrong_command_is_refused_in_one_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        program.main(arguments)
    assert end.value.code == 2
    told = capsys.readouterr().err
    assert told.startswith("lightbox: ")
    assert "nonsense" in told
    assert told.endswith(" --help.\n")
    assert told.count("\n") == 1


def _raising(error: BaseException) -> Callable[[object], int]:
    def run(_args: object) -> int:
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (UserFacingError("The file is\nnot here."), "lightbox: The file is not here."),
        (NotDicom("The file is not DICOM.", where="x"), "lightbox: The file is not DICOM."),
        (TemplateError("Template x is odd."), "lightbox: Template x is odd."),
        (UserFacingError("a\u202egnp is odd."), "lightbox: a\\u202egnp is odd."),
        (OSError("no space"), "lightbox: no space"),
        (
            KeyError("DOE^JANE"),
            "lightbox: something went wrong inside Lightbox (KeyError)",
        ),
    ],
    ids=lambda v: type(v).__name__,
)
def test_a_fault_is_one_line_and_no_traceback(
    error: Exception,
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(doctor, "run", _raising(error))
    assert program.main(["doctor"]) == 1
    assert capsys.readouterr().err == line + "\n"


def test_interruption_is_quiet(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "run", _raising(KeyboardInterrupt()))
    assert program.main(["doctor"]) == 130
    assert capsys.readouterr().err == ""


def test_a_reader_that_goes_away_is_no_fault() -> None:
    command = f"{sys.executable} -m workstation doctor | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, cwd=PROJECT, check=False
    )
    assert done.stderr == ""
    assert done.returncode in (0, 1)


def test_a_settings_file_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["--settings", "/nowhere/settings.toml"]) == 1
    assert capsys.readouterr().err == (
        "lightbox: The settings file /nowhere/settings.toml does not exist.\n"
    )


def test_without_a_display_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert program.main([]) == 1
    assert "lightbox: there is no display here" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "passed"),
    [
        (["demo-platform", "--state=/x", "--port", "0"], ["--state=/x", "--port", "0"]),
        (["--settings", "/x.toml", "demo-platform"], []),
    ],
)
def test_the_demo_platform_gets_exactly_its_arguments(
    given: list[str], passed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []

    def run_module(name: str, **_: object) -> None:
        assert name == "workstation.demo"
        seen.append(sys.argv[1:])
        raise SystemExit(3)

    monkeypatch.setattr(sys, "argv", ["lightbox"])
    monkeypatch.setattr("runpy.run_module", run_module)
    assert program.main(given) == 3
    assert seen == [passed]


def test_the_command_line_loads_neither_qt_nor_pydicom() -> None:
    done = _python(
        "-c",
        "import sys; from workstation.__main__ import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({m.split('.')[0] for m in sys.modules} & "
        "{'PySide6', 'pydicom', 'numpy', 'requests', 'sqlcipher3', 'numba'}))",
    )
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
