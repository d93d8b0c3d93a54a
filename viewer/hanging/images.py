"""The images of the open case as one lookup: current study, priors, display sets, instances."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from viewer.hanging.alignments import Alignments
from viewer.hanging.key_images import KeyImages
from viewer.model.display_set import DisplaySet, DisplaySetId
from viewer.model.presentation_state import PresentationState
from viewer.model.refs import FrameRef, SeriesUid, SopUid, StudyUid
from viewer.model.study import Instance, Series, Study


@dataclass(frozen=True, slots=True)
class Hung:
    """A display set with the study and series it comes from."""

    target: DisplaySet
    study: Study
    series: Series
    prior: bool


@dataclass(frozen=True, slots=True)
class CaseImages:
    """What can be shown now; a new value is made whenever more has arrived."""

    current: Study
    priors: tuple[Study, ...]
    entries: Mapping[DisplaySetId, Hung]
    instances: Mapping[SopUid, Instance]
    _of_sop: Mapping[SopUid, tuple[DisplaySetId, ...]] = field(repr=False)
    unread: Mapping[StudyUid, tuple[str, ...]] = field(default_factory=dict)
    """Of each study, why objects that arrived could not be read: a sentence for each."""
    keys: KeyImages = field(default_factory=KeyImages, repr=False)
    alignments: Alignments = field(default_factory=Alignments, repr=False)
    asked: str = ""
    """The one modality of the current study as its order names it; empty where it names several."""

    @classmethod
    def of(
        cls,
        current: Study,
        priors: Sequence[Study],
        sets: Mapping[SeriesUid, tuple[DisplaySet, ...]],
        unread: Mapping[StudyUid, tuple[str, ...]] | None = None,
        asked: str = "",
    ) -> "CaseImages":
        """Index everything; priors newest first."""
        ordered = tuple(sorted(priors, key=lambda s: (s.date, s.time), reverse=True))
        entries: dict[DisplaySetId, Hung] = {}
        instances: dict[SopUid, Instance] = {}
        of_sop: dict[SopUid, tuple[DisplaySetId, ...]] = {}
        for study in (current, *ordered):
            for series in study.series:
                instances |= {i.ref.sop: i for i in series.instances}
                for target in sets.get(series.uid, ()):
                    entries[target.id] = Hung(target, study, series, study is not current)
                    for sop in dict.fromkeys(frame.sop for frame in target.frames):
                        of_sop[sop] = (*of_sop.get(sop, ()), target.id)
        keys = KeyImages.of((current, *ordered))
        aligned = Alignments.of((current, *ordered))
        told = dict(unread or {})
        return cls(current, ordered, entries, instances, of_sop, told, keys, aligned, asked)

    def of_study(self, study: Study) -> tuple[Hung, ...]:
        """Display sets of one study, by series number, then as they were split."""
        found = [e for e in self.entries.values() if e.study.uid == study.uid]
        return tuple(sorted(found, key=lambda e: (e.series.number is None, e.series.number or 0)))

    def in_order(self) -> tuple[Hung, ...]:
        """Every display set as the series panel lists them: current study, then the priors."""
        return tuple(e for study in (self.current, *self.priors) for e in self.of_study(study))

    def holding(self, frame: FrameRef) -> Hung | None:
        """The display set that holds a frame."""
        for wanted in self._of_sop.get(frame.sop, ()):
            if frame in self.entries[wanted].target.frames:
                return self.entries[wanted]
        return None

    def states(self) -> tuple[PresentationState, ...]:
        """Every presentation state of the case, newest first."""
        studies = (self.current, *self.priors)
        found = (state for study in studies for state in study.presentation_states)
        return tuple(sorted(found, key=lambda state: state.created, reverse=True))

    def states_for(self, frame: FrameRef) -> tuple[PresentationState, ...]:
        """Presentation states that say how a frame looks, newest first (F21)."""
        instance = self.instances.get(frame.sop)
        if instance is None or instance.format is None:
            return ()
        grey = instance.format.is_grey
        return tuple(state for state in self.states() if state.governs(frame, grey=grey))

    def place(self, frame: FrameRef) -> str:
        """Where a frame is, for a reader: 'Series 3, image 142'."""
        entry = self.holding(frame)
        if entry is None:
            return ""
        number = "Series" if entry.series.number is None else f"Series {entry.series.number}"
        text = f"{number}, image {entry.target.frames.index(frame) + 1}"
        return f"{text}, prior of {entry.study.date}" if entry.prior else text

    def is_lossy(self, entry: Hung) -> bool:
        """Whether any image of a display set was compressed with loss (F55)."""
        sops = {frame.sop for frame in entry.target.frames}
        return any(self.instances[sop].lossy for sop in sops if sop in self.instances)

    def has_pixels(self, entry: Hung) -> bool:
        """Whether a display set is made of images that can be shown."""
        if not entry.target.has_images or not entry.target.frames:
            return False
        instance = self.instances.get(entry.target.frames[0].sop)
        return instance is not None and instance.format is not None
