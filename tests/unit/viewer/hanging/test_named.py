"""A study of several modalities opens with the images that its description names."""

from dataclasses import replace

import pytest

from tests.kit.viewer import ct_instance, series_of, sets_of, study_of
from viewer.hanging.hang import hang
from viewer.hanging.images import CaseImages
from viewer.model.study import Series, Study

_DERIVED = ("DERIVED", "SECONDARY", "OTHER")
_LOCALISER = ("ORIGINAL", "PRIMARY", "LOCALIZER")


def _series(uid: str, modality: str, count: int = 1, part: str = "", **more: object) -> Series:
    slices = [replace(ct_instance(uid, n), modality=modality, **more) for n in range(count)]  # type: ignore[arg-type] # a test's table
    return series_of(slices, body_part=part)


def _opens(description: str, *series: Series, asked: str = "") -> tuple[str, str]:
    study: Study = replace(study_of(*series), description=description)
    first = hang(CaseImages.of(study, (), sets_of(study), asked=asked)).cells[0]
    return first.target, first.why


@pytest.mark.parametrize("words", ["MR abdomen and others", "MRI of the liver", "abdomen, MRCP"])
def test_a_stray_image_of_another_modality_does_not_open_first(words: str) -> None:
    asked, stray = _series("1.2.1", "MR", image_type=_DERIVED), _series("1.2.2", "CT")
    opened, why = _opens(words, asked, stray)
    assert (opened, "of the modality it names" in why) == ("1.2.1", True)


def test_of_the_named_modality_another_body_part_does_not_open_first() -> None:
    asked, unsaid = _series("1.2.1", "MR", 2, "ABDOMEN"), _series("1.2.3", "MR", 4)
    other, stray = _series("1.2.2", "MR", 3, "SHOULDER"), _series("1.2.4", "CT")
    assert _opens("MR abdomen", asked, other, stray)[0] == "1.2.1"
    assert _opens("MR abdomen", asked, unsaid, other, stray)[0] == "1.2.3"


def test_the_body_part_decides_where_no_modality_is_named() -> None:
    stray = _series("1.2.2", "CT", 3, "HEAD")
    asked = _series("1.2.1", "MR", part="ABDOMEN")
    assert _opens("Abdomen, second opinion", asked, stray)[0] == "1.2.1"


def test_of_several_that_are_named_the_largest_opens_as_where_none_is() -> None:
    few, many = _series("1.2.1", "PT", 3), _series("1.2.2", "CT", 9)
    for words in ("PET/CT whole body", "", "Follow-up"):
        assert _opens(words, few, many)[0] == "1.2.2"
    assert _opens("PET whole body", few, many)[0] == "1.2.1"


def test_a_localiser_of_the_named_modality_alone_is_not_chosen_for_it() -> None:
    localiser, volume = _series("1.2.1", "MR", image_type=_LOCALISER), _series("1.2.2", "CT", 9)
    assert _opens("MR abdomen", localiser, volume)[0] == "1.2.2"


def test_one_modality_hangs_as_it_always_did() -> None:
    small, large = _series("1.2.1", "CT", 3, "CHEST"), _series("1.2.2", "CT", 9, "HEAD")
    assert _opens("MR chest", small, large) == ("1.2.2", "largest series of the current study")


def test_the_modality_of_the_order_decides_where_the_description_names_none() -> None:
    asked, stray = _series("1.2.1", "MR", 2), _series("1.2.2", "CT", 9)
    opened, why = _opens("Abdomen, second opinion", asked, stray, asked="MR")
    assert (opened, "modality of its order" in why) == ("1.2.1", True)
    assert _opens("CT abdomen", asked, stray, asked="MR")[0] == "1.2.2"
    assert _opens("Abdomen", asked, stray, asked="US")[0] == "1.2.2"
