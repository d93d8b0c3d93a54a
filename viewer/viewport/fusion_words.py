"""A fused picture in words: what lies over it, in which values and colours, how strong."""

from viewer.model.fusion import Fusion
from viewer.model.quantities import ReadoutKind


def fusion_text(fusion: Fusion | None) -> str:
    """'FUSION PT 0–10 SUVbw, 40 % · Hot iron'; empty where nothing is laid over."""
    if fusion is None:
        return ""
    low, high = (_number(end) for end in fusion.limits)
    unit = fusion.readout.unit
    if fusion.readout.kind is ReadoutKind.SUV:
        unit = fusion.readout.name
    range_words = f"{low} to {high}" if "−" in low else f"{low}–{high}"
    shown = f"{fusion.modality} {range_words} {unit}".strip()
    return f"FUSION {shown}, {fusion.percent} % · {fusion.colours.name}"


def fusion_note(fusion: Fusion | None) -> str:
    """What is missing of the second volume, and why it is not read as uptake; else empty."""
    if fusion is None:
        return ""
    parts = [f"ALIGNED BY REGISTRATION {fusion.aligned}"] if fusion.aligned else []
    if fusion.here < fusion.slices:
        parts.append(f"{fusion.modality} VOLUME {fusion.here} OF {fusion.slices} IMAGES")
    if fusion.refusal:
        parts.append(fusion.refusal)
    return " · ".join(parts)


def fusion_description(fusion: Fusion | None) -> str:
    """For the accessible description of a pane; empty where nothing is laid over."""
    if fusion is None:
        return ""
    words = fusion_text(fusion).removeprefix("FUSION ").replace(" · ", ", ")
    by = f"aligned by registration {fusion.aligned}" if fusion.aligned else ""
    parts = [f"fused with {fusion.series}: {words}", by, fusion.refusal]
    return ", ".join(part for part in parts if part)


def _number(value: float) -> str:
    text = f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return "0" if float(text) == 0 else text.replace("-", "−")
