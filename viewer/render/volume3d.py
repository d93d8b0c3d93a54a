"""The inside of a process that renders volumes: the only place that knows VTK, loaded there alone.

The process gets voxels and numbers, no words of a header, and gives finished pixels back through
shared memory. It stands apart because OpenGL drivers crash: that must cost a picture, not a window.
It has no fences, as drivers need files, devices and threads of their own; it reads nothing foreign.

VTK's SetDirectionMatrix shears wrongly (fidelity F44): the image has none, the volume has a matrix.
"""

import math
import os
import signal
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from viewer.render.voxel_block import Prism, VoxelBlock

if TYPE_CHECKING:
    from collections.abc import Callable

    from vtkmodules.vtkCommonCore import vtkDataArray
    from vtkmodules.vtkRenderingVolume import (
        vtkFixedPointVolumeRayCastMapper,
        vtkGPUVolumeRayCastMapper,
    )

    Mapper = vtkFixedPointVolumeRayCastMapper | vtkGPUVolumeRayCastMapper

_SOFTWARE = ("llvmpipe", "softpipe", "swiftshader", "software", "basic render", "swrast")
"""Parts of the names of renderers that are programs."""
NO_VTK = "The library for volume rendering (VTK) is not installed."
NO_GL = "This computer offers no OpenGL, which volume rendering needs."
_GO_ON = np.zeros(1, np.uint8)
_COURTESY = 10
"""How far others go first while a picture is drawn in the background (nice)."""
_DEPTH = 10.0
"""The camera stands so many times the volume's extent away: nothing is ever before the picture."""


@dataclass(frozen=True, slots=True)
class Started:
    """Sent once. Empty ``problem``: pictures can be drawn. ``software``: by the processor alone."""

    problem: str = ""
    renderer: str = ""
    software: bool = True


@dataclass(frozen=True, slots=True)
class NewVolume:
    """Forget what was, and make room for voxels of this kind; ``spacing`` is (x, y, z), mm."""

    shape: tuple[int, int, int]
    dtype: str
    spacing: tuple[float, float, float]
    matrix: tuple[tuple[float, ...], ...]
    """(x, y, z, 1) to LPS, 4 × 4."""
    unseen: float
    background: bool
    """Whether others on this computer go first."""
    most: int
    """So many voxels are kept; means of blocks stand for more."""


@dataclass(frozen=True, slots=True)
class SomeSlices:
    """So many slices lie in shared memory."""

    first: int
    count: int
    slot: str


@dataclass(frozen=True, slots=True)
class CutOff:
    """Make what a prism covers invisible."""

    prism: Prism


@dataclass(frozen=True, slots=True)
class Look:
    """What values look like; ``tints`` are (voxel value, opacity, red, green, blue), rising."""

    tints: tuple[tuple[float, float, float, float, float], ...]
    brightest: bool = False
    """The largest value on each line, else what lies before hides what lies behind."""
    flipped: bool = False
    """The largest modality value is the smallest voxel value."""
    light: tuple[float, float, float, float] = (0.2, 0.8, 0.2, 15.0)
    """Ambient, diffuse, specular, specular power."""


@dataclass(frozen=True, slots=True)
class DrawVolume:
    """Draw into shared memory as RGB, top row first; the byte behind it, not 0, says to stop.

    The camera looks ``into`` at ``focus`` (LPS, mm), which is the middle of the picture; ``up`` is
    the direction of its upper edge. Lines are parallel: a pixel is ``pitch`` mm wide and high.
    """

    slot: str
    width: int
    height: int
    focus: tuple[float, float, float]
    into: tuple[float, float, float]
    up: tuple[float, float, float]
    pitch: float
    look: Look
    box: tuple[float, float, float, float, float, float] | None = None
    """Only what lies between these x, y and z is seen."""
    coarseness: int = 1
    """One line is followed for so many pixels, with steps as much longer."""


@dataclass(frozen=True, slots=True)
class Done:
    """Empty ``problem``: it is done, unless it was ``stopped``."""

    problem: str = ""
    seconds: float = 0.0
    stopped: bool = False


