"""The pixel meaning and the split values of each frame (fidelity F14, F41)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from viewer.loading import tags
from viewer.loading.fields import Fields
from viewer.loading.functional_groups import Groups, spacing_of
from viewer.loading.grayscale import (
    check_polarity,
    modality_step,
    voi_luts,
    windows,
)
from viewer.loading.real_world import real_world_mappings
from viewer.loading.ultrasound_regions import ultrasound_regions
from viewer.model.presentation import Rescale
from viewer.model.study import FrameFacts, StoredFormat

_SIEMENS, _GE, _PHILIPS = "SIEMENS MR HEADER", "GEMS_PARM_01", "Philips Imaging DD 001"


def frame_facts(
    groups: Groups, frames: int, stored: StoredFormat, repairs: list[str]
) -> tuple[FrameFacts, ...]:
    """Facts of every frame; one object serves all frames of a header without functional groups."""
    if not groups:
        meaning = one_frame_meaning(groups, stored, repairs)
        return (replace(meaning, split_keys=split_keys(groups, 0)),) * frames
    check_polarity(groups.top, stored, repairs)
    return tuple(
        _facts(groups, frame, stored, repairs, split_keys(groups, frame)) for frame in range(frames)
    )


def one_frame_meaning(groups: Groups, stored: StoredFormat, repairs: list[str]) -> FrameFacts:
    """What the values of a header without functional groups mean; no split keys."""
    check_polarity(groups.top, stored, repairs)
    return _facts(groups, 0, stored, repairs, {})


def _facts(
    groups: Groups, frame: int, stored: StoredFormat, repairs: list[str], keys: Mapping[str, str]
) -> FrameFacts:
    top = groups.top
    spacing = spacing_of(groups.numbers(frame, tags.MEASURES_GROUP, tags.PIXEL_SPACING))
    side = _laterality(groups, frame)
    regions = ultrasound_regions(groups, frame, stored.rows, stored.columns, repairs)
    if not stored.is_grey:
        return FrameFacts(
            Rescale(1.0, 0.0, ""),
            pixel_spacing=spacing,
            split_keys=keys,
            laterality=side,
            regions=regions,
        )
    step = modality_step(groups.sources(frame, tags.TRANSFORMATION_GROUP), top, stored, repairs)
    looks = groups.sources(frame, tags.FRAME_VOI_GROUP)
    return FrameFacts(
        modality_lut=step,
        windows=windows(looks, repairs),
        voi_luts=voi_luts(looks, stored, step, repairs),
        pixel_spacing=spacing,
        split_keys=keys,
        laterality=side,
        real_world=real_world_mappings(groups, frame, repairs, signed=stored.signed),
        regions=regions,
    )


def _laterality(groups: Groups, frame: int) -> str:
    anatomy = groups.group(frame, tags.FRAME_ANATOMY_GROUP)
    stated = anatomy.text(tags.FRAME_LATERALITY) if anatomy is not None else ""
    return stated or groups.top.text(tags.IMAGE_LATERALITY) or groups.top.text(tags.LATERALITY)


def orientation_letters(fields: Fields) -> tuple[str, str] | None:
    """Patient Orientation of the row and the column."""
    letters = fields.texts(tags.PATIENT_ORIENTATION)
    return (letters[0], letters[1]) if len(letters) == 2 and all(letters) else None


def split_keys(groups: Groups, frame: int) -> dict[str, str]:
    """Values that split rules may ask for, by keyword; what a frame does not say is left out."""
    top = groups.top
    keys = {keyword: top.text(tag) for keyword, tag in tags.SPLIT.items()}
    keys["DiffusionBValue"] = _b_value(top)
    keys["DiffusionGradientOrientation"] = _joined(top.doubles(tags.GRADIENT))
    keys["NominalPercentageOfCardiacPhase"] = _joined(top.floats(tags.CARDIAC_PERCENTAGE)[:1])
    if groups:
        keys |= {k: v for k, v in _group_keys(groups, frame).items() if v}
    return {keyword: text for keyword, text in keys.items() if text}


def _group_keys(groups: Groups, frame: int) -> dict[str, str]:
    def group(tag: int) -> Fields:
        return groups.group(frame, tag) or Fields({})

    content, diffusion = group(tags.FRAME_CONTENT_GROUP), group(tags.DIFFUSION_GROUP)
    cardiac = group(tags.CARDIAC_GROUP)
    numbers = group(tags.SEGMENT_GROUP).shorts(tags.FRAME_SEGMENT)[:1]
    types = [
        group(tag)
        for tag in (tags.MR_FRAME_TYPE_GROUP, tags.CT_FRAME_TYPE_GROUP, tags.PET_FRAME_TYPE_GROUP)
    ]
    return {
        "DimensionIndex": _joined(groups.part(frame)),
        "ConvolutionKernel": group(tags.RECONSTRUCTION_GROUP).text(tags.CONVOLUTION_KERNEL),
        "InversionTime": _joined(group(tags.MODIFIER_GROUP).doubles(tags.INVERSION_TIMES)),
        "ComplexImageComponent": _first(t.text(tags.COMPLEX_COMPONENT) for t in types),
        "StackID": content.text(tags.STACK_ID),
        "TemporalPositionIdentifier": _joined(content.longs(tags.TEMPORAL_INDEX)[:1]),
        "AcquisitionNumber": _joined(content.shorts(tags.FRAME_ACQUISITION_NUMBER)[:1]),
        "EchoTime": _joined(group(tags.ECHO_GROUP).doubles(tags.EFFECTIVE_ECHO_TIME)[:1]),
        "DiffusionBValue": _joined(diffusion.doubles(tags.B_VALUE)[:1]),
        "DiffusionGradientOrientation": _joined(
            diffusion.item(tags.GRADIENT_GROUP).doubles(tags.GRADIENT)
        ),
        "TriggerTime": _joined(cardiac.doubles(tags.TRIGGER_DELAY)[:1]),
        "NominalPercentageOfCardiacPhase": _joined(cardiac.floats(tags.CARDIAC_PERCENTAGE)[:1]),
        "Segment": " ".join(f"{n} {groups.segments.get(n, '')}".strip() for n in numbers),
        "FrameType": _first(t.text(tags.FRAME_TYPE) for t in types),
    }


def _first(texts: Iterable[str]) -> str:
    return next(filter(None, texts), "")


def _b_value(top: Fields) -> str:
    """The b-value: the standard attribute, else the private ones of three makers."""
    standard = top.doubles(tags.B_VALUE)
    if standard:
        return _joined(standard[:1])
    if top.text(0x00190010) == _SIEMENS:
        return _joined(top.numbers(0x0019100C)[:1])
    if top.text(0x20010010) == _PHILIPS:
        return _joined(top.floats(0x20011003)[:1])
    if top.text(0x00430010) == _GE:
        # GE adds 1e9 to the b-value of some sequences
        return _joined(tuple(value % 1e9 for value in top.numbers(0x00431039)[:1]))
    return ""


def _joined(values: Sequence[float]) -> str:
    return "\\".join(f"{value:g}" for value in values)
