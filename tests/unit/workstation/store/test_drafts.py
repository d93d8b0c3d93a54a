"""Drafts and annotations: newest wins, older stay, every field comes back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from reporting.model.finding import Finding, FindingId
from reporting.model.report import ReportDraft, ReportId, Section, SectionId
from tests.kit.platform import NOW, a_case, a_signed_report
from tests.kit.vault import open_database
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind, Provenance
from viewer.model.geometry import PixelPoint, PointLps
from viewer.model.key_mark import KeyMark, KeyTitle
from viewer.model.measurement import CalibrationKind, Measurement, MeasurementId, Ucum, Unit
from viewer.model.refs import Code, FrameOfReferenceUid, FrameRef, SeriesUid, SopUid, StudyUid
from workstation.errors import DiskFull, StoreDamaged
from workstation.model.case import Case
from workstation.store.codec import CodecError, decode, encode
from workstation.store.database import Database
from workstation.store.drafts import DraftStore
from workstation.store.outbox import Outbox

_FRAME = FrameRef(StudyUid("1"), SeriesUid("1.1"), SopUid("1.1.1"), 4)
_MEASURED = Measurement(
    MeasurementId("m1"),
    AnnotationId("a1"),
    _FRAME,
    Code("410668003", "SCT", "Length"),
    8.03125,
    Unit.MILLIMETRE,
    CalibrationKind.PATIENT,
    0.7,
)
_FINDING = Finding(FindingId("f1"), _MEASURED, "8.0 mm", "Series 2, image 5", (_FRAME,))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "lightbox.db")
    yield opened
    opened.close()


def _draft(revision: int, text: str) -> ReportDraft:
    section = Section(SectionId.FINDINGS, "Findings", text)
    return ReportDraft(
        ReportId("r1"), "case-1", revision, "ct-chest", (section,), (_FINDING,), NOW, "Dr Ito"
    )


def _annotation(column: float) -> Annotation:
    return Annotation(
        AnnotationId("a1"),
        AnnotationKind.LENGTH,
        _FRAME,
        (PixelPoint(column, 2.25), PixelPoint(3.0, 4.0)),
        (PointLps(1.0, 2.0, 3.0), PointLps(4.0, 5.0, 6.5)),
        FrameOfReferenceUid("1.9"),
        Provenance("Dr Ito", NOW),
    )


def test_r10_revisions_are_appended(database: Database) -> None:
    drafts = DraftStore(database)
    one, two = _draft(1, "first"), _draft(2, "second {{m:m1}}")
    for draft in (one, two, two):
        drafts.save(draft)
    assert drafts.newest("case-1") == two
    assert drafts.revisions("case-1") == (one, two)
    assert drafts.newest("case-2") is None


def test_other_text_under_the_same_revision_is_kept_too(database: Database) -> None:
    drafts = DraftStore(database)
    drafts.save(_draft(2, "before the crash"))
    drafts.save(_draft(2, "after the crash"))
    newest = drafts.newest("case-1")
    assert newest is not None
    assert newest.sections[0].text == "after the crash"
    assert len(drafts.revisions("case-1")) == 2


def test_cases_with_drafts_ends_with_the_signature(database: Database) -> None:
    drafts = DraftStore(database)
    drafts.save(_draft(1, "template"))
    assert drafts.cases_with_drafts() == frozenset()
    drafts.save(_draft(2, "edited"))
    assert drafts.cases_with_drafts() == {"case-1"}
    Outbox(database).add_signed(a_signed_report(), a_case())
    assert drafts.cases_with_drafts() == frozenset()


def test_annotations_newest_wins(database: Database) -> None:
    drafts = DraftStore(database)
    drafts.save_annotations("case-1", ())
    assert database.read("SELECT count(*) FROM annotations")[0][0] == 0
    for column in (1.5, 1.5, 2.5):
        drafts.save_annotations("case-1", (_annotation(column),))
    assert drafts.annotations("case-1") == (_annotation(2.5),)
    assert database.read("SELECT count(*) FROM annotations")[0][0] == 2
    drafts.save_annotations("case-1", ())
    assert drafts.annotations("case-1") == ()


def test_r8_key_marks_survive_a_restart_and_a_full_disk(tmp_path: Path) -> None:
    marks = (
        KeyMark(_FRAME, Provenance("Dr Ito", NOW), KeyTitle.TEACHING, "the stone"),
        KeyMark(replace(_FRAME, frame=5), Provenance("Dr Ito", NOW)),
    )
    first = open_database(tmp_path / "lightbox.db")
    drafts = DraftStore(first)
    drafts.save_key_marks("case-1", marks[:1])
    _refuse(first, "key_marks")
    with pytest.raises(DiskFull):
        drafts.save_key_marks("case-1", marks)
    assert drafts.key_marks("case-1") == marks
    assert drafts.unsaved() == {"case-1"}
    _accept(first, "key_marks")
    handed_on = DraftStore(first, drafts.in_memory())
    assert handed_on.retry() == {"case-1"}
    first.close()
    again = open_database(tmp_path / "lightbox.db")
    assert DraftStore(again).key_marks("case-1") == marks
    assert DraftStore(again).key_marks("case-2") == ()
    again.close()


def test_a_restart_gives_everything_back(tmp_path: Path) -> None:
    file = tmp_path / "x" / "lightbox.db"
    first = open_database(file)
    DraftStore(first).save(_draft(3, "üñí ‮ text\n{{m:m1}}"))
    first.close()
    again = open_database(file)
    assert DraftStore(again).newest("case-1") == _draft(3, "üñí ‮ text\n{{m:m1}}")
    again.close()


def _refuse(database: Database, table: str) -> None:
    with database.transaction() as change:
        change.write(
            f"CREATE TRIGGER full_{table} BEFORE INSERT ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )


def _accept(database: Database, table: str) -> None:
    with database.transaction() as change:
        change.write(f"DROP TRIGGER full_{table}")


def test_r8_what_the_disk_refuses_is_given_back_and_written_later(database: Database) -> None:
    drafts = DraftStore(database)
    drafts.save(_draft(1, "first"))
    _refuse(database, "draft")
    with pytest.raises(DiskFull):
        drafts.save(_draft(2, "second"))
    assert drafts.newest("case-1") == _draft(2, "second")
    assert drafts.unsaved() == drafts.cases_with_drafts() == {"case-1"}
    with pytest.raises(DiskFull):
        drafts.retry()
    assert drafts.unsaved() == {"case-1"}
    _accept(database, "draft")
    assert drafts.retry() == {"case-1"}
    assert drafts.unsaved() == frozenset()
    assert DraftStore(database).newest("case-1") == _draft(2, "second")
    assert drafts.retry() == frozenset()


def test_r8_the_next_save_brings_what_was_refused(database: Database) -> None:
    drafts = DraftStore(database)
    _refuse(database, "draft")
    with pytest.raises(DiskFull):
        drafts.save(_draft(2, "second"))
    _accept(database, "draft")
    drafts.save(_draft(3, "second and third"))
    assert drafts.unsaved() == frozenset()
    assert DraftStore(database).newest("case-1") == _draft(3, "second and third")


def test_r8_annotations_that_the_disk_refuses_are_kept(database: Database) -> None:
    drafts = DraftStore(database)
    _refuse(database, "annotations")
    with pytest.raises(DiskFull):
        drafts.save_annotations("case-1", (_annotation(1.5),))
    assert drafts.annotations("case-1") == (_annotation(1.5),)
    assert drafts.unsaved() == {"case-1"}
    _accept(database, "annotations")
    assert drafts.retry() == {"case-1"}
    assert DraftStore(database).annotations("case-1") == (_annotation(1.5),)


def test_what_another_version_wrote_is_kept_and_told(database: Database) -> None:
    drafts = DraftStore(database)
    drafts.save(_draft(2, "text"))
    drafts.save_annotations("case-1", (_annotation(1.5),))
    with database.transaction() as change:
        change.write("UPDATE draft SET body = '{\"form\": 9}'")
        change.write("UPDATE annotations SET body = '[{}]'")
    for read in (drafts.newest, drafts.revisions, drafts.annotations):
        with pytest.raises(StoreDamaged, match="kept as it is"):
            read("case-1")
    assert database.read("SELECT body FROM draft")[0][0] == '{"form": 9}'


@pytest.mark.parametrize(
    "value",
    [
        a_case(),
        a_case(due=None, authored=NOW + timedelta(seconds=1), raw_task='{"a": "é"}'),
        a_signed_report(),
        _draft(1, ""),
        replace(_annotation(0.1), points=(), space=None),
    ],
    ids=lambda v: type(v).__name__,
)
def test_the_codec_gives_every_field_back(value: object) -> None:
    assert decode(type(value), encode(value)) == value


@pytest.mark.parametrize("text", ["", "{", "[]", '{"id": 3}', '{"id": "x", "unknown": 1}', "null"])
def test_the_codec_refuses_what_does_not_fit(text: str) -> None:
    with pytest.raises(CodecError):
        decode(Case, text)


def test_what_an_earlier_lightbox_kept_is_read(database: Database) -> None:
    """Rows of the first release: no words, no known length, one number a finding."""
    place = '{"study":"1","series":"2","sop":"3","frame":0}'
    made = '{"author":"Dr Ito","made_at":"2026-11-24T12:00:00+00:00","device":"Lightbox"}'
    annotation = (
        f'[{{"id":"a1","kind":"length","on":{place},"pixels":[[1.0,2.0],[3.0,4.0]],'
        f'"points":[],"space":null,"made_by":{made}}}]'
    )
    with database.transaction() as change:
        change.write(
            "INSERT INTO annotations (reading, body) VALUES (?, ?)", ("case-1", annotation)
        )
    (found,) = DraftStore(database).annotations("case-1")
    assert found.kind is AnnotationKind.LENGTH
    assert (found.text, found.known) == ("", None)
    finding = (
        f'{{"id":"f1","measurement":{{"id":"a1","of":"a1","on":{place},"name":{{"value":'
        '"410668003","scheme":"SCT","meaning":"Length"},"value":8.0,"unit":"mm","calibration":'
        f'"PATIENT","plus_minus":null}},"label":"8.0 mm","image":"","frames":[{place}]}}'
    )
    read = decode(Finding, finding)
    assert read.others == ()
    assert read.measurement.unit is Unit.MILLIMETRE
    assert read.measurement.derivation is None


def test_every_kind_its_words_and_units_come_back() -> None:
    for kind in AnnotationKind:
        one = replace(_annotation(1.5), kind=kind, text="T4", known=20.5)
        assert decode(Annotation, encode(one)) == one
    value = replace(_MEASURED, unit=Unit.HOUNSFIELD, derivation=Code("1", "SCT", "Mean"))
    mapped = replace(value, unit=Ucum("um2/s"))
    finding = replace(_FINDING, measurement=value, others=(mapped,))
    assert decode(Finding, encode(finding)) == finding
