"""Findings: who belongs to which, their order, what changes them in one step."""

from collections.abc import Sequence
from dataclasses import replace

from tests.kit.annotations import annotation
from tests.kit.viewer import ct_instance, series_of, sets_of, study_of
from viewer.hanging.images import CaseImages
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind
from viewer.model.study import Instance
from viewer.viewport import findings
from viewer.viewport.annotate import AnnotationLedger
from viewer.viewport.measurement_list import grouped

K = AnnotationKind
NOW = [ct_instance("1.2.1", n) for n in range(3)]
OLD = [ct_instance("1.3.1", n, study="1.3") for n in range(2)]
OLDER = [ct_instance("1.4.1", n, study="1.4") for n in range(2)]
STUDIES = (
    study_of(series_of(NOW)),
    study_of(series_of(OLD), uid="1.3", date="20250102"),
    study_of(series_of(OLDER), uid="1.4", date="20240102"),
)
IMAGES = CaseImages.of(STUDIES[0], STUDIES[1:], sets_of(*STUDIES))


def made(name: str, finding: str = "", on: Instance = NOW[0], kind: K = K.LENGTH) -> Annotation:
    points = [(float(n), float(n * n)) for n in range(4 if kind is K.BIDIRECTIONAL else 2)]
    return replace(annotation(kind, on, *points), id=AnnotationId(name), finding=finding)


def after(held: Sequence[Annotation], edits: findings.Edits) -> tuple[Annotation, ...]:
    ledger = AnnotationLedger()
    ledger.restore(held)
    ledger.apply(*edits)
    now = ledger.all()
    if edits:
        assert ledger.undo()
        assert ledger.all() == tuple(held)  # one step, whatever it holds
        assert ledger.redo()
        assert ledger.all() == now
    return now


def of(held: Sequence[Annotation]) -> dict[str, str]:
    return {one.id: one.finding for one in held}


HELD = (made("a", "Liver"), made("b"), made("c", "Node"), made("d", "Liver", OLD[0]))


def test_named_and_taken_out() -> None:
    now = after(HELD, findings.named(HELD, HELD[1:3], "Liver"))
    assert of(now) == {"a": "Liver", "b": "Liver", "c": "Liver", "d": "Liver"}
    assert of(after(now, findings.named(now, now[:1], "")))["a"] == ""
    assert findings.named(HELD, HELD[:1], "Liver") == ()


def test_renamed_in_every_study_and_taken_in_by_one_that_is_there() -> None:
    assert of(after(HELD, findings.renamed(HELD, "Liver", "Segment 7"))) == {
        "a": "Segment 7", "b": "", "c": "Node", "d": "Segment 7",
    }  # fmt: skip
    assert findings.order(after(HELD, findings.renamed(HELD, "Liver", "Node"))) == ("Node",)
    assert of(after(HELD, findings.renamed(HELD, "Node", "")))["c"] == ""
    assert findings.renamed(HELD, "Nothing", "Else") == ()


def test_the_order_is_the_readers_and_new_ones_come_last() -> None:
    held = (*HELD, made("e", "Bone"))
    assert findings.order(held) == ("Liver", "Node", "Bone")
    up = after(held, findings.moved(held, "Bone", -1, ("Liver", "Node", "Bone")))
    assert findings.order(up) == ("Liver", "Bone", "Node")
    assert findings.order((*up, made("f", "Lung"))) == ("Liver", "Bone", "Node", "Lung")
    joined = after(up, findings.named(up, up[1:2], "Bone"))
    assert {one.finding_place for one in joined if one.finding == "Bone"} == {2}
    over = after(up, findings.moved(up, "Liver", 1, ("Liver", "Node")))
    assert findings.order(over) == ("Bone", "Node", "Liver")  # past those that stand beside it
    assert findings.moved(held, "Liver", -1, ("Liver", "Node")) == ()
    assert findings.moved(held, "Bone", 1, ("Bone",)) == ()
    assert findings.moved(held, "Nothing", 1, ("Bone",)) == ()


def test_hidden_targeted_deleted_at_once() -> None:
    hidden = after(HELD, findings.shown(HELD[:2], visible=False))
    assert [one.hidden for one in hidden] == [True, True, False, False]
    assert findings.shown(HELD, visible=True) == ()
    assert [one.target for one in after(HELD, findings.targeted(HELD[2:], counts=True))] == [
        False, False, True, True,
    ]  # fmt: skip
    assert after(HELD, findings.deleted(HELD)) == ()


def test_what_is_hidden_is_there_but_not_seen() -> None:
    ledger = AnnotationLedger()
    ledger.restore((replace(HELD[0], hidden=True), HELD[1]))
    assert len(ledger.on(HELD[0].on)) == 2
    assert [one.id for one in ledger.seen_on(HELD[0].on)] == ["b"]


def test_findings_stand_behind_what_has_none_each_with_what_it_was_before() -> None:
    held = (
        made("a", "Liver"), made("b"), made("c", "Node"), made("l", "Liver", OLD[0]),
        made("l2", "Liver", OLDER[0]), made("n1", "Node", OLD[0]), made("n2", "Node", OLD[1]),
        made("x", "Bone", kind=K.BIDIRECTIONAL), made("y", "Bone", OLD[0]),
        made("z", "Bone", OLDER[0], K.BIDIRECTIONAL),
    )  # fmt: skip
    now, old, older = grouped(IMAGES, held)
    assert [row.annotation.id for row in now.rows] == ["b"]
    assert [one.name for one in now.findings] == ["Liver", "Node", "Bone"]
    assert [row.annotation.id for row in now.all_rows] == ["b", "a", "c", "x"]
    before = {
        str(row.annotation.id): (row.before and row.before.id, row.since) for row in now.all_rows
    }
    assert before["a"] == ("l", "2025-01-02")  # the newest prior that has it
    assert before["c"] == (None, "")  # two there: which one would it be?
    assert before["x"] == ("z", "2024-01-02")  # of the same kind only
    assert all(row.before is None for group in (old, older) for row in group.all_rows)
