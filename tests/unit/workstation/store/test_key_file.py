"""The key file: each way in opens the same keys, and a changed file opens nothing."""

import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from tests.kit.vault import CHEAP
from workstation.errors import KeysDamaged, StoreError
from workstation.store import stretching
from workstation.store.key_file import KeyFile, new_kept_slot, new_passphrase_slot
from workstation.store.keys import Keys
from workstation.store.secret import Secret
from workstation.store.stretching import FLOOR, Cost, calibrated, passphrase_of

WORDS = "correct horse battery"


@pytest.fixture(name="made")
def _made(tmp_path: Path) -> tuple[KeyFile, Keys]:
    file = KeyFile(tmp_path, least=CHEAP)
    keys = Keys.new()
    file.write(
        keys,
        (
            new_passphrase_slot(keys, passphrase_of(WORDS), CHEAP),
            new_kept_slot(keys, "os", "account", Secret(b"k" * 32)),
        ),
    )
    return file, keys


def _same(one: Keys | None, other: Keys) -> bool:
    return one is not None and one.database_key().content == other.database_key().content


def _change(folder: Path, **values: Any) -> None:
    """Change the first slot in file and copy."""
    for name in ("keys.json", "keys.copy.json"):
        tree = json.loads((folder / name).read_text())
        tree["slots"][0].update(values)
        (folder / name).write_text(json.dumps(tree))


def test_each_way_in_gives_the_same_keys(made: tuple[KeyFile, Keys]) -> None:
    file, keys = made
    assert _same(file.by_passphrase(passphrase_of(WORDS)), keys)
    assert _same(file.by_kept("os", lambda _: Secret(b"k" * 32)), keys)
    assert file.by_passphrase(passphrase_of("another horse")) is None
    assert file.by_kept("os", lambda _: Secret(b"x" * 32)) is None
    assert file.by_kept("os", lambda _: None) is None
    assert file.by_kept("other", lambda _: Secret(b"k" * 32)) is None


def test_r4_nothing_secret_lies_in_the_file(made: tuple[KeyFile, Keys], tmp_path: Path) -> None:
    _, keys = made
    told = (tmp_path / "keys.json").read_text()
    assert WORDS not in told
    assert keys.database_key().content.hex() not in told
    assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0
    assert not list(tmp_path.glob("*.part"))


def test_a_cheaper_passphrase_is_refused_before_it_is_tried(
    made: tuple[KeyFile, Keys], tmp_path: Path
) -> None:
    _change(tmp_path, memory_kib=8)
    with pytest.raises(KeysDamaged, match="easier to guess"):
        made[0].by_passphrase(passphrase_of(WORDS))
    with pytest.raises(KeysDamaged, match="easier to guess"):
        KeyFile(tmp_path).by_passphrase(passphrase_of(WORDS))


def test_a_slot_that_another_program_put_in_opens_nothing(tmp_path: Path) -> None:
    """Whoever held the master key once cannot add a way in without the HMAC saying so."""
    file, keys = KeyFile(tmp_path, least=CHEAP), Keys.new()
    own = new_passphrase_slot(keys, passphrase_of(WORDS), CHEAP)
    file.write(keys, (own,))
    good = json.loads((tmp_path / "keys.json").read_text())
    file.write(keys, (own, new_passphrase_slot(keys, passphrase_of("planted one"), CHEAP)))
    bad = json.loads((tmp_path / "keys.json").read_text()) | {"mac": good["mac"]}
    for name in ("keys.json", "keys.copy.json"):
        (tmp_path / name).write_text(json.dumps(bad))
    for words in (WORDS, "planted one"):
        with pytest.raises(KeysDamaged, match="changed by another program"):
            file.by_passphrase(passphrase_of(words))


@pytest.mark.parametrize("lost", ["keys.json", "keys.copy.json"])
def test_file_or_copy_is_enough(made: tuple[KeyFile, Keys], tmp_path: Path, lost: str) -> None:
    (tmp_path / lost).write_bytes(b"\0" * 40)
    assert _same(made[0].by_passphrase(passphrase_of(WORDS)), made[1])


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b"[" * 50_000, b"\xff", b'{"version": 1, "slots": 3, "mac": ""}'],
)
def test_a_file_that_is_none_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "keys.json").write_bytes(content)
    file = KeyFile(tmp_path)
    assert file.exists
    with pytest.raises(KeysDamaged, match="cannot be read"):
        file.by_passphrase(passphrase_of(WORDS))


@pytest.mark.parametrize(
    "values",
    [
        {"memory_kib": 1 << 30},
        {"passes": 10_000},
        {"lanes": 0},
        {"memory_kib": True},
        {"memory_kib": "64"},
        {"salt": "AAAA"},
        {"kdf": "pbkdf2"},
        {"wrapped": "not base64!"},
    ],
)
def test_hostile_parameters_cost_nothing(
    made: tuple[KeyFile, Keys], tmp_path: Path, values: dict[str, Any]
) -> None:
    _change(tmp_path, **values)
    with pytest.raises(KeysDamaged):
        made[0].by_passphrase(passphrase_of(WORDS))


def test_a_newer_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text('{"version": 2}')
    with pytest.raises(StoreError, match="newer Lightbox"):
        KeyFile(tmp_path).slots()


def test_r4_secrets_show_nothing_and_can_be_overwritten() -> None:
    keys = Keys(Secret(b"m" * 32))
    secret = Secret(b"very secret bytes")
    assert "m" * 4 not in repr(keys)
    assert "very" not in repr(secret)
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    held = secret.content
    secret.wipe()
    assert not any(held)
    keys.wipe()
    assert keys.is_wiped
    for use in (keys.database_key, lambda: secret.content):
        with pytest.raises(ValueError, match="overwritten"):
            use()


def test_the_cost_is_never_below_the_floor_and_follows_the_computer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stretching, "stretched", lambda *_: Secret(b"x"))
    ticks = iter((0.0, 0.01))
    assert calibrated(lambda: next(ticks)).work > FLOOR.work
    ticks = iter((0.0, 9.0))
    assert calibrated(lambda: next(ticks)) == FLOOR
    assert FLOOR.at_least(FLOOR)
    assert not Cost(32 << 10, 6, 4).at_least(FLOOR)


def test_a_passphrase_is_the_same_from_every_keyboard() -> None:
    assert passphrase_of("é").content == passphrase_of("e\N{COMBINING ACUTE ACCENT}").content
