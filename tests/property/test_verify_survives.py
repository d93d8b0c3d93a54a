"""Whatever is done to a signed file, verification answers and never takes another text for ours."""

import json
import random
from collections.abc import Callable

import pytest

from reporting.errors import NothingToVerify
from reporting.signing.verdict import Verdict
from reporting.signing.verify_dicom import verify_dicom
from reporting.signing.verify_json import verify_json
from reporting.signing.verify_pdf import verify_pdf
from tests.kit.identities import authority
from tests.kit.signed_forms import signed

_Check = Callable[..., tuple[Verdict, ...]]
FORMS: dict[str, tuple[_Check, Callable[[], bytes]]] = {
    "PDF": (verify_pdf, lambda: signed().pdf),
    "FHIR": (verify_json, lambda: signed().bundle.encode()),
    "JWS": (verify_json, lambda: json.dumps(signed().flattened()).encode()),
    "DICOM": (verify_dicom, lambda: signed().sr),
}
ROUNDS = 250


def damaged(data: bytes, dice: random.Random) -> bytes:
    """The file with one to eight places overwritten, cut out or stuffed."""
    found = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 8))):
        kind, at = dice.random(), dice.randrange(len(found))
        if kind < 0.6:
            found[at] = dice.randrange(256)
        elif kind < 0.8:
            del found[at : at + dice.randrange(1, 40)]
        else:
            found[at:at] = dice.randbytes(dice.randrange(1, 20))
    return bytes(found)


@pytest.mark.parametrize("form", list(FORMS))
@pytest.mark.parametrize("seed", range(3))
def test_damage_is_answered(form: str, seed: int) -> None:
    check, whole = FORMS[form]
    dice = random.Random(seed)
    for _ in range(ROUNDS):
        data = damaged(whole(), dice)
        try:
            verdicts = check(data, "file", (authority().certificate,))
        except NothingToVerify:
            continue
        assert verdicts
        if form == "JWS" and all(verdict.valid for verdict in verdicts):
            assert json.loads(data)["payload"] == signed().flattened()["payload"]


@pytest.mark.parametrize("form", ["PDF", "DICOM"])
def test_no_changed_byte_of_what_is_read_goes_unseen(form: str) -> None:
    """The bytes of the text itself: each one, one bit changed."""
    check, whole = FORMS[form]
    data = whole()
    text = b"Report" if form == "PDF" else b"nodule in the right upper lobe"
    start = data.index(text)
    for at in range(start, start + len(text)):
        changed = data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :]
        assert not all(verdict.valid for verdict in check(changed, "file", ()))
