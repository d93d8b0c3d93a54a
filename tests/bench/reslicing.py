"""W5: planes and slabs of 1000×1000 out of a CT of 512×512×600, ms, beside VTK and SimpleITK.

All take turns in every round, so whatever else the machine does slows them alike. What they draw
is compared: a peer that shows another plane is no peer.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.bench import data
from tests.bench.table import Line, is_there, say, show, take_turns
from viewer.loading.volume import Volume
from viewer.model.geometry import ImagePlane, PointLps, Spacing
from viewer.model.presentation import CENTRED, Presentation, Rescale
from viewer.model.sample_grid import SampleGrid, Slab, SlabMode
from viewer.model.study import Photometric
from viewer.model.volume_geometry import VolumeGeometry
from viewer.render import reslice
from viewer.render.bands import THREADS
from viewer.render.plane_request import COARSEST, PlaneRequest, coarse_enough
from viewer.render.reslice import Reslicer
from viewer.viewport.planes import Cut
from viewer.viewport.transform import PaneSize

Array = NDArray[Any]
SIDE = 1000
STEP = 0.7
PIXEL = 0.42
SLAB = Slab(30.0, SlabMode.MAXIMUM)
_OBLIQUE = (PointLps(1.0, 0.2, 0.3), PointLps(-0.1, 1.0, 0.4))
_ALONG = {
    "axial": (PointLps(1, 0, 0), PointLps(0, 1, 0)),
    "coronal": (PointLps(1, 0, 0), PointLps(0, 0, 1)),
    "sagittal": (PointLps(0, 1, 0), PointLps(0, 0, 1)),
}


@dataclass(frozen=True, slots=True)
class _Scene:
    reslicer: Reslicer
    cut: Cut
    pool: ThreadPoolExecutor

    def draw(self, slab: Slab | None = None, coarse: int = 1) -> tuple[Array, float]:
        """A picture as the program draws it: its own thread, and those that help."""
        request = PlaneRequest(
            self.reslicer, "bench", Photometric.MONOCHROME2, self.cut, slab,
            Presentation(voi=None, zoom=1.0, offset=CENTRED), PaneSize(SIDE, SIDE), coarse=coarse,
        )  # fmt: skip
        for _ in range(request.helpers):
            self.pool.submit(request.help)
        return request.sample().values, request.seconds

    @property
    def grid(self) -> SampleGrid:
        """Where the pixels lie."""
        plane = self.cut.plane
        right, down = (PointLps(*(PIXEL * x for x in way)) for way in (plane.row, plane.column))
        return SampleGrid(plane.position, right, down, SIDE, SIDE)


def main() -> None:
    """Measure and print."""
    reslice.warm_up()
    voxels = _voxels()
    reslicer = Reslicer(_volume(voxels))
    with ThreadPoolExecutor(max(THREADS - 1, 1)) as pool:
        scenes = {
            name: _Scene(reslicer, _cut(reslicer, *ways), pool)
            for name, ways in (("oblique", _OBLIQUE), *_ALONG.items())
        }
        lines = _oblique(scenes["oblique"], voxels) + _slabs(scenes, voxels)
    limit = "limit: 8 voxels a sample at the speed of memory; a plain maximum of the slab"
    show(f"W5 {SIDE}×{SIDE} out of 512×512×{data.SLICES}, ms ({limit})", lines)


def _oblique(scene: _Scene, voxels: Array) -> list[Line]:
    acts: dict[str, Callable[[], Array]] = {"ours": lambda: scene.draw()[0]}
    if is_there("vtkmodules"):
        acts["vtkImageReslice"] = _vtk(scene.grid, voxels, None)
    if is_there("SimpleITK"):
        acts["SimpleITK"] = _simpleitk(scene.grid, voxels)
    some = np.zeros(8 * SIDE * SIDE, voxels.dtype)
    acts["limit"] = some.copy
    _compare(acts)
    spent = take_turns(acts)
    lines = [
        Line("oblique", "ms", (peer, spent[peer]), spent["limit"], spent["ours"], goal)
        for peer, goal in (("vtkImageReslice", "≤ 0.85 ×"), ("SimpleITK", "≤ 0.9 ×"))
        if peer in spent
    ]
    return lines or [Line("oblique", "ms", ("", None), spent["limit"], spent["ours"])]


def _slabs(scenes: dict[str, _Scene], voxels: Array) -> list[Line]:
    oblique, deep = scenes["oblique"], round(SLAB.thickness / STEP)
    acts: dict[str, Callable[[], Array]] = {
        "ours": lambda: oblique.draw(SLAB)[0],
        "limit": lambda: voxels[:deep].max(axis=0),
    }
    for name in _ALONG:
        acts[name] = lambda scene=scenes[name]: scene.draw(SLAB)[0]  # type: ignore[misc]
    if is_there("vtkmodules"):
        acts["vtkImageReslice"] = _vtk(oblique.grid, voxels, SLAB)
    _compare(acts, share=0.02)
    spent = take_turns(acts, rounds=5)
    peer = ("vtkImageReslice", spent.get("vtkImageReslice"))
    coarse = _settled(oblique)
    dragged = take_turns({"ours": lambda: oblique.draw(SLAB, coarse)[0]}, rounds=9)
    words = f"{SLAB.thickness:.0f} mm"
    return [
        Line(f"{words} maximum, oblique", "ms", peer, spent["limit"], spent["ours"], "≤ 0.6 ×"),
        Line(f"the same while dragging, 1/{coarse}", "ms", peer, None, dragged["ours"], "≤ 40 ms"),
        *(Line(f"{words} maximum, {name}", "ms", peer, spent["limit"], spent[name])
          for name in _ALONG),
    ]  # fmt: skip


def _settled(scene: _Scene) -> int:
    """How coarse a dragged slab becomes on this machine."""
    coarse = 2
    for _ in range(COARSEST):
        coarse = coarse_enough(coarse, scene.draw(SLAB, coarse)[1])
    return coarse


def _compare(acts: dict[str, Callable[[], Array]], share: float = 0.01) -> None:
    """Peers handle the border of the volume in other ways, and VTK places a slab's samples anew."""
    ours = acts["ours"]().astype(np.int64)
    for name in ("vtkImageReslice", "SimpleITK"):
        if name in acts:
            off = np.abs(acts[name]().astype(np.int64) - ours)
            if (off > 8).mean() > share:
                say(f"{name} draws another picture: {(off > 8).mean():.1%} of it.")


