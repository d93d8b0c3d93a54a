"""Titles of key images are those of the standard, as pydicom lists them (CID 7010)."""

import pytest
from pydicom.sr.codedict import codes

from tests.kit.viewer import NOW, chest, frame_of
from viewer.model.annotation import Provenance
from viewer.model.key_mark import LONGEST_NOTE, KeyMark, KeyTitle


def test_every_title_has_the_words_of_the_standard() -> None:
    listed = [getattr(codes.cid7010, name) for name in dir(codes.cid7010)]
    known = {c.value: c.meaning for c in listed if hasattr(c, "value")}
    for title in KeyTitle:
        assert known[title.value] == title.meaning
    assert not any("Reject" in title.meaning for title in KeyTitle)


def test_a_note_stands_with_its_title_and_has_an_end() -> None:
    frame, by = frame_of(chest(1).series[0].instances[0]), Provenance("Dr. Ito", NOW)
    assert KeyMark(frame, by).words == "Of Interest"
    assert KeyMark(frame, by, KeyTitle.SURGERY, "the stone").words == "For Surgery: the stone"
    with pytest.raises(ValueError, match="at most"):
        KeyMark(frame, by, note="x" * (LONGEST_NOTE + 1))
