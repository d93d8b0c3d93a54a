"""Rules as data: what is refused and how it is named."""

from pathlib import Path

import pytest

from reporting.errors import TemplateError
from reporting.model.issue import Severity
from reporting.rules.rule import RuleKind, load_rules, read_rules
from tests.kit.reporting import RESOURCES

GOOD = '[[rule]]\nid = "a"\nkind = "empty"\nseverity = "warn"\nsections = ["findings"]\n'


def test_reads_a_rule() -> None:
    (rule,) = read_rules(GOOD, name="r.toml")
    assert (rule.id, rule.kind, rule.severity) == ("a", RuleKind.EMPTY, Severity.WARN)
    assert not rule.acknowledge


def test_every_kind_ships() -> None:
    assert {rule.kind for rule in load_rules(RESOURCES / "rules")} == set(RuleKind)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[[rule]\n", "not a TOML file"),
        ("rule = 3\n", "[[rule]] tables"),
        ("", "[[rule]] tables"),
        (GOOD.replace("id =", "ident ="), "unknown key 'ident'"),
        (GOOD.replace('id = "a"\n', ""), "has no id"),
        (GOOD.replace('"empty"', '"magic"'), "rule 'a': 'magic'"),
        (GOOD.replace('"warn"', '"maybe"'), "rule 'a': 'maybe'"),
        (GOOD.replace('["findings"]', '["shoes"]'), "rule 'a': 'shoes'"),
        (GOOD.replace('["findings"]', '"findings"'), "a list of words is needed"),
        (GOOD + "words = [1]\n", "not a word"),
        (GOOD + "organs = 1\n", "'organs' must be a table"),
    ],
)
def test_a_bad_rule_names_its_fault(text: str, why: str) -> None:
    with pytest.raises(TemplateError) as caught:
        read_rules(text, name="r.toml")
    assert why in str(caught.value)


def test_folder_faults(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="no pre-sign rule"):
        load_rules(tmp_path)
    (tmp_path / "a.toml").write_text(GOOD)
    (tmp_path / "b.toml").write_text(GOOD)
    with pytest.raises(TemplateError, match="'a' stands twice"):
        load_rules(tmp_path)
    (tmp_path / "b.toml").write_bytes(b"\xff")
    with pytest.raises(TemplateError, match="cannot be read"):
        load_rules(tmp_path)
    (tmp_path / "b.toml").write_text("#" * 300_000)
    with pytest.raises(TemplateError, match="larger"):
        load_rules(tmp_path)
