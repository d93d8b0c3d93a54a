"""The names of SOP Classes are those of PS3.6, as pydicom lists them."""

import tomllib
from pathlib import Path

from pydicom.uid import UID

NAMES = Path(__file__).parents[2] / "resources" / "sop_classes.toml"
NEWER = {
    "1.2.840.10008.5.1.4.1.1.66.7",
    "1.2.840.10008.5.1.4.1.1.66.8",
}
"""Label and height map segmentations, which pydicom does not know yet."""


def test_every_name_is_the_standards() -> None:
    names = tomllib.loads(NAMES.read_text("utf-8"))
    assert len(names) > 180
    for uid, name in names.items():
        theirs = UID(uid).name.replace(" Storage", "").replace(" SOP Class", "")
        assert name == theirs or (uid in NEWER and theirs == uid)


def test_every_storage_class_of_an_image_or_document_is_named() -> None:
    names = tomllib.loads(NAMES.read_text("utf-8"))
    for uid in ("1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.88.67",
                "1.2.840.10008.5.1.4.1.1.481.5", "1.2.840.10008.5.1.4.38.1"):  # fmt: skip
        assert uid in names
