"""What hangs where when a case opens: few rules, each with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from viewer.hanging.images import CaseImages, Hung
from viewer.hanging.mammography import View, four_views
from viewer.hanging.named import is_localiser, named_for
from viewer.model.display_set import DisplaySetId, Kind
from viewer.model.geometry import PointLps
from viewer.model.presentation import Presentation
from viewer.model.study import Instance, Study

_PROJECTION = frozenset({"CR", "DX"})
_FRONTAL = frozenset({"PA", "AP"})
_LATERAL = frozenset({"LL", "RL", "LATERAL", "LAT", "LLO", "RLO"})
_PARALLEL = 0.9


@dataclass(frozen=True, slots=True)
class Cell:
    """What hangs in one pane, and the frame it opens at."""

    target: DisplaySetId
    index: int
    why: str
    pane: int | None = None
    """Which pane, counted from 0 row by row; None is the next one."""
    look: Presentation | None = None
    """How it begins to look, for what does not simply fit its pane."""


@dataclass(frozen=True, slots=True)
class HangPlan:
    """Cells from left to right; there are as many panes as cells, at least one."""

    cells: tuple[Cell, ...]

    @property
    def panes(self) -> int:
        """How many panes the plan asks for."""
        return max((pane + 1 for pane, _ in self.placed()), default=1)

    def placed(self) -> tuple[tuple[int, Cell], ...]:
        """Each cell with the number of its pane."""
        return tuple((n if c.pane is None else c.pane, c) for n, c in enumerate(self.cells))


def hang(images: CaseImages) -> HangPlan:
    """Choose for a case: frontal and lateral view, or current and prior, or the main series."""
    shown = _hangable(images, images.current)
    if not shown:
        return _without_images(images)
    views = four_views(images, [e for e in shown if e.series.modality == "MG"])
    if views:
        return HangPlan(tuple(_of_view(view) for view in views))
    if all(e.series.modality in _PROJECTION for e in shown):
        return _projections(images, shown)
    asked, why = named_for(images, shown)
    main = max(asked, key=lambda e: _weight(images, e))
    cells = [Cell(main.target.id, _opening(main), f"largest series of the current study{why}")]
    prior = similar_prior(images, main)
    if prior is not None:
        cells.append(Cell(prior.target.id, _opening(prior), _prior_reason(prior)))
    return HangPlan(tuple(cells))


def _of_view(view: View) -> Cell:
    return Cell(view.entry.target.id, 0, view.why, 2 * view.row + view.column, view.look)


def _without_images(images: CaseImages) -> HangPlan:
    """What there is to read, else what says why it cannot be shown."""
    found = sorted(
        images.of_study(images.current), key=lambda e: e.target.kind is not Kind.DOCUMENT
    )
    why = "the current study has no images"
    return HangPlan(tuple(Cell(e.target.id, 0, why) for e in found[:1]))


def similar_prior(images: CaseImages, main: Hung) -> Hung | None:
    """The prior's display set most like ``main``: same modality and plane, newest prior first."""
    for study in images.priors:
        fitting = [
            e
            for e in _hangable(images, study)
            if e.series.modality == main.series.modality and _same_plane(images, e, main)
        ]
        if fitting:
            return max(fitting, key=lambda e: _likeness(images, e, main))
    return None


def _projections(images: CaseImages, shown: Sequence[Hung]) -> HangPlan:
    frontal = _view(images, shown, _FRONTAL)
    lateral = _view(images, shown, _LATERAL)
    if frontal is None:
        first = shown[0]
        frontal = Cell(first.target.id, 0, "first view of the current study")
    if lateral is not None:
        return HangPlan((frontal, lateral))
    for study in images.priors:
        prior = _view(images, _hangable(images, study), _FRONTAL)
        if prior is not None:
            return HangPlan((frontal, prior))
    return HangPlan((frontal,))


def _view(images: CaseImages, entries: Sequence[Hung], views: frozenset[str]) -> Cell | None:
    for entry in entries:
        if entry.series.modality not in _PROJECTION:
            continue
        for index, frame in enumerate(entry.target.frames):
            view = images.instances[frame.sop].view_position.upper()
            if view in views:
                whose = _prior_reason(entry) if entry.prior else "current study"
                return Cell(entry.target.id, index, f"{view} view, {whose}")
    return None


def _hangable(images: CaseImages, study: Study) -> list[Hung]:
    """What may hang by itself: images, masks only where there is nothing else."""
    entries = [e for e in images.of_study(study) if images.has_pixels(e)]
    return [e for e in entries if not e.target.masks] or entries


def _weight(images: CaseImages, entry: Hung) -> tuple[bool, bool, int]:
    derived = _first(images, entry).image_type[:1] == ("DERIVED",)
    volume = entry.target.kind is Kind.VOLUME
    return (not is_localiser(images, entry) and volume, not derived, len(entry.target.frames))


def _opening(entry: Hung) -> int:
    return len(entry.target.frames) // 2 if entry.target.kind is Kind.VOLUME else 0


def _likeness(images: CaseImages, entry: Hung, main: Hung) -> tuple[float, int]:
    words = SequenceMatcher(
        None, entry.series.description.casefold(), main.series.description.casefold()
    ).ratio()
    ours, theirs = _step(images, main), _step(images, entry)
    alike = min(ours, theirs) / max(ours, theirs) if ours and theirs else 0.0
    volume = entry.target.kind is main.target.kind
    return (words + alike + volume, len(entry.target.frames))


def _step(images: CaseImages, entry: Hung) -> float:
    """Slice Thickness, else the step between slices, mm; 0 where neither is known."""
    try:
        return float(_first(images, entry).corner.get("SliceThickness", ""))
    except ValueError:
        return entry.target.slice_step or 0.0


def _same_plane(images: CaseImages, one: Hung, other: Hung) -> bool:
    first, second = _normal(_first(images, one)), _normal(_first(images, other))
    if first is None or second is None:
        return first is second
    return abs(first.dot(second)) >= _PARALLEL


def _normal(instance: Instance) -> PointLps | None:
    plane = instance.planes[0] if instance.planes else None
    return None if plane is None else plane.normal


def _first(images: CaseImages, entry: Hung) -> Instance:
    return images.instances[entry.target.frames[0].sop]


def _prior_reason(entry: Hung) -> str:
    return f"most similar series of the prior of {entry.study.date}"
