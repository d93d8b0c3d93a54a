"""Processes that stand for the one that draws in 3D: without VTK, dying, or doing nothing."""

import os
import sys
from multiprocessing.connection import Connection

from viewer.render import volume3d


def without_vtk(pipe: Connection, memory_limit: int) -> None:
    """The real one where VTK is not installed."""
    sys.modules["vtkmodules"] = None  # type: ignore[assignment]  # what Python does for "not there"
    volume3d.serve(pipe, memory_limit)


def dies_at_start(_pipe: Connection, _memory_limit: int) -> None:
    """Ends like a driver that crashes while it is loaded."""
    os._exit(3)


def dies_when_asked(pipe: Connection, _memory_limit: int) -> None:
    """Ends like a driver that crashes while it draws."""
    pipe.send(volume3d.Started("", "llvmpipe", True))
    pipe.recv()
    os._exit(3)


def draws_nothing(pipe: Connection, _memory_limit: int) -> None:
    """Says that everything is done."""
    pipe.send(volume3d.Started("", "llvmpipe", True))
    try:
        while pipe.recv() is not None:
            pipe.send(volume3d.Done("", 0.01))
    except EOFError:
        return


def by_opengl(pipe: Connection, memory_limit: int) -> None:
    """The real one as on a graphics processor, whose part a program plays."""
    volume3d._SOFTWARE = ()  # type: ignore[assignment]  # no name is known as a program's
    volume3d.serve(pipe, memory_limit)
