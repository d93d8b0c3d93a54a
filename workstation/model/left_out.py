"""What is not shown, and why: nothing that is left out stays unsaid."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file, object or study that is not shown."""

    what: str
    """What the reader knows it by: a file name, else words."""
    why: str
    """One sentence."""
    sop: str = ""
    """SOP Instance UID, when it is one object that named itself."""
    study: str = ""
    """Study Instance UID, when it belongs to a study."""

    @property
    def sentence(self) -> str:
        """Both in one line."""
        return f"{self.what}: {self.why}"


@dataclass(frozen=True, slots=True)
class FolderNotes:
    """What a demo platform told of the folder that its cases come from."""

    left_out: tuple[LeftOut, ...] = ()
    """Files that it does not serve."""
    names: Mapping[str, str] = field(default_factory=dict)
    """The file of each SOP Instance that it serves."""

    def called(self, one: LeftOut) -> str:
        """The name of the object's file where that is known."""
        return self.names.get(one.sop, one.what)
