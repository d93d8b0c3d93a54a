"""A header says what the standard says it means, and what it lacks is told (F5, F8–F11, F14)."""

import io
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from tests.kit import dicom_files
from tests.kit.dicom_files import CR, MR, enhanced, file, frame_groups, lut
from viewer.errors import HeaderError
from viewer.loading.decoders import decode_frame
from viewer.loading.encoded import cut_frame
from viewer.loading.guard import PlainBytes
from viewer.loading.headers import HeaderRead, assemble, read_header
from viewer.loading.outline import outline
from viewer.model.geometry import PointLps, Spacing
from viewer.model.presentation import ModalityLut, Rescale, VoiFunction, VoiLut
from viewer.model.study import Instance, Photometric


def _read(data: bytes) -> HeaderRead:
    return read_header(io.BytesIO(data), name="file")


def _instance(**values: Any) -> Instance:
    return _read(file(**values)).instance


def test_a_plain_ct() -> None:
    read = _read(file(RescaleSlope=1, RescaleIntercept=-1024, SliceThickness="2.5"))
    instance = read.instance
    assert read.study.patient.name == "Test^Patient"
    assert (read.study.patient.id, read.study.patient.birth_date) == ("T-1", "19700102")
    assert read.series.number == 1
    assert instance.modality_lut == Rescale(1.0, -1024.0, "HU")
    assert instance.pixel_spacing == Spacing(0.5, 0.25)
    plane = instance.planes[0]
    assert plane is not None
    assert plane.position == PointLps(0, 0, 1)
    assert plane.spacing == Spacing(0.5, 0.25)
    assert instance.corner["SliceThickness"] == "2.5"
    assert instance.repairs == ()
    assert instance.lossy == ""
    assert instance.per_frame == ()


@pytest.mark.parametrize(
    ("values", "unit"),
    [
        ({"Modality": "CT", "RescaleType": "US"}, ""),
        ({"Modality": "CT", "RescaleType": "Z_EFF"}, "Z_EFF"),
        ({"Modality": "PT", "Units": "BQML"}, "Bq/ml"),
        ({"Modality": "MR"}, ""),
    ],
)
def test_the_unit_of_modality_values(values: dict[str, str], unit: str) -> None:
    step = _instance(RescaleSlope=2, RescaleIntercept=0, **values).modality_lut
    assert step.unit == unit


def test_a_modality_lut_wins_and_its_first_value_follows_the_pixels() -> None:
    table = lut(-3, [40000, 65535, 7], ModalityLUTType="OD")
    instance = _instance(
        ModalityLUTSequence=Items([table]), RescaleSlope=2, RescaleIntercept=1,
        PixelRepresentation=1,
    )  # fmt: skip
    assert instance.modality_lut == ModalityLut(-3, (40000, 65535, 7), "OD")


def test_a_slope_of_zero_is_not_used() -> None:
    instance = _instance(RescaleSlope=0, RescaleIntercept=5)
    assert instance.modality_lut == Rescale(1.0, 0.0, "")
    assert any("Slope is 0" in repair for repair in instance.repairs)


def test_windows_with_explanations_and_function() -> None:
    instance = _instance(
        WindowCenter=[40, -600], WindowWidth=[400, 1500],
        WindowCenterWidthExplanation=["SOFT", "LUNG"], VOILUTFunction="SIGMOID",
    )  # fmt: skip
    assert [(w.centre, w.width, w.explanation) for w in instance.windows] == [
        (40, 400, "SOFT"),
        (-600, 1500, "LUNG"),
    ]
    assert {w.function for w in instance.windows} == {VoiFunction.SIGMOID}


def test_a_narrow_linear_window_becomes_exact_and_says_so() -> None:
    instance = _instance(WindowCenter=0.5, WindowWidth=0.25)
    assert instance.windows[0].function is VoiFunction.LINEAR_EXACT
    assert any("LINEAR_EXACT" in repair for repair in instance.repairs)


def test_a_window_of_no_width_is_left_out() -> None:
    instance = _instance(WindowCenter=[1, 2], WindowWidth=[0, 10])
    assert [w.centre for w in instance.windows] == [2]
    assert any("width 0" in repair for repair in instance.repairs)


def test_a_voi_lut_for_signed_input_starts_below_zero() -> None:
    table = lut(-3, [0, 100, 4095], bits=12, LUTExplanation="BONE")
    instance = _instance(VOILUTSequence=Items([table]), RescaleSlope=1, RescaleIntercept=-1024)
    assert instance.voi_luts == (VoiLut(-3, (0, 100, 4095), 12, "BONE"),)