def _voxels() -> Array:
    files = sorted(data.ct("raw").iterdir())
    size = data.ROWS * data.COLUMNS
    voxels = np.empty((len(files), data.ROWS, data.COLUMNS), np.uint16)
    for k, file in enumerate(files):
        with file.open("rb") as bytes_:
            bytes_.seek(-2 * size, 2)
            voxels[k] = np.fromfile(bytes_, "<u2", size).reshape(voxels.shape[1:])
    voxels.flags.writeable = False
    return voxels


def _volume(voxels: Array) -> Volume:
    row, column = PointLps(1, 0, 0), PointLps(0, 1, 0)
    planes = [
        ImagePlane(PointLps(0, 0, STEP * k), row, column, Spacing(STEP, STEP))
        for k in range(len(voxels))
    ]
    geometry = VolumeGeometry.of(planes, voxels.shape[1], voxels.shape[2])
    held = (True,) * len(voxels)
    return Volume(voxels, geometry, Rescale(1, -1024, "HU"), None, held, spare=65535)


def _cut(reslicer: Reslicer, right: PointLps, down: PointLps) -> Cut:
    across = _unit(right)
    below = _unit(down.plus(across, -down.dot(across)))
    shape = reslicer.volume.voxels.shape
    middle = PointLps(*(STEP * (n - 1) / 2 for n in reversed(shape)))
    return Cut(middle, across, below, PIXEL, SIDE, SIDE)


def _unit(way: PointLps) -> PointLps:
    return PointLps(*(x / way.norm for x in way))


def _vtk(grid: SampleGrid, voxels: Array, slab: Slab | None) -> Callable[[], Array]:
    """vtkImageReslice on as many threads, on the voxels themselves."""
    from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkCommonMath import vtkMatrix4x4
    from vtkmodules.vtkImagingCore import vtkImageReslice

    image = vtkImageData()
    image.SetDimensions(*reversed(voxels.shape))
    image.SetSpacing(STEP, STEP, STEP)
    image.GetPointData().SetScalars(numpy_to_vtk(voxels.reshape(-1), deep=0))  # type: ignore[no-untyped-call]  # VTK types none of these
    axes = vtkMatrix4x4()
    ways = (grid.right, grid.down, grid.normal)
    for column, way in enumerate(ways):
        for row, part in enumerate(way):
            axes.SetElement(row, column, part / way.norm)
    for row, part in enumerate(grid.origin):
        axes.SetElement(row, 3, part)
    act = vtkImageReslice()
    act.SetInputData(image)
    act.SetResliceAxes(axes)
    act.SetOutputDimensionality(2)
    act.SetInterpolationModeToLinear()
    act.SetOutputOrigin(0, 0, 0)
    act.SetOutputSpacing(grid.right.norm, grid.down.norm, STEP)
    act.SetOutputExtent(0, grid.columns - 1, 0, grid.rows - 1, 0, 0)
    act.SetBackgroundLevel(65535)
    act.SetEnableSMP(False)
    act.SetNumberOfThreads(THREADS)
    if slab is not None:
        act.SetSlabModeToMax()
        act.SetSlabNumberOfSlices(round(slab.thickness / STEP) + 1)

    def draw() -> Array:
        act.Modified()
        act.Update()
        found = vtk_to_numpy(act.GetOutput().GetPointData().GetScalars())  # type: ignore[no-untyped-call]  # VTK
        return np.asarray(found.reshape(grid.rows, grid.columns))

    return draw


def _simpleitk(grid: SampleGrid, voxels: Array) -> Callable[[], Array]:
    """SimpleITK's Resample on as many threads; the volume is copied once, beforehand."""
    import SimpleITK as sitk  # noqa: N813

    image = sitk.GetImageFromArray(voxels)
    image.SetSpacing((STEP, STEP, STEP))
    act = sitk.ResampleImageFilter()
    act.SetNumberOfThreads(THREADS)
    act.SetInterpolator(sitk.sitkLinear)
    act.SetSize((grid.columns, grid.rows, 1))
    act.SetOutputOrigin(tuple(grid.origin))
    act.SetOutputSpacing((grid.right.norm, grid.down.norm, STEP))
    ways = [[part / way.norm for part in way] for way in (grid.right, grid.down, grid.normal)]
    act.SetOutputDirection(np.array(ways).T.ravel().tolist())
    act.SetDefaultPixelValue(65535)

    def draw() -> Array:
        return np.asarray(sitk.GetArrayFromImage(act.Execute(image))[0])

    return draw
