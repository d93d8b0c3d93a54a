"""What is taken from the images, and what is not."""

import io
from datetime import timedelta

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import (
    CTImageStorage,
    EnhancedMRImageStorage,
    EnhancedSRStorage,
    MRImageStorage,
    PositronEmissionTomographyImageStorage,
    UltrasoundMultiFrameImageStorage,
)

from reporting.errors import ExportFailed
from reporting.export.objects import (
    frame_numbers,
    image_reference,
    measured_images,
    reference_to,
    software_version,
    source_of,
)
from reporting.export.sr import report_sr
from reporting.model.report import ReportContext
from tests.kit import reporting
from tests.kit.report_images import headers, image
from tests.kit.signed_forms import NOW, context, draft


def with_image(**changes: object) -> ReportContext:
    return context(image_headers=headers(image(**changes)))


def report(told: ReportContext, words: str = "Text.") -> Dataset:
    made = report_sr(reporting.draft(words, "Normal."), told, signed_at=NOW)
    return dcmread(io.BytesIO(made))


def test_takes_patient_and_study_from_the_image() -> None:
    identity = source_of(context()).identity
    assert identity.PatientName == "DOE^JANE"
    assert identity.PatientID == "4711"
    assert identity.IssuerOfPatientID == "Harbour Hospital"
    assert identity.StudyInstanceUID == reporting.STUDY
    assert identity.PatientWeight == 61.5
    assert "Manufacturer" not in identity


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("PatientWeight", "0"),
        ("PatientWeight", "0.00"),
        ("PatientWeight", "-3"),
        ("PatientSize", "0"),
        ("PatientAge", "12Y"),
        ("StudyDescription", "x" * 65),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_leaves_out_values_that_break_their_rules(keyword: str, value: str) -> None:
    assert keyword not in source_of(with_image(**{keyword: value})).identity


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("PatientSex", "U"),
        ("PatientSex", None),
        ("PatientBirthDate", "19721304"),
        ("PatientBirthDate", "unknown"),
        ("StudyTime", "25"),
        ("AccessionNumber", "A" * 17),
        ("PatientName", "A" * 65),
        ("StudyID", ["1", "2"]),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_empties_required_values_that_break_their_rules(keyword: str, value: object) -> None:
    identity = source_of(with_image(**{keyword: value})).identity
    assert identity.get(keyword) == ""


@pytest.mark.parametrize("damage", [b"DS\x04\x00abcd", b"ZZ\x04\x0061.5"])
def test_a_value_that_cannot_even_be_parsed_is_left_out(damage: bytes) -> None:
    weight = b"\x10\x00\x30\x10"
    data = headers().replace(weight + b"DS\x04\x0061.5", weight + damage)
    assert data != headers()
    assert "PatientWeight" not in source_of(context(image_headers=data)).identity


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "No image of this study was read"),
        (b"rubbish", "cannot be read as DICOM"),
        (headers(StudyInstanceUID="2.25.9"), "another study than the case"),
        (headers(SeriesInstanceUID=None), "lacks one of its identifiers"),
    ],
)
def test_images_that_cannot_be_used(data: bytes, sentence: str) -> None:
    with pytest.raises(ExportFailed, match=sentence):
        source_of(context(image_headers=data))


def test_refers_to_a_file() -> None:
    found = reference_to(headers())
    assert (found.study, found.series) == (reporting.STUDY, f"{reporting.STUDY}.3")
    assert (found.sop, found.sop_class) == (f"{reporting.STUDY}.3.141", CTImageStorage)
    with pytest.raises(ExportFailed):
        reference_to(b"")


def test_the_class_of_an_image_is_told_or_that_of_the_headers() -> None:
    told = context(sop_classes={reporting.frame(5).sop: MRImageStorage})
    source = source_of(told)
    assert image_reference(reporting.frame(5), told, source).SOPClassUID == MRImageStorage
    assert image_reference(reporting.frame(6), told, source).SOPClassUID == CTImageStorage
    elsewhere = reporting.frame(6, reporting.PRIOR)
    with pytest.raises(ExportFailed, match="measured image of another study"):
        image_reference(elsewhere, told, source)


def test_each_measured_image_once() -> None:
    twice = reporting.draft("x", "y", reporting.finding("m1"), reporting.finding("m2"))
    assert len(measured_images(twice, context(), source_of(context()))) == 1
    assert len(measured_images(draft(), context(), source_of(context()))) == 2


def test_frames_are_counted_from_one_where_there_can_be_several() -> None:
    first = reporting.frame()
    assert frame_numbers(first, CTImageStorage) is None
    assert frame_numbers(first, EnhancedSRStorage) is None
    assert frame_numbers(first, PositronEmissionTomographyImageStorage) is None
    assert frame_numbers(first, EnhancedMRImageStorage) == [1]
    assert frame_numbers(first, UltrasoundMultiFrameImageStorage) == [1]
    third = type(first)(first.study, first.series, first.sop, 2)
    assert frame_numbers(third, CTImageStorage) == [3]


def test_is_dated_by_the_act_of_signing() -> None:
    made = report(context())
    assert (made.ContentDate, made.ContentTime) == ("20261124", "120107")
    assert made.InstanceCreationDate == "20261124"
    observer = made.VerifyingObserverSequence[0]
    assert observer.VerificationDateTime == "20261124120107.000000+0900"
    assert "TimezoneOffsetFromUTC" not in made


@pytest.mark.parametrize(
    ("offset", "date", "time"), [("-0500", "20261123", "220107"), ("+0000", "20261124", "030107")]
)
def test_speaks_in_the_offset_of_the_images(offset: str, date: str, time: str) -> None:
    made = report(with_image(TimezoneOffsetFromUTC=offset))
    assert made.TimezoneOffsetFromUTC == offset
    assert (made.ContentDate, made.ContentTime) == (date, time)


@pytest.mark.parametrize("offset", ["+9900", "JST", "+05:30"])
def test_an_offset_that_is_none_is_not_taken(offset: str) -> None:
    assert source_of(with_image(TimezoneOffsetFromUTC=offset)).offset is None
    assert abs(NOW.utcoffset() or timedelta()) == timedelta(hours=9)


@pytest.mark.parametrize(
    ("images", "words", "wanted"),
    [
        (None, "Plain.", None),
        (None, "Größe.", "ISO_IR 192"),
        ("ISO_IR 6", "Größe.", "ISO_IR 192"),
        ("ISO_IR 100", "Größe.", "ISO_IR 100"),
        ("ISO_IR 100", "Größe 3 µm – x.", "ISO_IR 192"),
        ("ISO_IR 192", "Größe.", "ISO_IR 192"),
        ("GB18030", "结节", "GB18030"),
        (["ISO 2022 IR 6", "ISO 2022 IR 87"], "Plain.", None),
    ],
)
def test_keeps_the_character_set_of_the_images_while_it_can(
    images: object, words: str, wanted: str | None
) -> None:
    made = report(with_image(SpecificCharacterSet=images), words)
    assert made.get("SpecificCharacterSet") == wanted
    texts = [e.value for e in made.iterall() if e.keyword == "TextValue"]
    assert words in texts


def test_version_is_that_of_this_source_tree() -> None:
    project = (reporting.RESOURCES.parent / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{software_version()}"' in project
