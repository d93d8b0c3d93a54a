"""A process for foreign bytes reaches neither network nor files nor programs (R21, R22)."""

import pickle
import platform
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.kit import decoder_workers
from viewer.loading import linux_fences, process
from viewer.loading.fences import Fence
from viewer.loading.guard import MIB
from viewer.loading.process import Deaths, WorkerDied, WorkerProcess
from viewer.loading.worker import Answer, Ready

DEATHS = Deaths("unstarted", "hung {seconds}", "crashed", "closed")

linux = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in {"x86_64", "aarch64"},
    reason="these fences are Linux's",
)


def _process(serve: process.Serve) -> WorkerProcess:
    return WorkerProcess(serve, seconds=10, memory_limit=2048 * MIB, name="fenced", deaths=DEATHS)


@pytest.fixture(scope="module")
def fenced() -> Iterator[WorkerProcess]:
    one = _process(decoder_workers.prober)
    yield one
    one.kill()
    one.release()


@pytest.fixture(scope="module")
def tried(
    fenced: WorkerProcess, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, bool], Path]:
    home = tmp_path_factory.mktemp("home")
    (home / "secret").write_text("a report")
    answer: Any = fenced.ask(str(home))
    return answer, home


@linux
def test_every_fence_is_told(fenced: WorkerProcess) -> None:
    told = fenced.wait_ready()
    assert isinstance(told, Ready)
    assert set(told.fences) >= {Fence.MEMORY, Fence.NETWORK, Fence.PROCESSES, Fence.PRIVILEGES}


@linux
@pytest.mark.parametrize("act", [name for name in decoder_workers.TRIES if name != "library"])
def test_what_is_fenced_off_cannot_be_done(
    tried: tuple[dict[str, bool], Path], fenced: WorkerProcess, act: str
) -> None:
    told = fenced.wait_ready()
    assert isinstance(told, Ready)
    if Fence.FILES not in told.fences and act.split()[0] in {"read", "list", "write", "delete"}:
        pytest.skip("this kernel has no Landlock")
    done, home = tried
    assert not done[act]
    assert (home / "secret").read_text() == "a report"
    assert not (home / "left").exists()


@linux
def test_libraries_can_still_be_read(tried: tuple[dict[str, bool], Path]) -> None:
    assert tried[0]["library"]


@linux
def test_the_filter_lets_through_what_it_does_not_name() -> None:
    calls = linux_fences._MACHINES["x86_64"]
    program = linux_fences._program(calls, 4711)
    lines = [program[i : i + 8] for i in range(0, len(program), 8)]
    assert len(lines) < 4096
    assert lines[-1] == linux_fences._line(linux_fences._RETURN, linux_fences._ALLOW)
    for line, at in zip(lines, range(len(lines)), strict=True):
        assert at + 1 + max(line[2], line[3]) < len(lines) or at == len(lines) - 1


@dataclass
class Foreign:
    """Not of the module that serves."""


class _Act:
    def __reduce__(self) -> Any:
        return (eval, ("1 + 1",))


@pytest.mark.parametrize(
    "message",
    [pickle.dumps(_Act()), pickle.dumps(Foreign()), pickle.dumps(Path("x")), b"", b"\x80\x04.",
     pickle.dumps(signal.SIGTERM)],
)  # fmt: skip
def test_an_answer_that_would_do_something_is_a_crash(message: bytes) -> None:
    with pytest.raises(pickle.UnpicklingError, match="makes no sense"):
        process.plain(message, "viewer.loading.worker")


def test_an_answer_of_plain_values_arrives() -> None:
    answer = Answer("No.", ((1, 2),), ("note",))
    assert process.plain(pickle.dumps(answer), "viewer.loading.worker") == answer
    ready = Ready((Fence.FILES,))
    assert process.plain(pickle.dumps(ready), "viewer.loading.worker") == ready


def test_a_process_that_speaks_nonsense_has_died() -> None:
    one = _process(decoder_workers.liar)
    with pytest.raises(WorkerDied, match="crashed"):
        one.ask("anything")
    one.kill()
    one.release()
