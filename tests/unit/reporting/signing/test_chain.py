"""Which signers are trusted, and when."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from reporting.errors import ReportingError
from reporting.signing.chain import judge, load_roots
from reporting.signing.verdict import Trust
from tests.kit.identities import SIGNED_AT, Recipe, authority, identity, reader, usage


def test_roots_come_from_pem_files_one_or_many(tmp_path: Path) -> None:
    one, two = authority(), authority("Somebody Else")
    both = tmp_path / "both.pem"
    both.write_bytes(b"".join(a.certificate.public_bytes(Encoding.PEM) for a in (one, two)))
    assert load_roots([both]) == (one.certificate, two.certificate)
    assert load_roots([]) == ()


def test_files_of_roots_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    with pytest.raises(ReportingError, match=r"none\.pem cannot be read: No such file"):
        load_roots([tmp_path / "none.pem"])
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing")
    with pytest.raises(ReportingError, match=r"empty\.pem holds no certificate"):
        load_roots([empty])


def test_without_roots_the_chain_is_not_checked() -> None:
    trust, why = judge(reader().certificate, (), (), at=SIGNED_AT)
    assert trust is Trust.UNCHECKED
    assert "not checked" in why


def test_a_chain_to_the_root_is_trusted() -> None:
    trust, _ = judge(reader().certificate, (), [authority().certificate], at=SIGNED_AT)
    assert trust is Trust.TRUSTED


def test_an_unknown_issuer_is_not() -> None:
    other = authority("Somebody Else").certificate
    trust, why = judge(reader().certificate, (), [other], at=SIGNED_AT)
    assert trust is Trust.UNTRUSTED
    assert "does not lead to a trusted root" in why


def test_an_issuer_of_the_same_name_with_another_key_is_not() -> None:
    forged = identity(issued_by="Somebody Else")
    recipe = Recipe(common_name="Test Signing Authority", extensions=[])
    namesake = identity(recipe, issued_by="Somebody Else").certificate
    assert judge(forged.certificate, (), [namesake], at=SIGNED_AT)[0] is Trust.UNTRUSTED


def test_certificates_beside_the_signature_help_and_rubbish_does_not_hurt() -> None:
    others = [b"rubbish", authority().der]
    trust, _ = judge(reader().certificate, others, [authority().certificate], at=SIGNED_AT)
    assert trust is Trust.TRUSTED


def test_time_is_judged_at_signing() -> None:
    short = identity(Recipe(not_after=SIGNED_AT + timedelta(days=1))).certificate
    roots = [authority().certificate]
    assert judge(short, (), roots, at=SIGNED_AT)[0] is Trust.TRUSTED
    trust, why = judge(short, (), roots, at=SIGNED_AT + timedelta(days=2))
    assert trust is Trust.UNTRUSTED
    assert "expired" in why
    assert judge(short, (), (), at=SIGNED_AT + timedelta(days=2))[0] is Trust.UNTRUSTED


def test_without_a_stated_time_it_is_judged_now() -> None:
    past = datetime.now(UTC) - timedelta(days=1)
    old = identity(Recipe(not_before=past - timedelta(days=9), not_after=past)).certificate
    assert judge(old, (), (), at=None)[0] is Trust.UNTRUSTED


def test_a_certificate_for_another_use_is_not_trusted() -> None:
    wrong = identity(Recipe(extensions=[usage("key_encipherment")])).certificate
    trust, why = judge(wrong, (), [authority().certificate], at=SIGNED_AT)
    assert trust is Trust.UNTRUSTED
    assert "not meant for signatures" in why
