"""Which frames of reference of a case lie where in one another, by the registrations that came."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from viewer.model.refs import FrameOfReferenceUid, SopUid
from viewer.model.registration import STILL, Registration, Rigid
from viewer.model.study import Study


@dataclass(frozen=True, slots=True)
class Aligned:
    """How images are moved, and by which registration."""

    rigid: Rigid
    by: Registration

    @property
    def words(self) -> str:
        """The registration by its name, with the day it was made."""
        day = self.by.created[:8]
        made = f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == 8 else ""
        return ", ".join(part for part in (self.by.label, made) if part) or "no name"


@dataclass(frozen=True, slots=True)
class Side:
    """Images of one frame of reference."""

    space: FrameOfReferenceUid
    images: Collection[SopUid]


@dataclass(frozen=True, slots=True)
class Alignments:
    """The registrations of a case, whichever study they came with; the newest counts."""

    registrations: tuple[Registration, ...] = ()

    @classmethod
    def of(cls, studies: Iterable[Study]) -> "Alignments":
        """Take those of all studies."""
        found = [one for study in studies for one in study.registrations]
        return cls(tuple(sorted(found, key=lambda r: (r.created, r.ref.sop), reverse=True)))

    def between(self, moving: Side, still: Side) -> Aligned | None:
        """How the moving images come to lie where the others are; None where nobody says."""
        for one in self.registrations:
            there, back = _move_of(one, moving), _move_of(one, still)
            if there is not None and back is not None:
                return Aligned(there.then(back.inverse()), one)
        return None


def _move_of(registration: Registration, side: Side) -> Rigid | None:
    """How images come to lie in the registration's own frame of reference."""
    for move in registration.moves:
        of_these = not move.images or move.images.issuperset(side.images)
        if move.space == side.space and of_these:
            return move.rigid
    return STILL if side.space == registration.space else None
