"""The tables in resources are sound, and unsound ones are refused in words."""

from pathlib import Path

import pytest

from viewer.viewport.commands import VIEW_COMMANDS
from viewer.viewport.corners import Corner, Role, TextLevel, fill_corners, load_corners
from viewer.viewport.keymap import CommandKind, load_keymap
from viewer.viewport.tools import ToolId

RESOURCES = Path(__file__).parents[4] / "resources"


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "table.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_keymap_has_every_tool_with_a_key() -> None:
    commands = load_keymap(RESOURCES / "keymap.toml")
    tools = {c.id for c in commands if c.kind is CommandKind.TOOL}
    assert tools == {f"tool.{tool.value}" for tool in ToolId}
    assert all(c.keys for c in commands)
    assert set(VIEW_COMMANDS) <= {c.id for c in commands}
    assert all(c.icon for c in commands if c.bar)


def test_tooltip_says_title_key_and_help() -> None:
    commands = {c.id: c for c in load_keymap(RESOURCES / "keymap.toml")}
    assert commands["view.fit"].tooltip == "Fit to pane (F)"
    assert commands["tool.scroll"].tooltip == "Scroll (S): Drag down for the next image"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            '[[command]]\nid="a"\ntitle="A"\nkeys=["X"]\n[[command]]\nid="b"\ntitle="B"\nkeys=["x"]',
            "x belongs to a and to b",
        ),
        (
            '[[command]]\nid="a"\ntitle="A"\nkeys=[]\n[[command]]\nid="a"\ntitle="B"\nkeys=[]',
            "a stands twice",
        ),
        ('[[command]]\nid="a"\ntitle="A"\nkeys=[]\ncolour="red"', "unknown entry colour"),
        ('[[command]]\nid="a"\nkeys=[]', "'title'"),
        ('[[command]]\nid="a"\ntitle="A"\nkeys=[]\nkind="thing"', "thing"),
    ],
)
def test_a_wrong_keymap_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        load_keymap(_file(tmp_path, text))


def test_the_shipped_corners_always_name_the_patient() -> None:
    rules = load_corners(RESOURCES / "corners.toml")
    fields = {"patient.name": "DOE^JANE", "patient.id": "4711", "patient.sex": "F"}
    for modality in ("CT", "US", "XX"):
        lines = fill_corners(rules, fields, modality)[Corner.TOP_LEFT]
        assert [(line.text, line.role) for line in lines] == [
            ("DOE^JANE", Role.IDENTITY),
            ("4711", Role.IDENTITY),
            ("F", Role.IDENTITY),
        ]


def test_lines_of_a_modality_and_empty_lines() -> None:
    rules = load_corners(RESOURCES / "corners.toml")
    fields = {"header.KVP": "120", "header.RepetitionTime": "500", "header.EchoTime": ""}
    assert [x.text for x in fill_corners(rules, fields, "CT")[Corner.BOTTOM_RIGHT]] == ["120 kV"]
    assert [x.text for x in fill_corners(rules, fields, "MR")[Corner.BOTTOM_RIGHT]] == ["TR 500 TE"]
    assert not any(fill_corners(rules, {}, "CT").values())


@pytest.mark.parametrize("level", TextLevel)
def test_f56_patient_side_and_warnings_stand_at_every_level(level: TextLevel) -> None:
    rules = load_corners(RESOURCES / "corners.toml")
    always = {
        "patient.name": "DOE^JANE",
        "patient.id": "4711",
        "patient.birth_date": "1972-03-04",
        "patient.sex": "F",
        "image.laterality": "R",
        "image.view": "MLO",
        "mark.identity": "IMAGE SAYS",
        "mark.prior": "PRIOR",
        "mark.current": "CURRENT",
        "mark.lossy": "LOSSY",
        "mark.derived": "Derived image",
        "mark.data": "DATA",
        "mark.state": "STATE",
        "mark.covers": "Overlays off",
        "mark.turned": "FLIPPED",
        "mark.warning": "GAP",
    }
    filled = fill_corners(rules, always, "MG", level)
    told = " ".join(line.text for lines in filled.values() for line in lines)
    assert [word for word in always.values() if word not in told] == []


def test_each_level_shows_more_than_the_one_below() -> None:
    rules = load_corners(RESOURCES / "corners.toml")
    fields = {"view.image": "Image 1/2", "study.accession": "ACC-1"}
    texts = {
        level: [
            x.text for lines in fill_corners(rules, fields, "CT", level).values() for x in lines
        ]
        for level in TextLevel
    }
    assert texts[TextLevel.LEAST] == []
    assert texts[TextLevel.FEW] == ["Image 1/2"]
    assert texts[TextLevel.ALL] == ["ACC-1", "Image 1/2"]
    assert [level.fewer for level in TextLevel] == [
        TextLevel.ALL,
        TextLevel.LEAST,
        TextLevel.FEW,
    ]


IDENTITY = (
    '[[line]]\ncorner="top_left"\n'
    'text="{patient.name} {patient.id} {patient.birth_date} {patient.sex}"\n'
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[[line]]\ncorner="top_left"\ntext="{patient.name}"', "must always show patient.id"),
        (IDENTITY.replace("top_left", "middle"), "middle"),
        (IDENTITY + 'role="shouting"', "shouting"),
        (IDENTITY + 'role="warning"\nlevel="all"', "has no level"),
        (IDENTITY + 'level="some"', "some"),
        (IDENTITY + 'modality=["CT"]', "must always show patient.name"),
        (IDENTITY + 'modality="CT"', "list of words"),
        (IDENTITY + '[[line]]\ncorner="top_left"\ntext="{patient.shoe_size}"', "unknown field"),
        (IDENTITY + '[[line]]\ncorner="top_left"\ntext="hello"', "needs a text with a field"),
    ],
)
def test_wrong_corners_are_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        load_corners(_file(tmp_path, text))
