"""One open case: nothing drawn earlier is lost, nothing late reaches a closed case."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reporting.templates import load_templates
from tests.kit.lanes import InlineLanes
from tests.kit.platform import NOW, FakePlatform, a_case
from tests.kit.vault import open_database
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind, Provenance
from viewer.model.geometry import PixelPoint
from viewer.model.key_mark import KeyMark, KeyTitle
from viewer.model.refs import FrameRef, SeriesUid, SopUid, StudyUid
from viewer.model.split import load_rules
from workstation.model.case import Block, Case
from workstation.paths import resources
from workstation.session.lanes import Lane
from workstation.session.loading import StudyLoader
from workstation.session.reading import Opening, ReadingSession
from workstation.store.cases import CaseStore
from workstation.store.drafts import DraftStore
from workstation.store.outbox import Outbox
from workstation.store.seen import SeenStore


class Office:
    """A store and lanes for sessions over several cases."""

    def __init__(self, folder: Path) -> None:
        self.database = open_database(folder / "lightbox.db")
        self.store = CaseStore(folder / "instances", self.database)
        self.drafts = DraftStore(self.database)
        self.lanes = InlineLanes()

    def session(self, case: Case) -> ReadingSession:
        """Begin a session that is not yet started."""
        return ReadingSession(
            case=case,
            reader=FakePlatform().reader(),
            lanes=self.lanes,
            store=self.store,
            drafts=self.drafts,
            seen=SeenStore(self.database, reader="PractitionerRole/dr-ito"),
            outbox=Outbox(self.database),
            loader=StudyLoader(self.store, load_rules(resources() / "splitting.toml")),
            templates=load_templates(resources() / "templates"),
            rules=(),
            resources=resources(),
            clock=lambda: datetime.now(UTC),
        )


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.database.close()


def _drawn(ident: str) -> Annotation:
    frame = FrameRef(StudyUid("1"), SeriesUid("1.1"), SopUid("1.1.1"))
    ends = (PixelPoint(1.0, 2.0), PixelPoint(3.0, 4.0))
    made_by = Provenance("Dr Ito", NOW)
    return Annotation(AnnotationId(ident), AnnotationKind.LENGTH, frame, ends, (), None, made_by)


def test_closing_before_the_case_is_opened_keeps_what_was_drawn_earlier(office: Office) -> None:
    office.drafts.save_annotations("case-1", (_drawn("a"),))
    office.lanes.held = {Lane.STORE}
    session = office.session(a_case())
    told: list[str] = []
    session.notice.connect(lambda _level, text: told.append(text))
    session.start()
    session.keep_annotations(())
    session.close()
    office.lanes.release()
    assert office.drafts.annotations("case-1") == (_drawn("a"),)
    assert told == []


def test_opening_gives_draft_and_annotations_back(office: Office) -> None:
    office.drafts.save_annotations("case-1", (_drawn("a"),))
    session = office.session(a_case())
    opened: list[Opening] = []
    session.opened.connect(opened.append)
    session.start()
    assert opened[0].annotations == (_drawn("a"),)
    assert opened[0].draft.case == "case-1"


def test_a_deleted_annotation_is_told_once_and_saved(office: Office) -> None:
    office.drafts.save_annotations("case-1", (_drawn("a"), _drawn("b")))
    session = office.session(a_case())
    session.start()
    gone: list[str] = []
    session.removed.connect(gone.append)
    session.keep_annotations((_drawn("b"),))
    assert gone == ["a"]
    assert office.drafts.annotations("case-1") == (_drawn("b"),)


def test_r35_a_closed_case_delivers_nothing_to_the_next(office: Office) -> None:
    office.lanes.held = {Lane.STORE}
    first = office.session(a_case("case-1"))
    opened: list[Opening] = []
    first.opened.connect(opened.append)
    first.start()
    first.close()
    second = office.session(a_case("case-2"))
    second.opened.connect(opened.append)
    second.start()
    office.lanes.release()
    assert [o.draft.case for o in opened] == ["case-2"]


def test_a_blocked_case_cannot_be_signed(office: Office, tmp_path: Path) -> None:
    why = "Consent ended."
    case = replace(a_case(), blocks=(Block(stops_download=False, why=why),))
    session = office.session(case)
    opened: list[Opening] = []
    session.opened.connect(opened.append)
    session.start()
    failed: list[Exception] = []
    session.sign(
        opened[0].draft,
        pkcs12=tmp_path / "none.p12",
        passphrase="x",
        incomplete_accepted=True,
        done=lambda _: None,
        failed=failed.append,
    )
    assert [str(f) for f in failed] == [why]


def test_what_was_seen_is_there_when_the_case_is_opened_again(office: Office) -> None:
    frame = FrameRef(StudyUid("1"), SeriesUid("1.1"), SopUid("1.1.1"), 3)
    session = office.session(a_case())
    session.start()
    session.viewing.saw(frame)
    session.viewing.keep()
    session.close()
    again = office.session(a_case())
    opened: list[Opening] = []
    again.opened.connect(opened.append)
    again.start()
    assert opened[0].seen == {frame}
    assert again.viewing.seen == {frame}
    other = office.session(a_case("case-2"))
    other.start()
    assert other.viewing.seen == set()


def test_key_images_survive_a_restart_and_are_never_overwritten_unread(office: Office) -> None:
    frame = FrameRef(StudyUid("1"), SeriesUid("1.1"), SopUid("1.1.1"))
    mark = KeyMark(frame, Provenance("Dr Ito", NOW), KeyTitle.SURGERY, "the stone")
    first = office.session(a_case())
    first.start()
    first.keep_key_marks((mark,))
    first.close()
    office.lanes.held = {Lane.STORE}
    second = office.session(a_case())
    opened: list[Opening] = []
    second.opened.connect(opened.append)
    second.start()
    second.keep_key_marks(())  # the panes tell of no mark before they know of any
    office.lanes.release()
    assert opened[0].key_marks == second.key_marks == (mark,)
    assert office.drafts.key_marks("case-1") == (mark,)