def test_a_voi_lut_for_unsigned_input_keeps_its_first_value() -> None:
    table = lut(40000, [1, 2], bits=8)
    instance = _instance(VOILUTSequence=Items([table]), BitsStored=16, HighBit=15)
    assert instance.voi_luts[0].first == 40000


def test_a_lut_that_needs_more_bits_than_it_says_is_mended() -> None:
    instance = _instance(VOILUTSequence=Items([lut(0, [0, 5000], bits=10)]))
    assert instance.voi_luts[0].bits == 13
    assert any("13 are used" in repair for repair in instance.repairs)


def test_padding_is_signed_as_the_pixels_are() -> None:
    ds = dicom_files.dataset(PixelRepresentation=1, BitsStored=16, HighBit=15)
    ds.add_new(0x00280120, "US", 63536)
    ds.add_new(0x00280121, "US", 63540)
    stored = _read(dicom_files.written(ds)).instance.format
    assert stored is not None
    assert stored.padding == (-2000, -1996)


def test_enhanced_frames_keep_their_own_meaning() -> None:
    groups = [frame_groups(0, 1, 0, 10), frame_groups(5, 2, -50, 20), frame_groups(10, 1, 0, 30)]
    instance = _read(enhanced(groups, np.zeros((3, 4, 5)))).instance
    steps = [instance.at(i).modality_lut for i in range(3)]
    assert steps == [Rescale(1, 0, ""), Rescale(2, -50, ""), Rescale(1, 0, "")]
    assert [instance.at(i).windows[0].centre for i in range(3)] == [10, 20, 30]
    assert [p.position.z for p in instance.planes if p] == [0, 5, 10]
    assert instance.at(1).pixel_spacing == Spacing(0.5, 0.25)


def test_a_classic_multi_frame_position_is_not_spread_over_its_frames() -> None:
    instance = _instance(NumberOfFrames=2, PixelData=bytes(80))
    assert instance.planes == (None, None)


def test_a_projection_has_detector_spacing_and_no_plane() -> None:
    instance = _instance(
        SOPClassUID=CR, Modality="CR", ImagerPixelSpacing=[0.14, 0.15],
        EstimatedRadiographicMagnificationFactor=1.07, DistanceSourceToDetector=1800,
        PatientOrientation=["L", "F"], ViewPosition="PA", Laterality="R",
    )  # fmt: skip
    assert instance.planes == (None,)
    assert instance.projection is not None
    assert instance.projection.imager_spacing == Spacing(0.14, 0.15)
    assert instance.projection.magnification == 1.07
    assert instance.projection.source_to_detector == 1800
    assert instance.patient_orientation == ("L", "F")
    assert (instance.laterality, instance.view_position) == ("R", "PA")


def test_directions_are_mended_a_little_and_refused_beyond() -> None:
    mended = _instance(ImageOrientationPatient=[0.999, 0, 0, 0, 1.0, 0.01])
    assert mended.planes[0] is not None
    assert mended.planes[0].row.norm == pytest.approx(1, abs=1e-12)
    assert any("perpendicular unit" in repair for repair in mended.repairs)
    refused = _instance(ImageOrientationPatient=[1, 0, 0, 1, 0, 0])
    assert refused.planes == (None,)
    assert any("not a pair of directions" in repair for repair in refused.repairs)


@pytest.mark.parametrize(
    ("values", "syntax", "mark"),
    [
        ({"LossyImageCompression": "01", "LossyImageCompressionRatio": 10,
          "LossyImageCompressionMethod": "ISO_10918_1"}, "1.2.840.10008.1.2.1", "JPEG 10:1"),
        ({"LossyImageCompression": "01"}, "1.2.840.10008.1.2.1", "unknown method"),
        ({}, "1.2.840.10008.1.2.4.50", "JPEG about 10:1"),
        ({}, "1.2.840.10008.1.2.4.91", "JPEG 2000 about 10:1"),
        ({"LossyImageCompression": "00"}, "1.2.840.10008.1.2.4.91", ""),
        ({}, "1.2.840.10008.1.2.4.90", ""),
    ],
)  # fmt: skip
def test_losses_are_told(values: dict[str, Any], syntax: str, mark: str) -> None:
    data = dicom_files.encoded([b"\xff\xd8\xff\xd9"], syntax, **values)
    assert _read(data).instance.lossy == mark


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"BitsStored": 17}, "Bits Stored is 17 of 16"),
        ({"BitsStored": 0}, "Bits Stored is 0 of 16"),
        ({"PhotometricInterpretation": "CMYK"}, "CMYK cannot be shown"),
        ({"Rows": None}, "does not say its Rows"),
        ({"NumberOfFrames": 65535}, "Number of Frames is 65535"),
        ({"SOPClassUID": "1.2.840.10008.1.3.10"}, "directory file"),
    ],
)
def test_what_cannot_be_shown_is_refused(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(HeaderError, match=sentence):
        _instance(**values)


@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"HighBit": 255}, "High Bit is 255; 11 is used"),
        ({"BitsStored": None, "HighBit": 15}, "Bits Stored is missing; 16"),
        ({"PhotometricInterpretation": None}, "MONOCHROME2 is assumed"),
        ({"SamplesPerPixel": 3}, "RGB is used"),
        ({"StudyInstanceUID": None}, "no Study Instance UID"),
        ({"PixelData": None}, "no pixel data"),
        ({"SOPInstanceUID": "../../etc/x"}, "not a valid UID"),
    ],
)
def test_what_is_tolerated_is_told(values: dict[str, Any], sentence: str) -> None:
    assert any(sentence in repair for repair in _instance(**values).repairs)


