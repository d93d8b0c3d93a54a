"""F9: VOI LUTs are unsigned, clamped, over 2^n - 1, their input rounded half up."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_voi
from pydicom.sequence import Sequence as Items

from tests.kit import grey_reference
from tests.kit.dcmtk import levels_by_dcmtk
from tests.kit.dicom_files import dataset, file, lut, written
from tests.kit.pictures import IDENTITY, stored
from viewer.loading.headers import read_header
from viewer.model.presentation import Presentation, Rescale, VoiLut
from viewer.model.study import Instance
from viewer.pixels import luts
from viewer.pixels.pipeline import PixelPipeline

RAMP = np.arange(-2048, 2048, dtype=np.int16)


def header(**values: Any) -> Instance:
    return read_header(io.BytesIO(file(**values)), name="file").instance


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_f09_levels_equal_the_text_and_pydicom(bits: int) -> None:
    entries = [n * ((1 << bits) - 1) // 255 for n in range(256)]
    table = VoiLut(-20, tuple(entries), bits)
    look = Presentation(table)
    ours = PixelPipeline(stored(), IDENTITY).table(look, bits=16)
    text = [grey_reference.level(sv, stored(), IDENTITY, look, 16) for sv in RAMP.tolist()]
    assert ours[RAMP.view(np.uint16)].tolist() == text
    ds = Dataset()
    item = Dataset()
    item.add_new("LUTDescriptor", "SS", [256, -20, bits])
    item.add_new("LUTData", "US", entries)
    ds.VOILUTSequence, ds.PixelRepresentation = [item], 1
    # with entries of 8 bits pydicom clips the input in bytes, so only inputs that fit are compared
    ramp = RAMP if bits > 8 else np.arange(-20, 107, dtype=np.int16)
    assert np.allclose(luts.voi_lut(ramp, table), apply_voi(ramp, ds) / ((1 << bits) - 1))


def test_f09_a_first_input_coded_unsigned_is_negative_with_signed_pixels() -> None:
    table = lut(-3, [0, 65535])
    assert table.LUTDescriptor[1] == 65533
    signed = header(PixelRepresentation=1, VOILUTSequence=Items([table]))
    assert signed.voi_luts[0].first == -3
    ds = dcmread(io.BytesIO(file(PixelRepresentation=1, VOILUTSequence=Items([table]))))
    with pytest.raises(OverflowError):  # pydicom takes it as it stands
        apply_voi(RAMP, ds)


def test_f09_the_sign_follows_modality_values_not_stored_ones() -> None:
    table = lut(-3, [0, 65535])
    below = header(RescaleSlope=1, RescaleIntercept=-1024, VOILUTSequence=Items([table]))
    assert below.voi_luts[0].first == -3
    above = header(BitsStored=16, HighBit=15, VOILUTSequence=Items([table]))
    assert above.voi_luts[0].first == 65533


def test_f09_an_input_between_two_entries_is_rounded_half_up() -> None:
    table = VoiLut(0, (10, 20, 30), 8)
    found = luts.voi_lut([-9, 0.49, 0.5, 1.49, 1.5, 99], table) * 255
    assert found.tolist() == pytest.approx([10, 10, 20, 20, 30, 30])
    # pydicom truncates 0.5 and 1.5 to the lower entry
    pipeline = PixelPipeline(stored(), Rescale(0.5, 0, ""))
    levels = pipeline.p_values(np.array([0, 1, 2, 3], "i2"), Presentation(table), bits=8)
    assert levels.tolist() == [10, 20, 20, 30]


def test_f09_the_descriptor_says_what_white_is_even_where_the_entries_do_not_reach_it() -> None:
    instance = header(VOILUTSequence=Items([lut(0, [0, 4095])]))
    assert instance.voi_luts[0].bits == 16
    assert "says 16 bits" in instance.repairs[0]
    assert luts.voi_lut(1, instance.voi_luts[0]) == pytest.approx(4095 / 65535)


def test_f09_entries_that_do_not_fit_the_descriptor_are_told() -> None:
    instance = header(VOILUTSequence=Items([lut(0, [0, 4095], 8)]))
    assert instance.voi_luts[0].bits == 12
    assert "12 are used" in instance.repairs[0]


def test_f09_entries_of_8_bits_may_be_packed_as_bytes() -> None:
    item = lut(0, [0, 1], 8)
    item.add_new(0x00283006, "OW", bytes([0, 90, 255, 128]))
    item.LUTDescriptor = [4, 0, 8]
    assert header(VOILUTSequence=Items([item])).voi_luts[0].entries == (0, 90, 255, 128)


def test_f09_packed_entries_lie_swapped_in_words_of_big_endian() -> None:
    """Which only OW does (PS3.5 8.1.1): the first entry is the low byte of its word."""
    item = lut(0, [0, 1], 8)
    item.add_new(0x00283006, "OW", bytes([90, 0, 128, 255]))
    item.LUTDescriptor = [4, 0, 8]
    data = written(dataset(VOILUTSequence=Items([item])), "1.2.840.10008.1.2.2")
    instance = read_header(io.BytesIO(data), name="file").instance
    assert instance.voi_luts[0].entries == (0, 90, 255, 128)


def test_f09_dcmtk_drops_bits(tmp_path: Path) -> None:
    entries = [n * 65535 // 4095 for n in range(4096)]
    ramp = np.linspace(0, 4095, 2000).astype("<u2").reshape(40, 50)
    data = written(
        dataset(
            Rows=40, Columns=50, PixelData=ramp.tobytes(),
            VOILUTSequence=Items([lut(0, entries)]),
        )
    )  # fmt: skip
    theirs = levels_by_dcmtk(data, tmp_path, "+Wl", "1", bits=8)
    p = np.array(entries)[ramp] / 65535 * 255
    assert np.array_equal(theirs, np.array(entries)[ramp] >> 8), "it drops the lower bits"
    instance = read_header(io.BytesIO(data), name="file").instance
    look = Presentation(instance.voi_luts[0])
    ours = PixelPipeline.of(instance).p_values(ramp, look, bits=8)
    assert np.array_equal(ours, np.floor(p + 0.5))
