"""What a pane shows, in words."""

import pytest

from viewer.model.presentation import Presentation, VoiFunction, Window
from viewer.viewport.words import age_text, window_text


@pytest.mark.parametrize(
    ("born", "at", "stated", "age"),
    [
        ("1972-03-04", "20261124", "", "54 y"),
        ("19720304", "2026-03-03", "", "53 y"),
        ("19720304", "20260304", "", "54 y"),
        ("20240301", "20260228", "", "23 mo"),
        ("20240301", "20260301", "", "2 y"),
        ("20261101", "20261130", "", "29 d"),
        ("20261124", "20261124", "", "0 d"),
        ("20270101", "20261124", "", ""),  # not born yet: no age is right
        ("11111111", "20261124", "", ""),  # as written where a date was taken out
        ("", "20261124", "054Y", "54 y"),
        ("1972", "20261124", "003M", "3 mo"),
        ("19720304", "", "002W", "2 wk"),
        ("", "", "000Y", ""),  # as written where an age was taken out
        ("", "", "Y", ""),
        ("", "", "54", ""),
        ("", "", "", ""),
    ],
)
def test_an_age_counts_whole_years_or_months_or_days(
    born: str, at: str, stated: str, age: str
) -> None:
    assert age_text(born, at, stated) == age


def test_an_uptake_window_is_told_before_its_raw_values() -> None:
    raw = Window(6214.5, 12429.0, "PET body, SUV 0–6", VoiFunction.LINEAR_EXACT)
    text = "PET body, SUV 0–6 · W 12429 L 6214 linear exact"
    assert window_text(Presentation(voi=raw), grey=True) == text
