"""What can go wrong in the workstation.

UserFacingError                 the user can do something; ``str()`` is the sentence shown
├── PlatformError               the platform answered, or did not, in a way we cannot use
│   ├── Unreachable             no answer in time
│   ├── WrongCertificate        TLS verification failed: nothing was sent
│   ├── SignInNeeded            no session, or it has expired
│   ├── SignInFailed            the sign-in was refused or tampered with
│   ├── Refused                 4xx that retrying will not change; carries the platform's reasons
│   ├── ClaimLost               somebody else holds the case (412, 409)
│   └── BadAnswer               an answer that breaks the contract
├── StoreError                  this machine's store
│   ├── DiskFull
│   ├── StoreUnwritable         read-only, no permission, not a folder
│   ├── StoreLocked             nobody has unlocked it, or the passphrase was wrong
│   ├── WrongKey                it was encrypted with another key; nothing is touched
│   ├── KeysDamaged             the key file is not as it was written; nothing is touched
│   └── StoreDamaged            set aside, never deleted
├── Cancelled                   the user stopped it
└── PatientMismatch             case, image and report do not name the same patient
"""


class UserFacingError(Exception):
    """The user can do something about it; ``str()`` says what happened and what to do."""


class PlatformError(UserFacingError):
    """The platform answered, or did not, in a way we cannot use."""


class Unreachable(PlatformError):
    """No answer in time."""

    def __init__(self, sentence: str, *, wait_s: float = 0.0) -> None:
        """Keep beside the sentence for how long the platform asked to be left alone."""
        super().__init__(sentence)
        self.wait_s = wait_s


class WrongCertificate(PlatformError):
    """TLS verification failed; nothing was sent."""


class SignInNeeded(PlatformError):
    """There is no session, or it has expired."""


class SignInFailed(PlatformError):
    """The sign-in was refused or tampered with."""


class Refused(PlatformError):
    """The platform refused and will refuse again."""

    def __init__(self, sentence: str, *, status: int = 0) -> None:
        """Keep the HTTP status beside the sentence."""
        super().__init__(sentence)
        self.status = status


class ClaimLost(PlatformError):
    """Somebody else holds the case."""


class BadAnswer(PlatformError):
    """An answer that breaks the contract."""


class StoreError(UserFacingError):
    """This machine's store cannot do what was asked."""


class DiskFull(StoreError):
    """No space left."""


class StoreUnwritable(StoreError):
    """The store's folder cannot be written."""


class StoreLocked(StoreError):
    """The store is not unlocked."""

    def __init__(self, sentence: str, *, wait_s: float = 0.0) -> None:
        """Keep beside the sentence after how many seconds another try is taken."""
        super().__init__(sentence)
        self.wait_s = wait_s


class WrongKey(StoreError):
    """The store was encrypted with another key."""


class KeysDamaged(StoreError):
    """The key file is not as it was written."""


class StoreDamaged(StoreError):
    """The store does not hold what it must; it was set aside."""


class Cancelled(UserFacingError):
    """The user stopped it."""


class PatientMismatch(UserFacingError):
    """Case, image and report do not name the same patient."""
