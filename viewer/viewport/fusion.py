"""Which two volumes may be fused, and how the second one looks at first. No Qt, no pixels."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from viewer.hanging.alignments import Aligned, Alignments, Side
from viewer.hanging.images import CaseImages, Hung
from viewer.loading.volume import why_no_mpr
from viewer.model.display_set import DisplaySet
from viewer.model.fusion import Fusion
from viewer.model.presentation import ColourMap, Window
from viewer.model.quantities import Readout, ReadoutKind
from viewer.model.refs import FrameOfReferenceUid, SopUid
from viewer.model.study import Instance
from viewer.pixels.pipeline import default_voi
from viewer.pixels.presets import Preset, presets_for
from viewer.viewport.overlay import series_title

STEP = 5
"""Percent by which one notch of the wheel mixes."""
_FIRST = ("PT", "NM", "MR", "CT")
"""Modalities that are laid over before others."""
_SAME_FACTOR = 1e-9
NOT_ALIGNED = Alignments()
"""No registration came."""

Instances = Mapping[SopUid, Instance]


def why_no_fusion(
    base: Hung, second: Hung, instances: Instances, alignments: Alignments = NOT_ALIGNED
) -> str | None:
    """Why a volume may not be laid over images, as a sentence; None if it may.

    Nothing is registered here: both lie on one Frame of Reference, of one patient, or a
    registration object says where the one lies in the other.
    """
    if base.study.patient.id != second.study.patient.id:
        return "The two series are of different patients."
    if base.target.id == second.target.id:
        return "A series is not laid over itself."
    under, upper = _spaces(base.target, instances), _spaces(second.target, instances)
    name = series_title(second.series)
    if None in under:
        return "The images do not say in which frame of reference they lie."
    if None in upper:
        return f"{name} does not say in which frame of reference it lies."
    if len(under | upper) > 1 and aligned(base, second, instances, alignments) is None:
        return f"{name} lies in another frame of reference, and nothing is aligned by guess."
    if not all(_is_placed(ref.sop, ref.frame, instances) for ref in base.target.frames):
        return "The images do not say where they lie in the patient."
    reason = why_no_mpr(second.target, instances)
    return f"{name} is no volume. {reason}" if reason else None


def aligned(
    base: Hung, second: Hung, instances: Instances, alignments: Alignments
) -> Aligned | None:
    """How a volume comes to lie where the images are; None where it need not or cannot."""
    under, upper = _side(base.target, instances), _side(second.target, instances)
    if under is None or upper is None or under.space == upper.space:
        return None
    return alignments.between(upper, under)


def laid_in(second: Hung, instances: Instances, by: Aligned | None) -> Instances:
    """All instances, those of a volume where they lie after it was aligned."""
    if by is None:
        return instances
    sops = dict.fromkeys(ref.sop for ref in second.target.frames)
    moved = {sop: _moved(instances[sop], by) for sop in sops}
    return {**instances, **moved}


def partners(images: CaseImages, base: Hung) -> tuple[tuple[Hung, str | None], ...]:
    """What could be laid over images, each with why it cannot; what fits and is usual first."""
    found = [
        (other, why_no_fusion(base, other, images.instances, images.alignments))
        for other in images.in_order()
        if other.target.id != base.target.id and images.has_pixels(other)
    ]
    return tuple(sorted(found, key=lambda pair: _rank(pair[0], pair[1], images.instances)))


def pet_ct(images: CaseImages) -> tuple[Hung, Hung] | str:
    """The CT and the PET of the current study that belong together, or why there are none."""
    own = [entry for entry in images.in_order() if not entry.prior and images.has_pixels(entry)]
    scans, uptake = (
        sorted((e for e in own if e.series.modality == m), key=lambda e: -len(e.target.frames))
        for m in ("CT", "PT")
    )
    if not scans or not uptake:
        return "This study does not hold a CT and a PET."
    reason = ""
    for scan in scans:
        for second, why in partners(images, scan):
            if second in uptake and why is None:
                return scan, second
            reason = reason or (why or "" if second in uptake else "")
    return reason


def reading_of(target: DisplaySet, instances: Instances) -> tuple[Readout, str]:
    """What the values of a volume are read as, and of PET why not as uptake (F51)."""
    found = [instances[ref.sop].at(ref.frame) for ref in target.frames]
    first = found[0]
    plain = Readout(ReadoutKind.MODALITY, "", first.modality_lut.unit)
    if first.modality != "PT":
        return plain, ""
    for one in found:
        if one.suv is None or not one.suv.scales:
            refusals = one.suv.refusals if one.suv else ()
            return plain, next(iter(refusals), "There is no SUV.")
    scales = [one.suv.scales[0] for one in found if one.suv]
    scale = scales[0]
    same = all(
        one.name == scale.name and math.isclose(one.factor, scale.factor, rel_tol=_SAME_FACTOR)
        for one in scales
    )
    if not same:
        return plain, "There is no SUV: its factor differs from image to image."
    return Readout(ReadoutKind.SUV, scale.name, scale.unit, factor=scale.factor), ""


def windows_of(
    entry: Hung, instances: Instances, presets: Sequence[Preset]
) -> tuple[Window | None, ...]:
    """Windows for a volume that is laid over, the first one first; None is its whole range.

    Of PET uptake windows alone; others have their header's and those of their modality.
    """
    readout, _why = reading_of(entry.target, instances)
    first = instances[entry.target.frames[len(entry.target.frames) // 2].sop]
    factor = readout.factor if readout.kind is ReadoutKind.SUV else None
    fitting = presets_for(
        presets, first.modality, entry.series.body_part, readout.unit, suv_factor=factor
    )
    own = default_voi(first)
    header = (own,) if isinstance(own, Window) and first.modality != "PT" else ()
    return (*header, *(preset.window for preset in fitting), None)


def first_fusion(
    entry: Hung,
    instances: Instances,
    presets: Sequence[Preset],
    colours: ColourMap,
    by: Aligned | None = None,
) -> Fusion:
    """How a volume is laid over at first."""
    readout, refusal = reading_of(entry.target, instances)
    return Fusion(
        entry.target.id,
        entry.series.modality,
        series_title(entry.series),
        colours,
        readout,
        windows_of(entry, instances, presets)[0],
        slices=len(entry.target.frames),
        refusal=refusal,
        aligned=by.words if by is not None else "",
    )


def _rank(entry: Hung, reason: str | None, instances: Instances) -> tuple[bool, int, bool, int]:
    modality = entry.series.modality
    place = _FIRST.index(modality) if modality in _FIRST else len(_FIRST)
    suv = instances[entry.target.frames[0].sop].suv
    return reason is not None, place, not (suv and suv.scales), -len(entry.target.frames)


def _spaces(target: DisplaySet, instances: Instances) -> set[FrameOfReferenceUid | None]:
    return {
        instances[ref.sop].frame_of_reference if ref.sop in instances else None
        for ref in target.frames
    }


def _side(target: DisplaySet, instances: Instances) -> Side | None:
    spaces = _spaces(target, instances)
    space = next(iter(spaces)) if len(spaces) == 1 else None
    return Side(space, {ref.sop for ref in target.frames}) if space is not None else None


def _moved(instance: Instance, by: Aligned) -> Instance:
    planes = tuple(by.rigid.moved(p) if p is not None else None for p in instance.planes)
    return replace(instance, planes=planes)


def _is_placed(sop: SopUid, frame: int, instances: Instances) -> bool:
    planes = instances[sop].planes
    return frame < len(planes) and planes[frame] is not None
