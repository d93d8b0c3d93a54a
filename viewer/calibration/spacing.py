"""Which spacing is true for lengths on a frame: one decision table, each answer with its reason."""

import math
from dataclasses import dataclass

from viewer.model.geometry import Spacing
from viewer.model.measurement import CalibrationKind
from viewer.model.study import Instance, ProjectionGeometry

_PROJECTION = frozenset({"CR", "DX", "MG", "XA", "RF", "IO", "PX"})
_CROSS_SECTIONAL = frozenset({"CT", "MR", "PT", "NM"})
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
_RECONSTRUCTED = (
    "1.2.840.10008.5.1.4.1.1.13.1.1",  # X-Ray 3D Angiographic
    "1.2.840.10008.5.1.4.1.1.13.1.2",  # X-Ray 3D Craniofacial
    "1.2.840.10008.5.1.4.1.1.13.1.3",  # Breast Tomosynthesis
)

_SMALLEST, _LARGEST = 1e-6, 1e4
"""mm; a pixel outside these is no pixel, from electron microscopy to the whole body."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What turns pixels into millimetres on one frame.

    ``spacing`` is None where no unit is right; ``word`` is what must stand beside every length
    ("at detector"), empty when the spacing is true in the patient; ``reason`` is a sentence.
    """

    spacing: Spacing | None
    calibration: CalibrationKind
    word: str
    reason: str
    axes: str = ""
    """What two points are apart along each axis, where no length is right: 'time 0.42 s' (F36)."""


def scale_of(instance: Instance, frame: int = 0) -> Scale:
    """Decide the spacing of one frame (PS3.3 10.7.1, requirement F35)."""
    plane_spacing = _plane_spacing(instance, frame)
    instance = instance.at(frame)
    if instance.modality == "CT" and "LOCALIZER" in instance.image_type:
        return _localiser(instance, plane_spacing)
    if instance.modality in _PROJECTION and instance.sop_class not in _RECONSTRUCTED:
        return _projection(instance)
    if plane_spacing is not None:
        return Scale(
            plane_spacing,
            CalibrationKind.PATIENT,
            "",
            "Cross-sectional image: Pixel Spacing is true in the patient.",
        )
    if (
        instance.pixel_spacing is not None
        and instance.modality in _CROSS_SECTIONAL
        and not instance.sop_class.startswith(_SECONDARY_CAPTURE)
    ):
        return Scale(
            instance.pixel_spacing,
            CalibrationKind.PATIENT,
            "",
            "Cross-sectional image: Pixel Spacing is true in the patient.",
        )
    return _none("The header gives no spacing that is known to hold in the patient.")


def pixel_aspect(instance: Instance, frame: int = 0) -> float:
    """Give the height of a pixel over its width, for drawing it in its true shape (F38).

    From the frame's plane, Pixel Spacing or Imager Pixel Spacing, else Pixel Aspect Ratio, else 1.
    """
    (height, width), _ = pixel_sides(instance, frame)
    return height / width


def pixel_sides(instance: Instance, frame: int = 0) -> tuple[tuple[float, float], bool]:
    """Height and width of a pixel as ``pixel_aspect`` takes them, and whether in millimetres."""
    projection = instance.projection
    for spacing in (
        _plane_spacing(instance, frame),
        _usable(instance.pixel_spacing),
        _usable(projection.imager_spacing) if projection else None,
    ):
        if spacing is not None:
            return (spacing.row, spacing.column), True
    if instance.pixel_aspect is not None and min(instance.pixel_aspect) > 0:
        return instance.pixel_aspect, False
    return (1, 1), False


def believable(scale: Scale) -> Scale:
    """Refuse a pixel of a size that none has: sizes by it would overflow, or be told as 0 mm."""
    spacing = scale.spacing
    if spacing is None or all(_SMALLEST <= side <= _LARGEST for side in spacing):
        return scale
    return _none(
        f"A spacing of {spacing.row:.3g} × {spacing.column:.3g} mm is no size of a pixel, so no "
        "unit is right."
    )


def _plane_spacing(instance: Instance, frame: int) -> Spacing | None:
    if frame >= len(instance.planes):
        return None
    plane = instance.planes[frame]
    return None if plane is None else plane.spacing


def _localiser(instance: Instance, plane_spacing: Spacing | None) -> Scale:
    spacing = plane_spacing or _usable(instance.pixel_spacing)
    if spacing is None:
        return _none("The localiser's header gives no spacing.")
    return Scale(
        spacing,
        CalibrationKind.MAGNIFIED,
        "at isocentre",
        "CT localiser: a projection, its spacing holds at the isocentre only.",
    )


def _projection(instance: Instance) -> Scale:
    facts = instance.projection or ProjectionGeometry()
    pixel = _usable(instance.pixel_spacing)
    imager = _usable(facts.imager_spacing)
    calibration = facts.calibration_type.upper()
    if pixel is not None and pixel != imager and calibration in {"FIDUCIAL", "GEOMETRY"}:
        how = "an object of known size" if calibration == "FIDUCIAL" else "assumed geometry"
        return Scale(
            pixel,
            CalibrationKind.FIDUCIAL,
            f"calibrated ({calibration.lower()})",
            f"Projection image: Pixel Spacing was calibrated from {how}.",
        )
    if imager is not None:
        return _at_detector(instance.modality, facts, imager)
    film = _usable(facts.nominal_scanned_spacing)
    if film is not None:
        return Scale(
            film,
            CalibrationKind.DETECTOR,
            "on scanned film",
            "Digitised film: the scanner's nominal spacing holds on the film.",
        )
    if pixel is not None:
        return _none("Projection image: the header does not say where its Pixel Spacing holds.")
    return _none("Projection image: the header gives no spacing.")


def _at_detector(modality: str, facts: ProjectionGeometry, imager: Spacing) -> Scale:
    magnification = facts.magnification
    if magnification is not None and math.isfinite(magnification) and magnification >= 1:
        return Scale(
            Spacing(imager.row / magnification, imager.column / magnification),
            CalibrationKind.MAGNIFIED,
            f"corrected for magnification {magnification:.3g}",
            "Projection image: detector spacing divided by the estimated magnification "
            f"factor {magnification:g} of the header.",
        )
    factor = _isocentre_factor(facts) if modality == "XA" else None
    if factor is not None:
        return Scale(
            Spacing(imager.row * factor, imager.column * factor),
            CalibrationKind.MAGNIFIED,
            "at isocentre",
            "Angiography: detector spacing scaled to the isocentre by the header's distances.",
        )
    return Scale(
        imager,
        CalibrationKind.DETECTOR,
        "at detector",
        "Projection image: the spacing holds at the detector; the patient is magnified.",
    )


def _isocentre_factor(facts: ProjectionGeometry) -> float | None:
    far, near = facts.source_to_detector, facts.source_to_patient
    if far is None or near is None or not 0 < near < far < math.inf:
        return None
    return near / far


def _usable(spacing: Spacing | None) -> Spacing | None:
    if spacing is None or not all(math.isfinite(s) and s > 0 for s in spacing):
        return None
    return spacing


def _none(reason: str) -> Scale:
    return Scale(None, CalibrationKind.NONE, "", reason)