@pytest.mark.parametrize(
    ("syntax", "sentence"),
    [
        ("1.2.840.10008.1.2.4.110", "Nothing here decodes the transfer syntax 1.2.840.10008.1"),
        ("1.2.840.10008.1.2.4.90", "not in fragments, but the transfer syntax"),
        ("1.2.840.10008.1.2.1", ""),
    ],
)
def test_what_no_decoder_takes_is_told_before_it_is_asked_for(syntax: str, sentence: str) -> None:
    data = file().replace(b"1.2.840.10008.1.2.1\0", b"")
    meta = syntax.encode() + b"\0" * (len(syntax) % 2)
    at = data.index(b"\x02\x00\x10\x00UI") + 6
    data = data[:at] + len(meta).to_bytes(2, "little") + meta + data[at + 2 :]
    repairs = _read(data).instance.repairs
    assert any(sentence in repair for repair in repairs) if sentence else not repairs


def test_hidden_characters_of_text_are_shown() -> None:
    read = _read(file(SpecificCharacterSet="ISO_IR 192", StudyDescription="a\u202eb\x07c"))
    assert read.study.description == "a\\u202eb\\u0007c"


def test_document_without_pixels() -> None:
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.88.11", "1.2.3.4"
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.Modality = "1.2.3", "1.2.3.1", "SR"
    instance = _read(dicom_files.written(ds)).instance
    assert instance.format is None
    assert instance.frames == 1
    assert instance.planes == ()


def test_colour_has_no_padding_and_no_window() -> None:
    ds = dicom_files.dataset(
        PhotometricInterpretation="RGB", SamplesPerPixel=3, PlanarConfiguration=1,
        BitsAllocated=8, BitsStored=8, HighBit=7, PixelData=bytes(60),
        WindowCenter=1, WindowWidth=2,
    )  # fmt: skip
    ds.add_new(0x00280120, "US", 0)
    instance = _read(dicom_files.written(ds)).instance
    assert instance.format is not None
    assert instance.format.photometric is Photometric.RGB
    assert instance.format.planar
    assert instance.format.padding is None
    assert instance.windows == ()


def test_split_values_of_private_diffusion() -> None:
    ds = dicom_files.dataset(SOPClassUID=MR, Modality="MR")
    ds.add_new(0x00190010, "LO", "SIEMENS MR HEADER")
    ds.add_new(0x0019100C, "IS", "800")
    assert _read(dicom_files.written(ds)).instance.split_keys["DiffusionBValue"] == "800"


def test_assembling_keeps_the_first_of_each_and_names_another_patient() -> None:
    reads = [
        _read(file(1)),
        _read(file(2, series="2")),
        _read(file(1, InstanceNumber=9)),
        _read(file(3, PatientID="T-2")),
    ]
    (study,) = assemble(reads)
    assert [len(series.instances) for series in study.series] == [2, 1]
    assert study.series[0].instances[0].number == 1
    assert any("another patient" in repair for repair in study.series[0].instances[1].repairs)


@pytest.mark.parametrize(
    ("true", "said"),
    [
        ("1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"),
        ("1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1"),
    ],
)
def test_the_byte_order_is_that_of_the_data_set_whatever_is_said(true: str, said: str) -> None:
    pixels = np.arange(20, dtype="<u2" if true.endswith(".1") else ">u2").tobytes()
    data = dicom_files.file(syntax=true, PixelData=pixels).replace(true.encode(), said.encode(), 1)
    header = _read(data).instance
    assert any("endian, the data set is" in repair for repair in header.repairs)
    decoded = decode_frame(cut_frame(outline(PlainBytes(data), where="file"), 0, header))
    assert decoded.pixels.ravel().tolist() == list(range(20))
