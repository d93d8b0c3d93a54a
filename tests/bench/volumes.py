"""W8: a volume of 512 × 512 × 300 in 3D at 800 × 800: while it moves, and at rest.

The peer is VTK's own choice of a mapper for the same picture. Where a program stands for the
graphics processor, that is what a reader would wait for.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from tests.bench.table import Line, is_there, say, show
from tests.kit.volumes import geometry, planes, volume
from viewer.loading.even_slices import EvenSlices
from viewer.model.geometry import PointLps, Spacing
from viewer.model.presentation import Rescale
from viewer.pixels.volume_presets import VolumePreset, load_volume_presets
from viewer.render.volume3d import Look
from viewer.render.volume_picture import QUICK_VOXELS, WHOLE_VOXELS
from viewer.render.volume_process import Aim, Held, NoVolumeRendering, VolumeProcess
from viewer.viewport.camera import SIDES

SHAPE = (300, 512, 512)
SPACING = 0.7
SIZE = 800
_ROUNDS = 5
_MOVING = 4
"""Coarseness while something moves; the program finds it by itself."""
_RESOURCES = Path(__file__).parents[2] / "resources"


def body() -> NDArray[np.int16]:
    """A trunk with lungs, a spine and ribs, and the noise of a CT."""
    y, x = np.ogrid[: SHAPE[1], : SHAPE[2]]
    across, down = (x - 256) / 200, (y - 256) / 140
    away = np.sqrt(across**2 + down**2)
    spine = (x - 256) ** 2 + (y - 350) ** 2 < 30**2
    noise = np.random.default_rng(7).normal(0, 25, SHAPE[1:]).astype(np.int16)
    voxels = np.full(SHAPE, -1000, np.int16)
    for k, one in enumerate(voxels):
        one[away < 1] = 40
        one[away < 0.8] = -820
        one[(away > 0.86) & (away < 0.93) & ((k + down * 30) % 40 < 16)] = 700
        one[spine] = 450 if k % 40 < 30 else 80
        one += noise
    return voxels


def main() -> None:
    """Measure and print."""
    where = geometry(
        planes([SPACING * k for k in range(SHAPE[0])], spacing=Spacing(SPACING, SPACING)),
        SHAPE[1],
        SHAPE[2],
    )
    held = Held(volume(where, body(), rescale=Rescale(1, 0, "HU")), EvenSlices.of(where))
    presets = {p.id: p for p in load_volume_presets(_RESOURCES / "volume_presets.toml")}
    before = _resident()
    quick = VolumeProcess(most=QUICK_VOXELS)
    whole = VolumeProcess(most=WHOLE_VOXELS)
    try:
        lines = _measure(held, presets, quick, whole)
    except NoVolumeRendering as refusal:
        say(f"W8 is left out: {refusal.sentence}")
        return
    finally:
        grown = _resident() - before
        quick.close()
        whole.close()
    show("W8 3D of 512 × 512 × 300 at 800 × 800, ms", lines)
    whole_mb = held.volume.voxels.nbytes / 1e6
    say(f"memory of the program beside a volume of {whole_mb:.0f} MB: {grown:.0f} MB")


def _measure(
    held: Held, presets: dict[str, VolumePreset], quick: VolumeProcess, whole: VolumeProcess
) -> list[Line]:
    begun = time.perf_counter()
    quick.draw(held, _aim(held, presets["bone"], 0.0), coarseness=_MOVING)
    first = (time.perf_counter() - begun) * 1e3
    begun = time.perf_counter()
    whole.draw(held, _aim(held, presets["bone"], 0.0))
    first_whole = (time.perf_counter() - begun) * 1e3
    peer = _peer(held)
    lines = [
        Line("from nothing to the first picture", "ms", ours=first),
        Line("from nothing to the whole picture", "ms", ours=first_whole),
    ]
    for name in ("bone", "vessels", "lung", "skin", "mip"):
        told = ("vtkSmartVolumeMapper", peer) if name == "bone" else ("", None)
        moving = _time(quick, held, presets[name], _MOVING)
        lines.append(Line(f"{name}: moving", "ms", ours=moving, goal="≤ 100"))
        lines.append(
            Line(f"{name}: at rest", "ms", told, ours=_time(whole, held, presets[name], 1))
        )
    return lines


def _aim(held: Held, preset: VolumePreset, turn: float) -> Aim:
    camera = SIDES["A"].turned(turn, 0.3)
    window = preset.window
    assert window is not None
    down, light = camera.down, preset.light
    tints = tuple((t.value, t.opacity, t.red, t.green, t.blue) for t in preset.seen_through(window))
    return Aim(
        SIZE,
        SIZE,
        held.slices.to_lps(255.5, 255.5, 149.5),
        camera.into,
        PointLps(-down.x, -down.y, -down.z),
        SPACING * SHAPE[1] / SIZE,
        Look(
            tints,
            brightest=not preset.tints,
            light=(light.ambient, light.diffuse, light.specular, light.power),
        ),
    )


def _time(process: VolumeProcess, held: Held, preset: VolumePreset, coarseness: int) -> float:
    """Median of the rounds, ms, after one that does not count."""
    spent = []
    for n in range(_ROUNDS + 1):
        aim = _aim(held, preset, 0.05 * n)
        begun = time.perf_counter()
        process.draw(held, aim, coarseness=coarseness)
        spent.append((time.perf_counter() - begun) * 1e3)
    return median(spent[1:])


def _resident() -> float:
    """Memory of this process that is in use, MB."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    for line in status.read_text().splitlines():
        if line.startswith("VmRSS"):
            return float(line.split()[1]) / 1000
    return 0.0


