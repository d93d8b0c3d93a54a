"""The malformed files: a sentence each, never a traceback, quickly and in little memory (R23)."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fuzz.__main__ import faults_of, through

SCRIPT = """
import argparse, contextlib, io, json, sys, time
from pathlib import Path
from workstation.cli import info

def peak_mb():
    # not ru_maxrss, which a process inherits from the one that started it
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024

parser = argparse.ArgumentParser()
info.add_arguments(parser)
for file in sorted(f for f in Path(sys.argv[1]).rglob("*") if f.is_file()):
    out, err, begin = io.StringIO(), io.StringIO(), time.perf_counter()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = info.run(parser.parse_args([str(file), "--json"]))
    print(json.dumps({
        "file": file.name, "code": code, "seconds": time.perf_counter() - begin,
        "found": json.loads(out.getvalue()), "error": err.getvalue(),
        "peak_mb": peak_mb(),
    }))
"""


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(scope="module")
def results(shared_dicom: Path) -> list[dict[str, Any]]:
    """One line a file of the whole set, run in a process whose memory is looked at."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT, str(shared_dicom / "malformed")],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_file_is_read_or_refused_with_a_sentence(results: list[dict[str, Any]]) -> None:
    assert len(results) >= 161
    for one in results:
        rejected = one["found"]["rejected"]
        if one["code"] == 0:
            assert one["found"]["studies"], one["file"]
            assert one["error"] == ""
        else:
            assert one["code"] == 1
            assert len(rejected) == 1
            assert rejected[0]["reason"].endswith(".")
            assert one["error"].count("\n") == 1


def test_every_file_takes_little_time_and_memory(results: list[dict[str, Any]]) -> None:
    assert max(one["seconds"] for one in results) <= 2
    assert max(one["peak_mb"] for one in results) <= 500


def test_a_folder_of_good_and_bad_opens_the_good(
    shared_dicom: Path, results: list[dict[str, Any]]
) -> None:
    read = sum(one["code"] == 0 for one in results)
    assert read > 100
    assert read < len(results)


@pytest.mark.slow
@pytest.mark.timeout(90)
def test_every_file_decodes_or_is_refused_with_a_sentence(shared_dicom: Path) -> None:
    """The first and the last frame of each file, through one decoder pool."""
    found, status = through(shared_dicom / "malformed", render=False)
    assert status == 0
    assert len(found) >= 161
    for one in found:
        assert list(faults_of(one["decode"], seconds=2, megabytes=500)) == [], one["file"]
    assert sum(one["decode"]["code"] == 0 for one in found) > 80
