"""Which frames of the case are key images or rejected, looked up by frame."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from viewer.model.display_set import DisplaySet
from viewer.model.key_mark import KeyMark
from viewer.model.key_objects import KeyObjects, Purpose
from viewer.model.refs import FrameRef, SopUid
from viewer.model.study import Study


@dataclass(frozen=True, slots=True)
class KeyImages:
    """What key object selections say of the images of a case, whichever study they came with, and
    what the reader marked himself.
    """

    selections: Mapping[SopUid, KeyObjects] = field(default_factory=dict)
    """By the SOP Instance UID of the selection itself."""
    _naming: Mapping[SopUid, tuple[KeyObjects, ...]] = field(default_factory=dict)

    own: Mapping[FrameRef, KeyMark] = field(default_factory=dict)
    """The reader's own marks."""

    @classmethod
    def of(cls, studies: Iterable[Study]) -> "KeyImages":
        """Index the selections of several studies."""
        selections = {keys.ref.sop: keys for study in studies for keys in study.key_objects}
        naming: dict[SopUid, tuple[KeyObjects, ...]] = {}
        for keys in selections.values():
            for sop in dict.fromkeys(link.sop for link in keys.links):
                naming[sop] = (*naming.get(sop, ()), keys)
        return cls(selections, naming)

    def on(self, frame: FrameRef, purpose: Purpose) -> tuple[KeyObjects, ...]:
        """The selections with a purpose that name a frame."""
        named = self._naming.get(frame.sop, ())
        return tuple(k for k in named if k.purpose is purpose and k.names(frame))

    def with_own(self, own: Mapping[FrameRef, KeyMark]) -> "KeyImages":
        """The same with other marks of the reader."""
        return replace(self, own=dict(own))

    def names(self, frame: FrameRef, purpose: Purpose) -> bool:
        """Whether a frame is named for a purpose, by a selection or by the reader."""
        return (purpose is Purpose.KEY and frame in self.own) or bool(self.on(frame, purpose))

    def marked(self, target: DisplaySet, purpose: Purpose) -> tuple[FrameRef, ...]:
        """The frames of a display set that are named for a purpose, in display order."""
        return tuple(frame for frame in target.frames if self.names(frame, purpose))

    def words(self, frame: FrameRef, purpose: Purpose) -> str:
        """Title and reasons of all that name a frame, each once, the reader's own first."""
        own = self.own.get(frame) if purpose is Purpose.KEY else None
        found = [keys.words for keys in self.on(frame, purpose)]
        return " / ".join(dict.fromkeys([own.words, *found] if own else found))


def next_key_image(
    order: Sequence[DisplaySet], keys: KeyImages, shown: FrameRef | None, by: int
) -> FrameRef | None:
    """The key image after (``by`` 1) or before (-1) the shown frame, over all display sets.

    The first or last one where the shown frame lies in none of them; None beyond the ends.
    """
    frames = [frame for target in order for frame in target.frames]
    places = {frame: at for at, frame in enumerate(frames)}
    marked = [frame for frame in frames if keys.names(frame, Purpose.KEY)]
    if shown is None or shown not in places:
        return (marked[0] if by > 0 else marked[-1]) if marked else None
    here = places[shown]
    if by > 0:
        return next((frame for frame in marked if places[frame] > here), None)
    return next((frame for frame in reversed(marked) if places[frame] < here), None)
