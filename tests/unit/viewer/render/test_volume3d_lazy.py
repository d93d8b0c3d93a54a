"""Volume rendering costs nothing until it is asked for: importing the program loads no VTK."""

import subprocess
import sys

PROGRAM = """
import sys
import workstation.app, workstation.__main__, viewer.qt.reading_area, viewer.render.volume_process
loaded = [name for name in sys.modules if name.split(".")[0] in {"vtk", "vtkmodules", "matplotlib"}]
print(loaded)
"""


def test_importing_the_program_loads_no_vtk() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
