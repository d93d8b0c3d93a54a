"""Settings: what is in the file is used or told, what is saved comes back."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.settings import TABLE, Settings, Value, defaults, load, save


def _file(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "settings.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert load(tmp_path / "none.toml") == defaults()
    assert defaults().problems == ()


def test_values_are_read_as_tables_or_dotted(tmp_path: Path) -> None:
    text = '[platform]\nfhir = "https://p.example/fhir"\npoll_seconds = 5\n'
    found = load(_file(tmp_path, text))
    assert found.text("platform.fhir") == "https://p.example/fhir"
    assert found.number("platform.poll_seconds") == 5
    assert found.number("cache.frames_mb") == 1500
    assert found == load(
        _file(tmp_path, 'platform.fhir = "https://p.example/fhir"\nplatform.poll_seconds = 5\n')
    )


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("platform.poll = 3", "no such setting"),
        ('platform.poll_seconds = "5"', "a whole number is expected"),
        ("platform.poll_seconds = true", "a whole number is expected"),
        ("platform.poll_seconds = 5.0", "a whole number is expected"),
        ("platform.poll_seconds = 1", "the least is 2"),
        ("platform.poll_seconds = 99999", "the most is 3600"),
        ("platform.fhir = 3", "text in quotes is expected"),
        ("platform.fhir = []", "text in quotes is expected"),
        ("platform = 3", "no such setting"),
    ],
)
def test_what_cannot_be_used_is_told_and_keeps_its_default(
    tmp_path: Path, line: str, why: str
) -> None:
    found = load(_file(tmp_path, f'signing.trust = "kept"\n{line}\n'))
    assert len(found.problems) == 1
    assert found.problems[0].endswith(f"in settings.toml is not used: {why}.")
    assert dict(found.values) == {**defaults().values, "signing.trust": "kept"}


@pytest.mark.parametrize("text", ["platform.fhir = ", "a = 1\na = 2", "x = " + "[" * 5000])
def test_a_file_that_is_no_toml_is_told(tmp_path: Path, text: str) -> None:
    found = load(_file(tmp_path, text))
    assert found.values == defaults().values
    assert len(found.problems) == 1
    assert "cannot be read" in found.problems[0]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b'platform.fhir = "\xe4"')
    for file in (tmp_path, tmp_path / "latin.toml"):
        assert "cannot be read" in load(file).problems[0]


def test_kinds_are_kept_apart() -> None:
    found = defaults()
    with pytest.raises(TypeError):
        found.text("platform.poll_seconds")
    with pytest.raises(TypeError):
        found.number("platform.fhir")
    assert found.file("platform.ca") is None
    assert found.having({"platform.ca": "/x/ca.pem"}).file("platform.ca") == Path("/x/ca.pem")
    with pytest.raises(KeyError, match=r"platform\.nothing"):
        found.having({"platform.nothing": 1})


def test_every_default_is_within_its_own_bounds() -> None:
    for setting in TABLE:
        if isinstance(setting.default, int) and setting.least is not None:
            assert setting.most is not None
            assert setting.least <= setting.default <= setting.most


_TEXT = st.text(st.characters(codec="utf-8"), max_size=30)


def _values() -> st.SearchStrategy[dict[str, Value]]:
    return st.fixed_dictionaries(
        {
            s.key: _TEXT if isinstance(s.default, str) else st.integers(s.least, s.most)
            for s in TABLE
        }
    )


@given(values=_values())
def test_what_is_saved_is_loaded(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, Value]
) -> None:
    file = tmp_path_factory.mktemp("settings") / "new" / "settings.toml"
    save(Settings(values), file)
    assert load(file) == Settings(values)
    assert [f.name for f in file.parent.iterdir()] == ["settings.toml"]
