"""Every compiled loop in the order in which a reader needs them, and a process that compiles them.

Compiling takes half a minute and holds the interpreter: in the program itself it would stop the
windows. So it is done once when Lightbox is installed (``python -m viewer.render.compiled``), and
after that in a process of its own wherever what was compiled is older than its source.
"""

import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path

from viewer.loading.memory import give_back_compiler

_BESIDE = 15
"""How far the process stands back behind all others of the machine."""


def load_loops_of_images() -> None:
    """Load, or compile, the loops that draw images; seconds, so never on the GUI thread."""
    # these load numba, so not before it is needed
    from viewer.render import kernels, screen_kernels

    kernels.warm_up()
    screen_kernels.warm_up()
    give_back_compiler()


def load_loops_of_planes() -> None:
    """Load, or compile, the loops of reconstructions and of fusion; never on the GUI thread."""
    from viewer.render import blend, reslice, rotation_kernels

    reslice.warm_up()
    blend.warm_up()
    rotation_kernels.warm_up()
    give_back_compiler()


def are_compiled() -> bool:
    """Whether the last loops to be compiled are kept and newer than the source of any."""
    from viewer.render import rotation_kernels

    kept = Path(rotation_kernels.kept_at())
    made = [file.stat().st_mtime for file in kept.glob("rotation_kernels.*.nbi")]
    sources = Path(__file__).parent.glob("*_kernels.py")
    return bool(made) and max(made) >= max(source.stat().st_mtime for source in sources)


def compile_aside(stopped: Callable[[], bool]) -> None:
    """Compile whatever is not compiled yet in a process of its own; wait until done or stopped.

    Where the process fails the loops are compiled when they are loaded, which only takes longer.
    """
    if are_compiled():
        return
    process = multiprocessing.get_context("spawn").Process(target=_compile_beside, daemon=True)
    process.start()
    while process.is_alive() and not stopped():
        process.join(0.1)
    if process.is_alive():
        process.kill()
    process.join()
    process.close()


def _compile_beside() -> None:
    if hasattr(os, "nice"):  # not on Windows
        os.nice(_BESIDE)
    compile_all()


def compile_all() -> None:
    """Compile every loop of headers, codestreams, images and planes that is not compiled yet."""
    from viewer.loading import compiled_walk, jpeg, rle  # noqa: F401 - compiled as it is imported

    load_loops_of_images()
    jpeg.warm_up()
    rle.warm_up()
    load_loops_of_planes()


if __name__ == "__main__":
    compile_all()
