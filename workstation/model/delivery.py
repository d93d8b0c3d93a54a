"""How the sending of a signed report stands, and what the platform gave for it."""

from dataclasses import dataclass
from enum import StrEnum


class EntryState(StrEnum):
    """Where an entry of the outbox stands."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    """Accepted, not yet read back."""
    VERIFIED = "verified"
    """Read back from the platform and equal to what was signed."""
    CONFLICT = "conflict"
    """Somebody else holds the case: the reader decides; the signed report stays here."""
    REFUSED = "refused"
    """The platform will not take it as it is; its words are kept."""
    RETURNED = "returned"
    """The reader took it back to a draft: the signed bytes stay, and are never sent."""

    @property
    def is_stuck(self) -> bool:
        """Whether only the reader can move it on."""
        return self in (EntryState.CONFLICT, EntryState.REFUSED)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that the platform holds our report: read back and equal."""

    report_reference: str
    """DiagnosticReport/<id>."""
    version: str
    received_at: str
    """The platform's own time, ISO 8601 with offset."""
    sha256: str
    """Of the signed payload as the platform gives it back; equal to ours."""
    verified: bool


@dataclass(frozen=True, slots=True)
class Failure:
    """One attempt that brought no receipt: the state it leads to and a sentence for the reader."""

    state: EntryState
    why: str
    needs_sign_in: bool = False
    may_have_arrived: bool = False
    """The answer was lost after sending: ask before sending again."""
    said: str = ""
    """The platform's part of ``why``, where it asks for a sign-in."""
    odd: bool = False
    """The answer could not be understood, as of something else that stands in between."""
    wait_s: float = 0.0
    """For how long the platform asked to be left alone."""
