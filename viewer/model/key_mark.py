"""Images that the reader of this program marked as key images, and as what (PS3.16 CID 7010)."""

from dataclasses import dataclass
from enum import StrEnum

from viewer.model.annotation import Provenance
from viewer.model.refs import Code, FrameRef

LONGEST_NOTE = 1024


class KeyTitle(StrEnum):
    """Why an image is a key image: the DCM code of a document title of CID 7010."""

    OF_INTEREST = "113000"
    REFERRING_PROVIDER = "113002"
    SURGERY = "113003"
    TEACHING = "113004"
    CONFERENCE = "113005"
    THERAPY = "113006"
    PATIENT = "113007"
    PEER_REVIEW = "113008"
    RESEARCH = "113009"
    QUALITY_ISSUE = "113010"
    BEST_IN_SET = "113013"
    PRINTING = "113018"
    REPORT_ATTACHMENT = "113020"
    LITIGATION = "113021"

    @property
    def meaning(self) -> str:
        """The words of the standard."""
        return _MEANINGS[self]

    @property
    def code(self) -> Code:
        """As it is written into a key object selection."""
        return Code(self.value, "DCM", self.meaning)


_MEANINGS = {
    KeyTitle.OF_INTEREST: "Of Interest",
    KeyTitle.REFERRING_PROVIDER: "For Referring Provider",
    KeyTitle.SURGERY: "For Surgery",
    KeyTitle.TEACHING: "For Teaching",
    KeyTitle.CONFERENCE: "For Conference",
    KeyTitle.THERAPY: "For Therapy",
    KeyTitle.PATIENT: "For Patient",
    KeyTitle.PEER_REVIEW: "For Peer Review",
    KeyTitle.RESEARCH: "For Research",
    KeyTitle.QUALITY_ISSUE: "Quality Issue",
    KeyTitle.BEST_IN_SET: "Best In Set",
    KeyTitle.PRINTING: "For Printing",
    KeyTitle.REPORT_ATTACHMENT: "For Report Attachment",
    KeyTitle.LITIGATION: "For Litigation",
}


@dataclass(frozen=True, slots=True)
class KeyMark:
    """One frame that the reader marked; a frame has one mark at most."""

    on: FrameRef
    made_by: Provenance
    title: KeyTitle = KeyTitle.OF_INTEREST
    note: str = ""
    """The reader's words to it."""

    def __post_init__(self) -> None:
        """Refuse words that no document would hold."""
        if len(self.note) > LONGEST_NOTE:
            raise ValueError(f"a note has at most {LONGEST_NOTE} characters")

    @property
    def words(self) -> str:
        """Title and note."""
        return f"{self.title.meaning}: {self.note}" if self.note else self.title.meaning
