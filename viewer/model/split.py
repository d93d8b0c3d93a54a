"""Series become display sets by rules kept as data (F40, F41); no instance is ever lost."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from viewer.model.display_set import DisplaySet, DisplaySetId, Kind
from viewer.model.geometry import ImagePlane
from viewer.model.refs import FrameRef, SeriesUid
from viewer.model.split_rules import SplitRule, SplitRules, load_rules
from viewer.model.stacking import distinct, orientation_name, positions_along, repeats, steps
from viewer.model.study import Instance, Series

__all__ = ["SplitRule", "SplitRules", "load_rules", "split"]


@dataclass(frozen=True, slots=True)
class _Frame:
    instance: Instance
    ref: FrameRef
    plane: ImagePlane | None

    @property
    def order(self) -> tuple[float, str, tuple[int, ...], int]:
        """By instance number, then by dimension index where an enhanced object has one (F14)."""
        number, index = self.instance.number, self.instance.dimension_index
        return (
            float("inf") if number is None else number,
            self.ref.sop,
            index[self.ref.frame] if index else (),
            self.ref.frame,
        )

    @property
    def stands_ms(self) -> float | None:
        """How long the frame stands before the next one of its object."""
        times = self.instance.frame_times_ms
        return times[self.ref.frame] if times else None

    def value(self, key: str) -> str:
        """The text that a rule compares; empty when the image does not say."""
        special = _SPECIAL.get(key)
        if special is not None:
            return special(self.instance)
        holder = self.instance
        keys = (
            holder.per_frame[self.ref.frame].split_keys if holder.per_frame else holder.split_keys
        )
        return _plain(keys.get(key, ""))


def _plain(text: str) -> str:
    """Numbers in one way of writing: '4.60' and '4.6' are one echo time."""
    try:
        return f"{float(text):.9g}"
    except ValueError:
        return text


_SPECIAL: Mapping[str, Callable[[Instance], str]] = {
    "Rows": lambda i: str(i.format.rows) if i.format else "",
    "Columns": lambda i: str(i.format.columns) if i.format else "",
    "Photometric": lambda i: str(i.format.photometric) if i.format else "",
    "FrameOfReference": lambda i: i.frame_of_reference or "",
    "ImageType": lambda i: "\\".join(i.image_type),
    "SopClass": lambda i: i.sop_class,
}
_GEOMETRY = ("Orientation", "Spacing")


@dataclass(slots=True)
class _Group:
    """Frames that belong together, with the values that say so."""

    rule: SplitRule
    values: dict[str, str]
    frames: list[_Frame]


def split(series: Series, rules: SplitRules) -> tuple[DisplaySet, ...]:
    """Split one series; every frame of every instance lies in exactly one set.

    Sets come in the order of their smallest instance number. Their ids do not depend on the order
    of arrival, and stay the same while a series grows, as long as no key of a set changes.
    """
    pictures: list[_Frame] = []
    others: dict[tuple[Kind, str], list[_Frame]] = {}
    masks: list[list[_Frame]] = []
    for instance in series.instances:
        kind = rules.without_image(instance)
        if rules.holds_masks(instance):
            masks.append(_frames(instance))
        elif kind is None:
            pictures += _frames(instance)
        else:
            # each document is read alone, what cannot be shown is one entry per kind of object
            key = instance.ref.sop if kind is Kind.DOCUMENT else instance.sop_class
            others.setdefault((kind, key), []).extend(_frames(instance))
    groups = _groups(sorted(pictures, key=lambda f: f.order), rules)
    sets = [_image_set(series, group, groups, rules) for group in groups]
    sets += [_other_set(series, kind, frames, rules) for (kind, _), frames in others.items()]
    sets += [_mask_set(series, frames, rules) for frames in masks]
    order = {f.ref: f.order for group in groups for f in group.frames}
    order |= {f.ref: f.order for frames in (*others.values(), *masks) for f in frames}
    sets.sort(key=lambda s: min(order[ref] for ref in s.frames))
    return _distinct(sets)


def _frames(instance: Instance) -> list[_Frame]:
    ref = instance.ref
    planes = instance.planes or (None,) * instance.frames
    return [
        _Frame(instance, FrameRef(ref.study, ref.series, ref.sop, frame), planes[frame])
        for frame in range(instance.frames)
    ]


def _groups(frames: Sequence[_Frame], rules: SplitRules) -> list[_Group]:
    """Split by instance or by values, then by what tells frames at one position apart."""
    found: dict[tuple[object, ...], list[_Group]] = {}
    for frame in frames:
        rule = rules.rule_for(frame.instance)
        keys = [key for key in rule.by if key not in _GEOMETRY]
        values = {key: frame.value(key) for key in keys}
        if rule.each_instance:
            values["SOPInstanceUID"] = frame.ref.sop
        alike = found.setdefault((rule, *values.values()), [])
        group = next((g for g in alike if _same_geometry(g.frames[0], frame, rule, rules)), None)
        if group is None:
            values |= _geometry_values(frame.plane, rule)
            alike.append(_Group(rule, values, [frame]))
        else:
            group.frames.append(frame)
    return [
        part
        for groups in found.values()
        for group in groups
        for part in _told_apart(group, group.rule.when_positions_repeat)
    ]


def _same_geometry(a: _Frame, b: _Frame, rule: SplitRule, rules: SplitRules) -> bool:
    if a.plane is None or b.plane is None:
        return a.plane is b.plane or not set(_GEOMETRY) & set(rule.by)
    pairs: list[tuple[float, float]] = []
    if "Orientation" in rule.by:
        pairs += zip(a.plane.row, b.plane.row, strict=True)
        pairs += zip(a.plane.column, b.plane.column, strict=True)
    if "Spacing" in rule.by:
        pairs += zip(a.plane.spacing, b.plane.spacing, strict=True)
    return all(abs(x - y) <= rules.tolerance for x, y in pairs)


def _geometry_values(plane: ImagePlane | None, rule: SplitRule) -> dict[str, str]:
    if plane is None:
        return {}
    texts = {
        "Orientation": [*plane.row, *plane.column],
        "Spacing": list(plane.spacing),
    }
    return {
        key: "\\".join(f"{round(number, 2) + 0.0:g}" for number in texts[key])
        for key in _GEOMETRY
        if key in rule.by
    }


def _told_apart(group: _Group, keys: Sequence[str]) -> list[_Group]:
    """Split a group in which positions repeat by the first key that tells the repeats apart.

    A key that would shatter it (parts with less than half of the positions) is passed over, and
    images that all lie at one position stay together: they are one place over time.
    """
    positions = _positions(group.frames)
    if positions is None or not repeats(positions) or (whole := distinct(positions)) == 1:
        return [group]
    for index, key in enumerate(keys):
        parts: dict[str, list[_Frame]] = {}
        for frame in group.frames:
            parts.setdefault(frame.value(key), []).append(frame)
        if len(parts) < 2 or any(
            2 * distinct(_positions(part) or ()) < whole for part in parts.values()
        ):
            continue
        return [
            deeper
            for value, part in parts.items()
            for deeper in _told_apart(
                _Group(group.rule, {**group.values, key: value}, part), keys[index + 1 :]
            )
        ]
    return [group]


def _positions(frames: Sequence[_Frame]) -> list[float] | None:
    planes = [frame.plane for frame in frames if frame.plane is not None]
    return positions_along(planes) if planes and len(planes) == len(frames) else None


def _image_set(
    series: Series, group: _Group, groups: Sequence[_Group], rules: SplitRules
) -> DisplaySet:
    frames, kind, step, warnings = _arranged(group, rules)
    varying = _varying(group, groups)
    return DisplaySet(
        id=_id(series.uid, kind, group.values),
        series=series.uid,
        kind=kind,
        frames=tuple(frame.ref for frame in frames),
        label=_label(series, group, varying, rules),
        split_by=varying,
        slice_step=step,
        warnings=warnings,
        frame_ms=_stand(frames, kind),
    )


def _arranged(
    group: _Group, rules: SplitRules
) -> tuple[list[_Frame], Kind, float | None, tuple[str, ...]]:
    """Frames in display order, with kind, step and warnings."""
    in_order = sorted(group.frames, key=lambda f: f.order)
    positions = _positions(in_order)
    if positions is None:
        return in_order, _moving(in_order, rules), None, ()
    placed = sorted(zip(positions, in_order, strict=True), key=lambda p: (p[0], p[1].order))
    frames = [frame for _, frame in placed]
    if repeats(positions):
        if distinct(positions) == 1:
            over_time = _over_time(in_order)
            return over_time, _moving(over_time, rules), None, ()
        warning = "Several images lie at one position and nothing in them tells them apart."
        return frames, Kind.STACK, None, (warning,)
    if len(frames) < 3:
        return frames, Kind.STACK, None, ()
    found = steps([frame.plane for frame in frames if frame.plane is not None])
    return frames, Kind.VOLUME, found.median, found.warnings


_TIMES = ("TemporalPositionIdentifier", "TriggerTime", "AcquisitionTime", "ContentTime")
_SLOWEST_MS = 2000.0
"""Frames that stand longer than this are paged through, not played."""


def _over_time(frames: list[_Frame]) -> list[_Frame]:
    """Images of one place by the first time that tells them all apart, else as they were."""
    for key in _TIMES:
        texts = [frame.value(key) for frame in frames]
        try:
            times = {frame.ref: float(text) for frame, text in zip(frames, texts, strict=True)}
        except ValueError:
            continue
        if len(set(times.values())) == len(frames):
            return sorted(frames, key=lambda f: times[f.ref])
    return frames


def _moving(frames: Sequence[_Frame], rules: SplitRules) -> Kind:
    """CINE for frames of one object that moves, else STACK."""
    first = frames[0].instance
    placed = frames[0].plane is not None
    moves = (
        first.frame_time_ms <= _SLOWEST_MS
        if first.frame_time_ms is not None
        else first.modality in rules.cine_modalities and not placed
    )
    one_object = all(frame.ref.sop == first.ref.sop for frame in frames)
    return Kind.CINE if len(frames) > 1 and one_object and moves else Kind.STACK


def _stand(frames: Sequence[_Frame], kind: Kind) -> tuple[float, ...]:
    times = [frame.stands_ms for frame in frames if frame.stands_ms is not None]
    return tuple(times) if kind is Kind.CINE and len(times) == len(frames) else ()


def _varying(group: _Group, groups: Iterable[_Group]) -> Mapping[str, str]:
    """The values in which this group differs from another of the series."""
    others = [other.values for other in groups if other is not group]
    return {
        key: value
        for key, value in group.values.items()
        if any(other.get(key, "") != value for other in others)
    }


def _label(series: Series, group: _Group, varying: Mapping[str, str], rules: SplitRules) -> str:
    first = group.frames[0]
    words: list[str] = []
    if group.rule.each_instance:
        side = " ".join(filter(None, (first.instance.laterality, first.instance.view_position)))
        number = first.instance.number
        if side or number is not None:
            words.append(side or f"image {number}")
    for key, value in varying.items():
        if key == "Orientation" and first.plane is not None:
            value = orientation_name(first.plane.normal)
        if key in rules.labels and value:
            words.append(rules.labels[key].replace("{}", value))
    return ", ".join([_series_name(series), *words])


def _series_name(series: Series) -> str:
    if series.description or series.protocol:
        return series.description or series.protocol
    return f"Series {series.number}" if series.number is not None else series.modality or "Series"


def _other_set(
    series: Series, kind: Kind, frames: Sequence[_Frame], rules: SplitRules
) -> DisplaySet:
    ordered = sorted(frames, key=lambda f: f.order)
    first = ordered[0].instance
    name = rules.name_of(first.sop_class)
    key = first.ref.sop if kind is Kind.DOCUMENT else first.sop_class
    label = series.description or name
    return DisplaySet(
        id=_id(series.uid, kind, {"key": key}),
        series=series.uid,
        kind=kind,
        frames=tuple(frame.ref for frame in ordered),
        label=label if kind is Kind.DOCUMENT or label == name else f"{label}, {name}",
        warnings=() if kind is Kind.DOCUMENT else (rules.why_not(first),),
    )


def _mask_set(series: Series, frames: Sequence[_Frame], rules: SplitRules) -> DisplaySet:
    """One segmentation, its frames as they are stored: they lie over and beside each other."""
    first = frames[0].instance
    name = rules.name_of(first.sop_class)
    label = series.description or name
    why = "its masks are shown one by one as they are stored, not laid over the images"
    return DisplaySet(
        id=_id(series.uid, Kind.STACK, {"SOPInstanceUID": first.ref.sop}),
        series=series.uid,
        kind=Kind.STACK,
        frames=tuple(frame.ref for frame in frames),
        label=label if label == name else f"{label}, {name}",
        warnings=(f"{rules.words_for(first.sop_class)}: {why}.",),
        masks=True,
    )


def _id(series: SeriesUid, kind: Kind, values: Mapping[str, str]) -> DisplaySetId:
    image = kind in {Kind.STACK, Kind.VOLUME, Kind.CINE}
    text = "\n".join(
        [series, "image" if image else kind, *sorted(f"{k}={v}" for k, v in values.items())]
    )
    return DisplaySetId(hashlib.sha256(text.encode()).hexdigest()[:16])


def _distinct(sets: Sequence[DisplaySet]) -> tuple[DisplaySet, ...]:
    """Number ids that rounding made equal, and labels that say the same."""
    ids: dict[str, int] = {}
    labels: dict[str, int] = {}
    result: list[DisplaySet] = []
    for one in sets:
        ids[one.id] = ids.get(one.id, 0) + 1
        labels[one.label] = labels.get(one.label, 0) + 1
        again, same = ids[one.id], labels[one.label]
        result.append(
            replace(
                one,
                id=one.id if again == 1 else DisplaySetId(f"{one.id}-{again}"),
                label=one.label if same == 1 else f"{one.label} ({same})",
            )
        )
    return tuple(result)
