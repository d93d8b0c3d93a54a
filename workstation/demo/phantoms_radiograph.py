"""Chest radiographs: line integrals through the body model, processed as a reader sees them."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from workstation.demo.phantoms_kernels import Floats
from workstation.demo.phantoms_shapes import Array, blurred
from workstation.demo.phantoms_thorax import Thorax

ROWS, COLUMNS = 2400, 2000
PITCH = 0.175
"""Detector spacing, mm."""
_FULL = 4095
_ATTENUATION = 0.0185
"""Per mm of water, for the hard beam of a chest radiograph."""

TOP = 187.0
"""Height of the first row of the detector, body mm."""
_Z = TOP - 0.9 * np.arange(494)
_STEP_X, _STEP_Y = 0.8, 1.0
_PAD = 40
"""Rows repeated above and below, so that a patient who stands otherwise has no cut edge."""
_NX, _NY = 448, 260
_X0, _Y0 = -178.8, -129.5


@dataclass(frozen=True, slots=True)
class Sphere:
    """A round opacity, seen from the front: place and diameter in mm, detector plane."""

    x: float
    z: float
    diameter: float


@dataclass(frozen=True, slots=True)
class Shadows:
    """Water-equivalent thickness in mm: from the back to the front, and from side to side."""

    frontal: Floats
    lateral: Floats


def integrate(body: Thorax, workers: int = 2) -> Shadows:
    """Send parallel rays through the erect body, one row of both views per height."""
    placed = body.placed(np.eye(3), np.zeros(3), ())
    frontal = np.empty((len(_Z), _NX), np.float32)
    lateral = np.empty((len(_Z), _NY), np.float32)
    sides = np.abs(_X0 + _STEP_X * np.arange(_NX)) < 140

    def row(k: int) -> None:
        spacing = (_STEP_X, _STEP_Y)
        hu = placed.paint((_NY, _NX), (_X0, _Y0, float(_Z[k])), spacing)
        mu = np.maximum(hu + 1000, 0) * np.float32(0.001)
        mu += np.float32(0.0006) * np.maximum(hu - 130, 0)
        frontal[k] = mu.sum(0) * _STEP_Y
        lateral[k] = mu[:, sides].sum(1) * _STEP_X

    with ThreadPoolExecutor(workers, thread_name_prefix="phantom") as pool:
        list(pool.map(row, range(len(_Z))))
    return Shadows(frontal, lateral)


def frontal_view(
    shadows: Shadows,
    spheres: tuple[Sphere, ...],
    *,
    seed: int,
    turn: float = 0.0,
    scale: float = 1.0,
    shift: tuple[float, float] = (0.0, 0.0),
) -> NDArray[np.uint16]:
    """Give 12-bit values of a PA view, high where little radiation arrived (bone high).

    The patient stands turned in the plane by ``turn`` degrees, ``scale`` times as large and
    shifted by mm (to the left, downward).
    """
    thickness = _on_detector(shadows.frontal, (_X0, _STEP_X), turn, scale, shift)
    x = (np.arange(COLUMNS, dtype=np.float32) - (COLUMNS - 1) / 2) * PITCH
    z = TOP - (np.arange(ROWS, dtype=np.float32)[:, None]) * PITCH
    for sphere in spheres:
        r2 = (sphere.diameter / 2) ** 2 - (x - sphere.x) ** 2 - (z - sphere.z) ** 2
        thickness += 1.8 * np.sqrt(np.maximum(r2, 0))
    return _processed(thickness, seed)


def lateral_view(shadows: Shadows, *, seed: int) -> NDArray[np.uint16]:
    """Give 12-bit values of a left lateral view, chest wall at the left edge."""
    thickness = _on_detector(shadows.lateral, (_Y0, _STEP_Y), 0.0, 1.0, (4.0, 0.0))
    return _processed(thickness * np.float32(0.8), seed)


def _on_detector(
    shadow: Floats,
    across: tuple[float, float],
    turn: float,
    scale: float,
    shift: tuple[float, float],
) -> Floats:
    """Resample to detector pixels with a smooth kernel."""
    angle = np.radians(turn)
    cosine, sine = np.cos(angle) * PITCH / scale, np.sin(angle) * PITCH / scale
    step, rise = across[1], float(_Z[0] - _Z[1])
    # PIL asks where in the source each output pixel centre comes from: source = A · output.
    cx, cy = COLUMNS / 2, ROWS / 2
    a, b = cosine / step, -sine / step
    d, e = sine / rise, cosine / rise
    mid_x = (-shift[0] - across[0]) / step + 0.5
    mid_y = (cy * PITCH - shift[1]) / rise + _PAD
    matrix = (a, b, mid_x - a * cx - b * cy, d, e, mid_y - d * cx - e * cy)
    padded = np.pad(shadow, ((_PAD, _PAD), (0, 0)), mode="edge")
    image = Image.fromarray(padded).transform(
        (COLUMNS, ROWS), Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC
    )
    return np.maximum(np.asarray(image, np.float32), 0)


def _processed(thickness: Floats, seed: int) -> NDArray[np.uint16]:
    """Add quantum noise, then compress the range as the maker's processing would (0 … 4095)."""
    rng = np.random.default_rng(seed)
    grain = rng.standard_normal((ROWS, COLUMNS), dtype=np.float32)
    log_signal = thickness * np.float32(_ATTENUATION)
    log_signal += grain * np.float32(0.0045) * np.exp(0.5 * np.minimum(log_signal, 5))
    broad = _broad(log_signal)
    flat = log_signal - 0.55 * broad
    fine = log_signal - _narrow(log_signal)
    flat += 0.6 * fine
    tone = 1 / (1 + np.exp(-(flat - 1.12) * 1.75))
    tone *= np.clip(thickness / 14, 0, 1)
    values = np.clip(tone * 3900 + 60, 0, _FULL).astype(np.uint16)
    return _marked(values)


def _broad(image: Floats) -> Floats:
    small = Image.fromarray(image).resize((COLUMNS // 20, ROWS // 20), Image.Resampling.BOX)
    soft = blurred(np.asarray(small, np.float32), 4, 3)
    return np.asarray(Image.fromarray(soft).resize((COLUMNS, ROWS), Image.Resampling.BICUBIC))


def _narrow(image: Floats) -> Floats:
    small = Image.fromarray(image).resize((COLUMNS // 5, ROWS // 5), Image.Resampling.BOX)
    return np.asarray(small.resize((COLUMNS, ROWS), Image.Resampling.BICUBIC))


def _marked(values: NDArray[np.uint16]) -> NDArray[np.uint16]:
    stencil = Image.new("L", (COLUMNS, 90))
    draw = ImageDraw.Draw(stencil)
    draw.text((40, 20), "SYNTHETIC", fill=255, font=ImageFont.load_default(54))
    marks: Array = np.asarray(stencil)
    values[: len(marks)][marks > 100] = 3800
    return values
