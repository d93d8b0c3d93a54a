"""Unlocking: by itself, by passphrase, and ever slower after wrong ones."""

from pathlib import Path

import pytest

from tests.kit.vault import CHEAP, FakeKeeper
from workstation.errors import KeysDamaged, StoreError, StoreLocked, WrongKey
from workstation.session.demo_keys import demo_keys
from workstation.session.vault import DATABASE, Vault
from workstation.store.database import Database
from workstation.store.keys import Keys

WORDS = "correct horse battery"


class Clock:
    """A clock on the wall that tests set."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def _vault(folder: Path, keeper: FakeKeeper | None = None, clock: Clock | None = None) -> Vault:
    return Vault(
        folder, keeper or FakeKeeper(), now=clock or Clock(), cost=lambda: CHEAP, least=CHEAP
    )


def _same(one: Keys | None, other: Keys) -> bool:
    return one is not None and one.database_key().content == other.database_key().content


def test_a_new_store_is_asked_for_a_passphrase_that_opens_it_later(tmp_path: Path) -> None:
    vault = _vault(tmp_path)
    assert vault.is_new
    keys = vault.create(WORDS, by_itself=False)
    again = _vault(tmp_path)
    assert not again.is_new
    assert not again.opens_by_itself
    assert again.by_itself() is None
    assert _same(again.unlock(WORDS), keys)
    with pytest.raises(StoreLocked, match="not the passphrase"):
        again.unlock("wrong horse battery")


@pytest.mark.parametrize("weak", ["", "short", "aaaaaaaaaaaaaaa"])
def test_a_weak_passphrase_is_not_taken(tmp_path: Path, weak: str) -> None:
    with pytest.raises(StoreError, match="passphrase"):
        _vault(tmp_path).create(weak, by_itself=False)
    assert _vault(tmp_path).is_new


def test_a_key_store_opens_it_and_the_passphrase_still_does(tmp_path: Path) -> None:
    keeper = FakeKeeper()
    keys = _vault(tmp_path, keeper).create(WORDS, by_itself=True)
    assert _same(_vault(tmp_path, keeper).by_itself(), keys)
    assert _same(_vault(tmp_path).unlock(WORDS), keys)
    assert _vault(tmp_path, FakeKeeper()).by_itself() is None


def test_s3_a_key_store_that_keeps_nothing_is_never_the_only_copy(tmp_path: Path) -> None:
    forgets = FakeKeeper(forgets=True)
    keys = _vault(tmp_path, forgets).create(WORDS, by_itself=True)
    again = _vault(tmp_path, forgets)
    assert not again.opens_by_itself
    assert again.by_itself() is None
    assert _same(again.unlock(WORDS), keys)


def test_opening_by_itself_can_be_taken_away(tmp_path: Path) -> None:
    keeper = FakeKeeper()
    vault = _vault(tmp_path, keeper)
    keys = vault.create(WORDS, by_itself=True)
    assert vault.let_open_by_itself(keys, wanted=False)
    assert keeper.kept == {}
    assert vault.by_itself() is None


def test_another_passphrase_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    keeper = FakeKeeper()
    vault = _vault(tmp_path, keeper)
    keys = vault.create(WORDS, by_itself=True)
    vault.change_passphrase(keys, "another long phrase")
    with pytest.raises(StoreLocked):
        vault.unlock(WORDS)
    assert _same(vault.unlock("another long phrase"), keys)
    assert _same(vault.by_itself(), keys)


def test_r6_wrong_tries_wait_ever_longer_over_restarts(tmp_path: Path) -> None:
    clock = Clock()
    _vault(tmp_path).create(WORDS, by_itself=False)

    def wait_after_wrong() -> float:
        with pytest.raises(StoreLocked) as refused:
            _vault(tmp_path, clock=clock).unlock("wrong horse battery")
        return refused.value.wait_s

    assert [wait_after_wrong() for _ in range(5)] == [0, 0, 0, 0, 15]
    with pytest.raises(StoreLocked, match="5 wrong passphrases"):
        _vault(tmp_path, clock=clock).unlock(WORDS)  # the right one, too early
    clock.now += 15
    assert wait_after_wrong() == 30
    clock.now -= 86_400  # set back: the wait begins anew, and ends
    assert _vault(tmp_path, clock=clock).wait_s() == 30
    clock.now += 31
    _vault(tmp_path, clock=clock).unlock(WORDS)
    assert wait_after_wrong() == 0


def test_r6_tries_that_cannot_be_read_leave_no_free_ones(tmp_path: Path) -> None:
    clock = Clock()
    _vault(tmp_path).create(WORDS, by_itself=False)
    (tmp_path / "tries.json").write_text('{"wrong": 1e400}')
    with pytest.raises(StoreLocked) as refused:
        _vault(tmp_path, clock=clock).unlock("wrong horse battery")
    assert refused.value.wait_s == 30


def test_data_without_its_keys_is_told_and_no_new_keys_are_made(tmp_path: Path) -> None:
    keys = _vault(tmp_path).create(WORDS, by_itself=False)
    Database(tmp_path / DATABASE, keys).close()
    for file in tmp_path.glob("keys*"):
        file.unlink()
    with pytest.raises(KeysDamaged, match="lost its key file"):
        assert _vault(tmp_path).is_new


def test_the_key_file_of_another_store_is_told(tmp_path: Path) -> None:
    keys = _vault(tmp_path / "one").create(WORDS, by_itself=False)
    _vault(tmp_path / "two").create(WORDS, by_itself=False)
    Database(tmp_path / "one" / DATABASE, keys).close()
    for file in (tmp_path / "two").glob("keys*"):
        file.replace(tmp_path / "one" / file.name)
    with pytest.raises(WrongKey, match="not encrypted with the keys beside it"):
        Database(tmp_path / "one" / DATABASE, _vault(tmp_path / "one").unlock(WORDS))


def test_the_demo_opens_its_own_store_and_says_when_it_cannot(tmp_path: Path) -> None:
    keys = demo_keys(tmp_path)
    assert _same(demo_keys(tmp_path), keys)
    assert (tmp_path / "demo-key").stat().st_mode & 0o077 == 0
    (tmp_path / "demo-key").unlink()
    with pytest.raises(StoreLocked, match="--fresh"):
        demo_keys(tmp_path)
