"""Every rule of pixels, geometry, uptake and loss has a test whose id bears its number."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

RULES = (*range(1, 23), *range(39, 45), 51, 55)
_NAME = re.compile(r"test_f(\d\d)_\w+")
_FOLDER = Path(__file__).parent / "rules"


@cache
def _tests() -> dict[int, list[str]]:
    """Test ids by the number in their names."""
    found: dict[int, list[str]] = {}
    for file in sorted(_FOLDER.glob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            name = _NAME.fullmatch(node.name) if isinstance(node, ast.FunctionDef) else None
            if name is not None:
                found.setdefault(int(name[1]), []).append(f"{file.name}::{name[0]}")
    return found


@pytest.mark.parametrize("rule", RULES, ids=[f"F{rule}" for rule in RULES])
def test_a_rule_has_a_test_of_its_number(rule: int) -> None:
    assert _tests().get(rule), f"no test in tests/conformance/rules bears F{rule} in its name"


def test_every_file_of_rules_names_its_rule() -> None:
    for file in _FOLDER.glob("test_*.py"):
        number = re.match(r"test_f(\d\d)_", file.name)
        assert number is not None, file.name
        own = [test for tests in _tests().values() for test in tests if test.startswith(file.name)]
        assert any(f"::test_f{number[1]}_" in test for test in own), file.name