def serve(pipe: Connection, _memory_limit: int) -> None:
    """Answer requests until the pipe closes or None comes; whatever is raised becomes an answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    scene, started = _start()
    pipe.send(started)
    try:
        while scene is not None and (request := pipe.recv()) is not None:
            pipe.send(_answer(scene, request))
    except (EOFError, ConnectionError):
        pass  # the parent is gone or is closing
    finally:
        if scene is not None:
            scene.close()


def _start() -> tuple["_Scene | None", Started]:
    try:
        scene = _Scene()
    except ImportError:
        return None, Started(NO_VTK)
    except _NoGl:
        return None, Started(NO_GL)
    renderer = scene.renderer
    software = any(word in renderer.casefold() for word in _SOFTWARE)
    scene.software = software
    return scene, Started("", renderer, software)


def _answer(scene: "_Scene", request: object) -> Done:
    begun = time.perf_counter()
    try:
        match request:
            case NewVolume():
                scene.begin(request)
            case SomeSlices():
                scene.put(request)
            case CutOff():
                scene.cut(request.prism)
            case DrawVolume():
                return Done(stopped=not scene.draw(request), seconds=time.perf_counter() - begun)
            case _:
                return Done("The process that draws in 3D was asked for what it does not know.")
    except MemoryError:
        return Done("Drawing this volume in 3D needs more memory than there is.")
    except Exception as error:  # noqa: BLE001  whatever a driver brings about is an answer
        return Done(f"The volume cannot be drawn in 3D: {type(error).__name__}.")
    return Done("", time.perf_counter() - begun)


class _NoGl(Exception):
    """No context to draw in could be made."""


class _Scene:
    """One volume in one off-screen window."""

    def __init__(self) -> None:
        """Load VTK and make the window; ImportError without VTK, _NoGl without OpenGL."""
        import vtkmodules.vtkRenderingOpenGL2
        import vtkmodules.vtkRenderingVolumeOpenGL2  # noqa: F401  both fill VTK's factories
        from vtkmodules.vtkCommonCore import vtkCommand, vtkLogger, vtkObject
        from vtkmodules.vtkRenderingCore import vtkRenderer, vtkRenderWindow

        vtkObject.GlobalWarningDisplayOff()
        vtkLogger.SetStderrVerbosity(vtkLogger.VERBOSITY_OFF)
        self._window = vtkRenderWindow()
        self._window.SetOffScreenRendering(1)
        self._window.SetMultiSamples(0)
        self._window.SetSize(8, 8)
        self._stage = vtkRenderer()
        self._stage.SetBackground(0, 0, 0)
        self._window.AddRenderer(self._stage)
        if not self._window.SupportsOpenGL():
            raise _NoGl
        self._window.Render()
        self.renderer = _renderer_of(self._window.ReportCapabilities())
        if not self.renderer:  # VTK says that there is OpenGL also where no context could be made
            raise _NoGl
        self.software = True
        self._window.AddObserver(int(vtkCommand.AbortCheckEvent), self._on_abort_check)
        self._stop: NDArray[np.uint8] = _GO_ON
        self._given: NewVolume | None = None
        self._block: VoxelBlock | None = None
        self._mapper: Mapper | None = None
        self._drawn_look: Look | None = None

    def close(self) -> None:
        """Give window and volume back."""
        self._forget()
        self._window.Finalize()

    def begin(self, given: NewVolume) -> None:
        """Make room for a volume."""
        self._forget()
        if given.background and hasattr(os, "nice"):
            os.nice(max(0, _COURTESY - os.nice(0)))
        self._given = given
        self._block = VoxelBlock(
            given.shape, given.dtype, given.spacing, given.unseen, most=given.most
        )

    def put(self, some: SomeSlices) -> None:
        """Take slices out of shared memory."""
        given, block = self._there()
        slot = SharedMemory(some.slot)
        try:
            shape = (some.count, *given.shape[1:])
            slices = np.ndarray(shape, np.dtype(given.dtype), slot.buf)
            block.put(some.first, slices)
            del slices
        finally:
            slot.close()
        self._changed()

    def cut(self, prism: Prism) -> None:
        """Take voxels away."""
        _, block = self._there()
        block.erase(prism)
        self._changed()

    def draw(self, wanted: DrawVolume) -> bool:
        """Draw and write the pixels into shared memory; False where it was stopped on the way."""
        if self._mapper is None:
            self._build(wanted.look)
        elif wanted.look != self._drawn_look:
            if self._drawn_look is None or wanted.look.brightest != self._drawn_look.brightest:
                self._build(wanted.look)
            else:
                self._paint(wanted.look)
        self._fit(wanted)
        self._aim(wanted)
        slot = SharedMemory(wanted.slot)
        try:
            size = wanted.width * wanted.height * 3
            self._stop = np.ndarray((1,), np.uint8, slot.buf, offset=size)
            self._window.SetAbortRender(0)
            self._window.Render()
            stopped = bool(self._stop[0])
            if not stopped:
                self._read(wanted, slot)
        finally:
            self._stop = _GO_ON
            slot.close()
        return not stopped

    def _on_abort_check(self, _window: object, _event: str) -> None:
        """VTK asks now and then whether to go on."""
        if self._stop[0]:
            self._window.SetAbortRender(1)

    # -- inside ----------------------------------------------------------------------------------

    def _there(self) -> tuple[NewVolume, VoxelBlock]:
        if self._given is None or self._block is None:
            raise LookupError("no volume was given")
        return self._given, self._block

    def _forget(self) -> None:
        self._stage.RemoveAllViewProps()
        if self._mapper is not None:
            self._mapper.ReleaseGraphicsResources(self._window)
        self._mapper = None
        self._drawn_look = None
        self._given, self._block = None, None

    def _changed(self) -> None:
        """Voxels are others: tell VTK, which keeps what it made from them."""
        if self._mapper is not None:
            image = self._mapper.GetInput()
            image.GetPointData().GetScalars().Modified()
            image.Modified()

    def _build(self, look: Look) -> None:
        """Make VTK's volume of the voxels, which are not copied."""
        from vtkmodules.vtkCommonDataModel import vtkImageData
        from vtkmodules.vtkCommonMath import vtkMatrix4x4
        from vtkmodules.vtkRenderingCore import vtkVolume

        given, block = self._there()
        self._stage.RemoveAllViewProps()
        if self._mapper is not None:
            self._mapper.ReleaseGraphicsResources(self._window)
        image = vtkImageData()
        slices, rows, columns = block.voxels.shape
        image.SetDimensions(columns, rows, slices)
        image.SetSpacing(*block.spacing)
        image.SetOrigin(*block.origin)
        image.GetPointData().SetScalars(_as_vtk(block.voxels))
        self._mapper = self._new_mapper(look)
        self._mapper.SetInputData(image)
        self._volume = vtkVolume()
        matrix = vtkMatrix4x4()
        matrix.DeepCopy([number for row in given.matrix for number in row])
        self._volume.SetUserMatrix(matrix)
        self._volume.SetMapper(self._mapper)
        self._paint(look)
        self._stage.AddVolume(self._volume)

    def _new_mapper(self, look: Look) -> "Mapper":
        """By the graphics processor, or by the processor, which is 20 times faster at it than
        OpenGL made by a program is.
        """
        mapper: Mapper
        if self.software:
            from vtkmodules.vtkRenderingVolume import vtkFixedPointVolumeRayCastMapper

            mapper = vtkFixedPointVolumeRayCastMapper()
        else:
            from vtkmodules.vtkRenderingVolumeOpenGL2 import vtkOpenGLGPUVolumeRayCastMapper

            mapper = vtkOpenGLGPUVolumeRayCastMapper()
        mapper.SetAutoAdjustSampleDistances(0)
        if not look.brightest:
            mapper.SetBlendModeToComposite()
        elif look.flipped:
            mapper.SetBlendModeToMinimumIntensity()
        else:
            mapper.SetBlendModeToMaximumIntensity()
        return mapper

    def _paint(self, look: Look) -> None:
        from vtkmodules.vtkCommonDataModel import vtkPiecewiseFunction
        from vtkmodules.vtkRenderingCore import vtkColorTransferFunction, vtkVolumeProperty

        opacities, colours = vtkPiecewiseFunction(), vtkColorTransferFunction()
        for value, opacity, red, green, blue in look.tints:
            opacities.AddPoint(value, opacity)
            colours.AddRGBPoint(value, red, green, blue)
        paint = vtkVolumeProperty()
        paint.SetScalarOpacity(opacities)
        paint.SetColor(colours)
        paint.SetScalarOpacityUnitDistance(1.0)
        paint.SetInterpolationTypeToLinear()
        paint.SetShade(int(not look.brightest))
        ambient, diffuse, specular, power = look.light
        paint.SetAmbient(ambient)
        paint.SetDiffuse(diffuse)
        paint.SetSpecular(specular)
        paint.SetSpecularPower(power)
        self._volume.SetProperty(paint)
        self._drawn_look = look

    def _fit(self, wanted: DrawVolume) -> None:
        """How finely lines are followed, and what of the volume is seen."""
        given, _ = self._there()
        mapper = self._mapper
        if mapper is None:
            return
        step = min(given.spacing) * (1 if wanted.coarseness == 1 else 2)
        mapper.SetSampleDistance(step)
        mapper.SetImageSampleDistance(float(wanted.coarseness))
        mapper.SetCropping(int(wanted.box is not None))
        if wanted.box is not None:
            mapper.SetCroppingRegionPlanes(*wanted.box)
            mapper.SetCroppingRegionFlagsToSubVolume()

    def _aim(self, wanted: DrawVolume) -> None:
        given, _ = self._there()
        extent = math.dist(
            (0.0, 0.0, 0.0),
            [n * pitch for n, pitch in zip(given.shape[::-1], given.spacing, strict=True)],
        )
        away = _DEPTH * max(extent, wanted.pitch * wanted.height)
        camera = self._stage.GetActiveCamera()
        camera.ParallelProjectionOn()
        camera.SetFocalPoint(*wanted.focus)
        camera.SetPosition(*(f - away * i for f, i in zip(wanted.focus, wanted.into, strict=True)))
        camera.SetViewUp(*wanted.up)
        camera.SetParallelScale(wanted.pitch * wanted.height / 2)
        self._window.SetSize(wanted.width, wanted.height)
        self._stage.ResetCameraClippingRange()

    def _read(self, wanted: DrawVolume, slot: SharedMemory) -> None:
        from vtkmodules.vtkCommonCore import vtkUnsignedCharArray

        found = vtkUnsignedCharArray()
        self._window.GetPixelData(0, 0, wanted.width - 1, wanted.height - 1, 0, found, 0)
        pixels = _as_numpy(found).reshape(wanted.height, wanted.width, 3)
        out = np.ndarray(pixels.shape, np.uint8, slot.buf)
        out[...] = pixels[::-1]  # OpenGL's first row is the lowest


def _as_vtk(voxels: NDArray[Any]) -> "vtkDataArray":
    """A view of the voxels, which VTK keeps alive."""
    from vtkmodules.util import numpy_support

    view: Callable[..., vtkDataArray] = numpy_support.numpy_to_vtk
    return view(voxels.ravel(), deep=0)


def _as_numpy(found: "vtkDataArray") -> NDArray[Any]:
    from vtkmodules.util import numpy_support

    view: Callable[..., NDArray[Any]] = numpy_support.vtk_to_numpy
    return view(found)


def _renderer_of(capabilities: str) -> str:
    for line in capabilities.splitlines():
        name, _, value = line.partition(":")
        if name.strip().casefold() == "opengl renderer string":
            return value.strip()
    return ""
