"""Where instances come from: a folder, or the workstation's store behind this protocol."""

from collections.abc import Sequence
from typing import BinaryIO, Protocol

from viewer.model.refs import SopUid, StudyUid


class InstanceSource(Protocol):
    """Gives the bytes of instances; implementations check integrity and decrypt where needed."""

    def sops(self, study: StudyUid) -> Sequence[SopUid]:
        """Instances of a study that are held now."""
        ...

    def open(self, sop: SopUid) -> BinaryIO:
        """Open one instance for reading; MissingInstance when it is not held."""
        ...
