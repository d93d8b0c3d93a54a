"""R39: whatever goes through a logger, no patient data is in the file."""

import ast
import logging
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation import logs
from workstation.errors import StoreError, UserFacingError
from workstation.logs import Log, start
from workstation.session.levels import Level

CANARIES = ("DOE^JANE", "Jane Doe", "Doe", "CANARY", "1972-03-04", "19720304", "4711", "F 54")
PROJECT = Path(logs.__file__).parents[1]


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    shown, handlers = warnings.showwarning, list(logging.getLogger().handlers)
    start(tmp_path / "logs")
    yield tmp_path / "logs" / "lightbox.log"
    warnings.showwarning = shown
    logging.getLogger().handlers[:] = handlers
    ours = logging.getLogger("lightbox")
    for handler in list(ours.handlers):
        ours.removeHandler(handler)
        handler.close()
    ours.propagate = True


def _raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    patient = "DOE^JANE"  # a local, as tracebacks with locals would show it
    try:
        raise error from cause  # noqa: TRY301 - it is raised to be caught
    except BaseException as caught:  # noqa: BLE001 - also what is no Exception
        assert patient
        return caught


def _errors() -> list[BaseException]:
    noted = ValueError("CANARY")
    noted.add_note("Jane Doe")
    return [
        _raised(ValueError("DOE^JANE 1972-03-04")),
        _raised(StoreError("draft of Jane Doe")),
        _raised(OSError(28, "no space", "/home/x/DOE^JANE.dcm")),
        _raised(KeyboardInterrupt("CANARY")),
        _raised(ExceptionGroup("Jane Doe", [ValueError("4711")])),
        _raised(noted),
        _raised(UserFacingError("DOE^JANE could not be saved"), KeyError("Jane Doe, 4711")),
        ValueError("CANARY never raised"),
    ]


class _Speaks:
    """Says a name whatever way it is turned into text."""

    def __str__(self) -> str:
        return "DOE^JANE"

    __repr__ = __str__

    def __format__(self, _spec: str) -> str:
        return "DOE^JANE"


class _Fails:
    def __str__(self) -> str:
        raise RuntimeError("DOE^JANE")

    __repr__ = __str__


def test_r39_no_logger_call_writes_the_text_of_an_exception(log_file: Path) -> None:
    log = Log("canary")
    for error in _errors():
        log.error("it failed", error)
        log.error("it failed", error, again=error, kind=type(error))
        log.info("survived", why=error)
        log.warning("survived", why=error, words=str(error), args=error.args)
    text = log_file.read_text(encoding="utf-8")
    assert not [c for c in CANARIES if c in text]
    assert "ValueError test_logs.py:" in text
    assert text.count("\n") == 4 * len(_errors())


def test_r39_values_that_could_be_names_are_withheld(log_file: Path) -> None:
    log = Log("canary")
    values: list[object] = [
        *CANARIES,
        _Speaks(),
        _Fails(),
        b"DOE^JANE",
        ["Doe"],
        {"n": "Doe"},
        None,
    ]
    values += ["https://x.example/Patient?name=Doe", "2.25.1\nDoe", "1.2.3.4.5 Doe", "x" * 200]
    for value in values:
        for write in (log.info, log.warning, log.error):
            write("a thing happened", value=value)
    lines = log_file.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3 * len(values)
    assert all("withheld>" in line for line in lines)
    assert not [c for c in CANARIES if any(c in line for line in lines)]


def test_what_is_harmless_is_written(log_file: Path) -> None:
    key = str(uuid4())
    Log("area").info(
        "done",
        count=3,
        share=0.5,
        ok=True,
        level=Level.ERROR,
        kind=StoreError,
        key=key,
        sop="1.2.840.10008.1.2",
        made="2.25.1234",
    )
    line = log_file.read_text(encoding="utf-8").strip()
    assert line.endswith(
        "INFO lightbox.area done count=3 share=0.5 ok=True level=ERROR kind=StoreError "
        f"key={key} sop=1.2.840.10008.1.2 made=2.25.1234"
    )


@given(st.text(max_size=90))
def test_r39_text_is_written_only_as_an_identifier(text: str) -> None:
    written = logs._harmless(text)
    assert written == "<str withheld>" or not any(c.isalpha() and c not in "abcdef" for c in text)


def test_warnings_keep_class_and_place_but_not_what_they_quote(log_file: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = logs._warned
        warnings.warn("Invalid value for VR PN: 'DOE^JANE'", UserWarning, stacklevel=1)
    text = log_file.read_text(encoding="utf-8")
    assert "UserWarning test_logs.py:" in text
    assert "DOE" not in text


def test_libraries_write_nothing_to_standard_error(tmp_path: Path) -> None:
    program = (
        "import logging, pathlib, warnings\n"
        "from workstation import logs\n"
        f"logs.start(pathlib.Path({str(tmp_path)!r}))\n"
        "logging.getLogger('pydicom').warning('PatientName DOE^JANE is odd')\n"
        "warnings.warn('Invalid value: DOE^JANE')\n"
        "logs.Log('x').info('ready')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=PROJECT, check=True
    )
    assert done.stderr == done.stdout == ""
    text = (tmp_path / "lightbox.log").read_text(encoding="utf-8")
    assert "lightbox.x ready" in text
    assert "DOE" not in text


def test_a_line_that_cannot_be_written_is_given_up_quietly(
    log_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    handler = logging.getLogger("lightbox").handlers[0]
    assert isinstance(handler, logging.FileHandler)

    class Full:
        def write(self, _text: str) -> None:
            raise OSError(28, "no space left")

        def flush(self) -> None:
            raise OSError(28, "no space left")

    whole, handler.stream = handler.stream, Full()  # type: ignore[assignment]  # as on a full disk
    Log("x").info("lost")
    handler.stream = whole
    Log("x").info("kept")
    assert capsys.readouterr().err == ""
    assert "kept" in log_file.read_text(encoding="utf-8")


def test_a_second_start_moves_the_log(log_file: Path, tmp_path: Path) -> None:
    start(tmp_path / "other")
    Log("x").info("here")
    assert "here" in (tmp_path / "other" / "lightbox.log").read_text(encoding="utf-8")
    assert "here" not in log_file.read_text(encoding="utf-8")


def _log_calls() -> Iterator[tuple[str, ast.Call]]:
    """Calls of info, warning or error on something that is a Log, in the whole program."""
    for package in ("workstation", "reporting", "viewer"):
        for file in (PROJECT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr in {"info", "warning", "error"}
                    and ("_log" in ast.unparse(node.func.value) or "Log(" in ast.unparse(node.func))
                ):
                    yield file.name, node


def test_every_message_in_the_program_is_a_constant() -> None:
    calls = [(name, c) for name, c in _log_calls() if name != "logs.py"]
    assert len(calls) > 10
    moving = [
        (name, c.lineno)
        for name, c in calls
        if not (c.args and isinstance(c.args[0], ast.Constant))
    ]
    assert moving == []
