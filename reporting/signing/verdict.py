"""What verification found out about one signature."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reporting.model.signed import SignerIdentity


class Trust(StrEnum):
    """Whether the signer's certificate leads to a root that the caller trusts."""

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"
    """Roots were given and the chain does not hold: unknown issuer, expired at signing, misused."""
    UNCHECKED = "unchecked"
    """No roots were given: the chain was not checked."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One signature: who, when, does it hold, over what, and why."""

    form: str
    """'PDF (PAdES)', 'FHIR report (JWS)' or 'DICOM object (PS3.15)'."""
    signer: SignerIdentity | None
    signed_at: datetime | None
    """As the signer stated it; no time stamp authority confirms it."""
    intact: bool
    trust: Trust
    covers: str
    reason: str

    @property
    def valid(self) -> bool:
        """Intact, and trusted where roots were given."""
        return self.intact and self.trust is not Trust.UNTRUSTED
