"""Key object selections as highdicom writes them: title, purpose, images, reasons."""

import io

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from tests.kit.documents import REJECTED, bytes_of, ct_images, encapsulated, key_objects
from viewer.errors import UnsupportedSopClass
from viewer.loading.key_objects import read_key_objects
from viewer.model.key_objects import KeyObjects, Purpose


def read(ds: Dataset) -> KeyObjects:
    return read_key_objects(io.BytesIO(bytes_of(ds)), name="it")


@pytest.mark.parametrize(
    ("title", "purpose"),
    [
        (Code("113000", "DCM", "Of Interest"), Purpose.KEY),
        (Code("113013", "DCM", "Best In Set"), Purpose.KEY),
        (Code("113001", "DCM", "Rejected for Quality Reasons"), Purpose.REJECTED),
        (Code("113037", "DCM", "Rejected for Patient Safety Reasons"), Purpose.REJECTED),
        (Code("113038", "DCM", "Incorrect Modality Worklist Entry"), Purpose.REJECTED),
        (Code("113030", "DCM", "Manifest"), Purpose.LISTING),
    ],
)
def test_a_title_says_what_is_meant(title: Code, purpose: Purpose) -> None:
    found = read(key_objects(ct_images(2), title))
    assert (found.title, found.purpose) == (title.meaning, purpose)
    assert [link.sop for link in found.links] == ["1.2.3.1", "1.2.3.2"]
    assert found.ref.sop == "1.2.9.1"


def test_words_that_say_rejected_count_under_any_code() -> None:
    ds = key_objects(ct_images(1), REJECTED)
    ds.ConceptNameCodeSequence[0].CodeValue = "X1"
    ds.ConceptNameCodeSequence[0].CodingSchemeDesignator = "99LOCAL"
    assert read(ds).purpose is Purpose.REJECTED


def test_the_reason_of_a_rejection_is_told() -> None:
    ds = pydicom.dcmread(io.BytesIO(bytes_of(key_objects(ct_images(1), REJECTED))))
    modifier, name, value = Dataset(), Dataset(), Dataset()
    name.CodeValue, name.CodingSchemeDesignator = "113011", "DCM"
    name.CodeMeaning = "Document Title Modifier"
    value.CodeValue, value.CodingSchemeDesignator = "111210", "DCM"
    value.CodeMeaning = "Motion blur"
    modifier.RelationshipType, modifier.ValueType = "HAS CONCEPT MOD", "CODE"
    modifier.ConceptNameCodeSequence, modifier.ConceptCodeSequence = [name], [value]
    ds.ContentSequence.append(modifier)
    assert read(ds).words == "Rejected for Quality Reasons: Motion blur"


def test_a_frame_is_named_alone() -> None:
    ds = key_objects(ct_images(1))
    reference = ds.ContentSequence[-1].ReferencedSOPSequence[0]
    reference.ReferencedFrameNumber = [2, 5]
    named = [(link.frame, link.frame_alone) for link in read(ds).links if link.sop == "1.2.3.1"]
    assert named == [(1, True), (4, True)]
    assert [link.frame_alone for link in read(key_objects(ct_images(1))).links] == [False]


def test_another_object_is_refused() -> None:
    with pytest.raises(UnsupportedSopClass):
        read(encapsulated(b"%PDF"))
