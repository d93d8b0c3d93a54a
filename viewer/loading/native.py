"""Native pixels become samples; of a frame that is cut short the rows that are whole (F1, F4)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.errors import UndecodableFrame
from viewer.loading.colour_space import HALF_CHROMA
from viewer.loading.encoded import EncodedFrame
from viewer.loading.stored import expand_422, frame_bits, stored_dtype


def native_samples(frame: EncodedFrame) -> tuple[NDArray[Any], int]:
    """Samples as (rows, columns[, 3]) in native order, and how many rows from the top are there.

    UndecodableFrame when not one row is whole.
    """
    rows = _whole_rows(frame)
    if rows == 0:
        missing = -(-frame_bits(frame.stored) // 8) - len(frame.data)
        raise UndecodableFrame(
            f"The pixel data of this frame is cut short: {missing} bytes are missing.",
            where=frame.where,
        )
    if frame.stored.bits_allocated == 1:
        return _one_bit(frame), rows
    return _samples(frame), rows


def _whole_rows(frame: EncodedFrame) -> int:
    stored = frame.stored
    if not frame.cut_short:
        return stored.rows
    held = 8 * len(frame.data) - frame.bit_offset
    if stored.planar:
        # the planes follow each other: a row is there once the last plane has it
        held -= (stored.samples - 1) * stored.rows * stored.columns * stored.bits_allocated
        return max(held // (stored.columns * stored.bits_allocated), 0)
    return held // (frame_bits(stored) // stored.rows)


def _samples(frame: EncodedFrame) -> NDArray[Any]:
    stored = frame.stored
    dtype = stored_dtype(stored).newbyteorder(">" if frame.big_endian else "<")
    count = frame_bits(stored) // stored.bits_allocated
    if frame.cut_short:
        flat = np.zeros(count, dtype)
        held = len(frame.data) // dtype.itemsize
        flat[:held] = np.frombuffer(frame.data, dtype, held)
    else:
        flat = np.frombuffer(frame.data, dtype, count)
    flat = flat.astype(dtype.newbyteorder("="), copy=False)
    rows, columns, samples = stored.rows, stored.columns, stored.samples
    if samples == 1:
        return flat.reshape(rows, columns)
    if stored.photometric in HALF_CHROMA:
        return expand_422(flat, rows, columns)
    if stored.planar:
        return np.moveaxis(flat.reshape(samples, rows, columns), 0, -1)
    return flat.reshape(rows, columns, samples)


def _one_bit(frame: EncodedFrame) -> NDArray[Any]:
    stored = frame.stored
    bits = np.unpackbits(np.frombuffer(frame.data, np.uint8), bitorder="little")
    values = np.zeros(stored.rows * stored.columns, np.uint8)
    held = bits[frame.bit_offset :][: len(values)]
    values[: len(held)] = held
    shaped = values.reshape(stored.rows, stored.columns)
    return shaped.view(np.int8) if stored.signed else shaped