def _peer(held: Held) -> float | None:
    """The same picture by the mapper that VTK chooses, ms; None without VTK."""
    if not is_there("vtkmodules"):
        return None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "volume"
        held.volume.voxels.tofile(file)
        done = subprocess.run(
            [sys.executable, "-c", _PEER, str(file)],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
    return float(done.stdout) if done.returncode == 0 else None


_PEER = """
import sys, time
import numpy as np
import vtkmodules.vtkRenderingOpenGL2, vtkmodules.vtkRenderingVolumeOpenGL2
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonDataModel import vtkImageData, vtkPiecewiseFunction
from vtkmodules.vtkRenderingCore import (
    vtkColorTransferFunction, vtkRenderer, vtkRenderWindow, vtkVolume, vtkVolumeProperty)
from vtkmodules.vtkRenderingVolumeOpenGL2 import vtkSmartVolumeMapper
voxels = np.fromfile(sys.argv[1], np.int16)
image = vtkImageData()
image.SetDimensions(512, 512, 300)
image.SetSpacing(0.7, 0.7, 0.7)
image.GetPointData().SetScalars(numpy_to_vtk(voxels, deep=0))
opacity, colour = vtkPiecewiseFunction(), vtkColorTransferFunction()
for value, alpha in ((120, 0.0), (220, 0.16), (360, 0.6), (900, 0.85), (2500, 0.95)):
    opacity.AddPoint(value, alpha)
    colour.AddRGBPoint(value, 0.9, 0.85, 0.7)
look = vtkVolumeProperty()
look.SetScalarOpacity(opacity)
look.SetColor(colour)
look.ShadeOn()
look.SetInterpolationTypeToLinear()
mapper = vtkSmartVolumeMapper()
mapper.SetInputData(image)
mapper.SetInteractiveAdjustSampleDistances(0)
mapper.SetAutoAdjustSampleDistances(0)
mapper.SetSampleDistance(0.7)
volume = vtkVolume()
volume.SetMapper(mapper)
volume.SetProperty(look)
window = vtkRenderWindow()
window.SetOffScreenRendering(1)
window.SetMultiSamples(0)
window.SetSize(800, 800)
stage = vtkRenderer()
window.AddRenderer(stage)
stage.AddVolume(volume)
stage.GetActiveCamera().ParallelProjectionOn()
stage.ResetCamera()
stage.GetActiveCamera().Elevation(-80)
window.Render()
begun = time.perf_counter()
stage.GetActiveCamera().Azimuth(5)
window.Render()
window.WaitForCompletion()
print((time.perf_counter() - begun) * 1e3)
"""
