"""Structured reports with bytes changed anywhere give measurements or a sentence, nothing else."""

import io

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.stored_reports import LENGTH, group, number, scoord, scoord_3d, stored_report
from tests.kit.viewer import ct_instance
from viewer.errors import ViewerError
from viewer.loading.stored_measurements import read_measurements
from viewer.measure.foreign import placed
from viewer.measure.foreign_reading import read_foreign
from viewer.measure.registry import Ground

IMAGE = ct_instance("1.1", 1, space="1.9")
WHOLE = stored_report(
    group(number(LENGTH, "7.0", "mm", scoord("POLYLINE", [10.5, 20.5, 20.5, 20.5], "1.1.1"))),
    group(scoord("ELLIPSE", [2, 9, 20, 9, 11, 5, 11, 13], "1.1.1")),
    group(scoord_3d("POLYGON", [0, 0, 1, 5, 0, 1, 5, 5, 1, 0, 0, 1], "1.9")),
)


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=6))
def test_changed_bytes_are_no_fault_of_ours(changes: list[tuple[int, int]]) -> None:
    data = bytearray(WHOLE)
    for at, value in changes:
        data[at] = value
    try:
        report = read_measurements(io.BytesIO(bytes(data)), name="1.2")
    except ViewerError:
        return
    if report is None:
        return
    found, told = placed(report, {IMAGE.ref.sop: IMAGE})
    assert all(sentence.endswith(".") for sentence in told)
    for one in found:
        said = " ".join(
            (*read_foreign(one, Ground(IMAGE)).lines, *read_foreign(one, Ground(IMAGE)).notes)
        )
        assert "nan" not in said.lower().split()
        assert "inf" not in said.lower().split()
