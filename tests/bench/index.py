"""W2: headers of 5,000 instances. The index is what the peer is asked for: 14 values of each file.

Rates are per CPU second of one thread. Ours walks the whole header under its limits and converts
the 14 values; the records are everything that Lightbox ever reads of a header, as frozen facts.
"""

import os
from collections.abc import Callable
from functools import partial
from io import FileIO

from tests.bench import data
from tests.bench.table import Line, is_there, rates, show
from viewer.loading import tags
from viewer.loading.folder import FolderSource
from viewer.loading.guard import FileBytes
from viewer.loading.outline import load_compiled_walk, outline

ROUNDS = 3
_NAMES = (
    "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "PatientID",
    "PatientName", "Modality", "StudyDate", "SeriesNumber", "InstanceNumber", "Rows", "Columns",
    "ImagePositionPatient", "SliceThickness",
)  # fmt: skip
_UIDS = (tags.SOP_CLASS, tags.SOP_INSTANCE, tags.STUDY, tags.SERIES)
_TEXTS = (tags.PATIENT_ID, tags.PATIENT_NAME, tags.MODALITY, tags.STUDY_DATE)


def main() -> None:
    """Measure and print."""
    load_compiled_walk()
    folder = data.headers()
    files = sorted(str(file) for file in folder.iterdir())
    acts: dict[str, Callable[[], object]] = {
        "read": partial(_each, files, _only_read),
        "index": partial(_each, files, _index),
        "records": lambda: FolderSource().scan([folder]),
    }
    if is_there("dicomsdl"):
        acts["dicomsdl"] = partial(_each, files, _dicomsdl)
    measured = rates(ROUNDS, len(files), acts)
    few = files[:: len(files) // 500]
    pydicom = rates(1, len(few), {"pydicom": partial(_each, few, _pydicom)})["pydicom"]
    limit, sdl = measured["read"], measured.get("dicomsdl")
    show(
        f"W2 headers of {len(files)} instances, files a CPU second (limit: open and read 32 KB)",
        [
            Line(
                "index, 14 values", "files/s", ("dicomsdl", sdl), limit, measured["index"], "≥ 2 ×"
            ),
            Line("index, 14 values", "files/s", ("pydicom", pydicom), limit, measured["index"]),
            Line("whole records", "files/s", ("dicomsdl", sdl), limit, measured["records"]),
            Line("whole records", "files/s", ("pydicom", pydicom), limit, measured["records"]),
        ],
    )


def _each(files: list[str], act: Callable[[str], object]) -> None:
    for file in files:
        act(file)


def _only_read(file: str) -> bytes:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        return os.read(descriptor, 32768)
    finally:
        os.close(descriptor)


def _index(file: str) -> tuple[object, ...]:
    with FileIO(file) as opened:
        fields = outline(FileBytes(opened), where=file).fields
    return (
        *map(fields.uid, _UIDS), *map(fields.text, _TEXTS),
        fields.integer(tags.SERIES_NUMBER), fields.integer(tags.INSTANCE_NUMBER),
        fields.short(tags.ROWS), fields.short(tags.COLUMNS),
        fields.numbers(tags.POSITION), fields.number(tags.CORNER["SliceThickness"]),
    )  # fmt: skip


def _dicomsdl(file: str) -> list[object]:
    import dicomsdl

    read = dicomsdl.open(file)
    return [getattr(read, name) for name in _NAMES]


def _pydicom(file: str) -> list[object]:
    import pydicom

    read = pydicom.dcmread(file, stop_before_pixels=True)
    return [getattr(read, name) for name in _NAMES]
