"""The rules by which a series is split, as data (F41)."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from viewer.model.display_set import Kind
from viewer.model.study import Instance


@dataclass(frozen=True, slots=True)
class SplitRule:
    """One rule: for which images it is, and what it splits by."""

    modality: frozenset[str] = frozenset()
    """Empty: any."""
    sop_class: tuple[str, ...] = ()
    """SOP Classes or their beginnings; empty: any."""
    multi_frame: bool | None = None
    each_instance: bool = False
    by: tuple[str, ...] = ()
    when_positions_repeat: tuple[str, ...] = ()

    def matches(self, instance: Instance) -> bool:
        """Whether the rule is for this image."""
        return (
            (not self.modality or instance.modality in self.modality)
            and (not self.sop_class or instance.sop_class.startswith(self.sop_class))
            and (self.multi_frame is None or self.multi_frame == (instance.frames > 1))
        )


@dataclass(frozen=True, slots=True)
class SplitRules:
    """All rules; an image that none matches is split by nothing but its geometry."""

    rules: tuple[SplitRule, ...] = ()
    tolerance: float = 1e-3
    documents: tuple[str, ...] = ()
    unsupported_classes: tuple[str, ...] = ()
    unsupported_syntaxes: tuple[str, ...] = ()
    cine_modalities: frozenset[str] = frozenset()
    labels: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    """SOP Class UID to its name in the standard."""
    masks: tuple[str, ...] = ()
    """SOP Classes whose frames are masks, not images of the patient."""

    def rule_for(self, instance: Instance) -> SplitRule:
        """The first rule that matches."""
        fallback = SplitRule(by=("Rows", "Columns", "Orientation", "Spacing", "FrameOfReference"))
        return next((rule for rule in self.rules if rule.matches(instance)), fallback)

    def holds_masks(self, instance: Instance) -> bool:
        """Whether the frames of an object are masks, which are shown as they are stored."""
        return instance.sop_class in self.masks and self.without_image(instance) is None

    def without_image(self, instance: Instance) -> Kind | None:
        """DOCUMENT or OTHER for what cannot be shown as an image, else None."""
        if self.documents and instance.sop_class.startswith(self.documents):
            return Kind.DOCUMENT
        unsupported = (
            instance.format is None
            or (
                self.unsupported_classes
                and instance.sop_class.startswith(self.unsupported_classes)
                and instance.sop_class not in self.masks
            )
            or (
                self.unsupported_syntaxes
                and instance.transfer_syntax.startswith(self.unsupported_syntaxes)
            )
        )
        return Kind.OTHER if unsupported else None

    def name_of(self, sop_class: str) -> str:
        """What to call an object of a SOP Class, by the longest beginning that is known."""
        known = [start for start in self.names if sop_class.startswith(start)]
        if known:
            return self.names[max(known, key=len)]
        if sop_class in self.classes:
            return self.classes[sop_class]
        if not sop_class:
            return "Object of an unknown kind"
        kind = "Object" if sop_class.startswith(_STANDARD) else "Private object"
        return f"{kind} of SOP Class {sop_class}"

    def words_for(self, sop_class: str) -> str:
        """The standard's name of a SOP Class, else what to call it."""
        return self.classes.get(sop_class) or self.name_of(sop_class)

    def why_not(self, instance: Instance) -> str:
        """Why an object of kind OTHER has no picture, as a sentence that names what it is."""
        name = self.words_for(instance.sop_class)
        if self.unsupported_syntaxes and instance.transfer_syntax.startswith(
            self.unsupported_syntaxes
        ):
            return f"{name}: video cannot be played here."
        if instance.format is None and _IMAGE in name:
            return f"{name}: it holds no pixel data, so there is nothing to show."
        if instance.sop_class in _STATES:
            return f"{name}: offered on the images that it is for."
        return f"{name}: cannot be shown here."


_STANDARD = "1.2.840.10008."
_IMAGE = " Image"
_STATES = frozenset({"1.2.840.10008.5.1.4.1.1.11.1", "1.2.840.10008.5.1.4.1.1.11.2"})
"""Grayscale and Color Softcopy Presentation State Storage."""


def load_rules(path: Path) -> SplitRules:
    """Read the rules, and the names of SOP Classes beside them if they are there.

    ValueError names what is wrong in a file.
    """
    classes = path.with_name("sop_classes.toml")
    names = _table(classes) if classes.is_file() else {}
    table = _table(path)
    try:
        return _rules(table, names)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path.name}: a rule is not of the expected form ({error}).") from error


def _table(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path.name}: {error}") from error


def _rules(table: Mapping[str, Any], classes: Mapping[str, Any]) -> SplitRules:
    unsupported = table.get("unsupported", {})
    return SplitRules(
        rules=tuple(_rule(entry) for entry in table.get("rule", ())),
        tolerance=float(table.get("tolerance", 1e-3)),
        documents=_texts(table.get("documents", {}).get("sop_classes", ())),
        unsupported_classes=_texts(unsupported.get("sop_classes", ())),
        unsupported_syntaxes=_texts(unsupported.get("transfer_syntaxes", ())),
        cine_modalities=frozenset(_texts(table.get("cine", {}).get("modalities", ()))),
        labels=dict(table.get("labels", {})),
        names=dict(table.get("names", {})),
        classes={uid: str(name) for uid, name in classes.items()},
        masks=_texts(table.get("masks", {}).get("sop_classes", ())),
    )


def _rule(entry: Mapping[str, Any]) -> SplitRule:
    known = set(SplitRule.__slots__)
    for key in entry:
        if key not in known:
            raise KeyError(key)
    return SplitRule(
        modality=frozenset(_texts(entry.get("modality", ()))),
        sop_class=_texts(entry.get("sop_class", ())),
        multi_frame=entry.get("multi_frame"),
        each_instance=bool(entry.get("each_instance", False)),
        by=_texts(entry.get("by", ())),
        when_positions_repeat=_texts(entry.get("when_positions_repeat", ())),
    )


def _texts(values: Sequence[object]) -> tuple[str, ...]:
    if isinstance(values, str) or not all(isinstance(value, str) for value in values):
        raise TypeError(f"{values!r} is not a list of texts")
    return tuple(str(value) for value in values)
