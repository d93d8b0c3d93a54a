"""``python -m tests.fuzz.through FOLDER [render]``: every file through the program's own parts.

One line of JSON a file: how it ended, its processor time, how much memory the process ever had.
"""

import contextlib
import io
import json
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from viewer.errors import ViewerError
from viewer.loading.headers import read_header
from viewer.loading.pool import DecodePool
from workstation.__main__ import main

Said = tuple[int, str]


def _peak_mb() -> float:
    # not ru_maxrss, which a process inherits from the one that started it
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def _command(*words: str) -> Said:
    """Run one command of the program; what it says on standard error."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(list(words))
    return code, err.getvalue()


def _decode(pool: DecodePool, file: Path) -> Said:
    """Decode the first and the last frame, as far as there are any."""
    try:
        with file.open("rb") as data:
            instance = read_header(data, name=file.name).instance
            if instance.format is None:
                return 0, ""
            data.seek(0)
            whole = data.read()
        for frame in sorted({0, instance.frames - 1}):
            pool.decode(whole, frame, instance)
    except ViewerError as error:
        return 1, f"lightbox: {error.sentence}\n"
    return 0, ""


def _measured(act: Callable[[], Said]) -> dict[str, Any]:
    begin = time.process_time()
    code, said = act()
    seconds = time.process_time() - begin
    return {"code": code, "said": said, "seconds": seconds, "peak_mb": _peak_mb()}


def through(folder: Path, *, render: bool) -> None:
    """Print a line for each file."""
    with contextlib.closing(DecodePool(1)) as pool, tempfile.TemporaryDirectory() as out:
        pool.fences()  # so that no file waits for the decoder's start
        for file in sorted(f for f in folder.rglob("*") if f.is_file()):
            done = {"info": _measured(partial(_command, "info", str(file), "--json"))}
            done["decode"] = _measured(partial(_decode, pool, file))
            if render:
                words = ("render", str(file), "--out", f"{out}/picture.png")
                done["render"] = _measured(partial(_command, *words))
            print(json.dumps({"file": file.name, **done}), flush=True)


if __name__ == "__main__":
    through(Path(sys.argv[1]), render="render" in sys.argv[2:])
