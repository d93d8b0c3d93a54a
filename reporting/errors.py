"""What can go wrong between a draft and a signed report.

ReportingError                  ``str()`` is a sentence fit for the reader
├── TemplateError               a template file does not hold what it must
├── NotSignable                 blocking issues; carries them
├── SignerUnavailable           the signing identity cannot be opened
│   └── PassphraseRejected      it exists, the passphrase (or PIN) does not open it
├── ExportFailed                one of the report's forms could not be made
├── NothingToVerify             the file carries no signature that is known here
└── SignatureInvalid            a signature is there and does not hold
"""

from collections.abc import Sequence
from typing import Protocol


class Reason(Protocol):
    """What an issue says; issues themselves live above this module."""

    @property
    def why(self) -> str:
        """One sentence."""
        ...


class ReportingError(Exception):
    """A fault the reader can be told about in one sentence."""


class TemplateError(ReportingError):
    """A template file does not hold what it must."""


class NotSignable(ReportingError):
    """The draft has issues that block signing."""

    def __init__(self, issues: Sequence[Reason]) -> None:
        """Carry the blocking issues."""
        super().__init__("; ".join(issue.why for issue in issues))
        self.issues = tuple(issues)


class SignerUnavailable(ReportingError):
    """The signing identity cannot be opened."""


class PassphraseRejected(SignerUnavailable):
    """The passphrase does not open the signing identity."""


class ExportFailed(ReportingError):
    """One of the report's forms could not be made."""


class NothingToVerify(ReportingError):
    """The file carries no signature that is known here."""


class SignatureInvalid(ReportingError):
    """A signature is there and does not hold."""
