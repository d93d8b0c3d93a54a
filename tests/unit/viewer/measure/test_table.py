"""The CSV table: RFC 4180, units apart, nothing that a spreadsheet would run."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from tests.kit.annotations import annotation
from tests.kit.space import SpaceSeries
from tests.kit.viewer import ct_instance, series_of, study_of
from viewer.measure.registry import Ground
from viewer.measure.table import Listed, as_csv, plain
from viewer.model.annotation import AnnotationKind, Provenance
from viewer.model.geometry import PointLps

K = AnnotationKind
SLICE = ct_instance()
STUDY = study_of(series_of([SLICE]))
ELLIPSE = annotation(K.ELLIPSE, SLICE, (10, 5), (10, 15), (4, 10), (16, 10))


def rows(*listed: Listed, identity: bool = False) -> list[list[str]]:
    text = as_csv(listed, identity=identity)
    assert text.endswith("\r\n")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def test_every_number_of_a_shape_has_its_line() -> None:
    ground = Ground(SLICE, np.full((64, 48), 1064, np.int16))
    head, *lines = rows(Listed(ELLIPSE, ground, STUDY, "Series 3, image 1"))
    named = [dict(zip(head, line, strict=True)) for line in lines]
    area = named[0]
    assert float(area["value"]) == pytest.approx(np.pi * 5 * 6 * 0.49, rel=1e-12)
    assert (area["unit"], area["calibration"]) == ("mm2", "PATIENT")
    mean = next(n for n in named if n["derivation"] == "Mean")
    assert (mean["value"], mean["unit"], mean["calibration"]) == ("40.0", "[hnsf'U]", "NONE")


def test_what_is_not_here_is_said_and_no_number_invented() -> None:
    head, line = rows(Listed(ELLIPSE, None, None, ""))
    named = dict(zip(head, line, strict=True))
    assert named["value"] == ""
    assert "not here" in named["note"]
    assert "pixel values are not here" in rows(Listed(ELLIPSE, Ground(SLICE), STUDY, ""))[1][-1]


@pytest.mark.parametrize("bad", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=1", "  =1", "＝1"])
def test_text_that_begins_a_formula_is_guarded(bad: str) -> None:
    assert plain(bad) == f"'{bad}"
    made_by = Provenance(bad, ELLIPSE.made_by.made_at)
    named = replace(ELLIPSE, text=bad, finding=bad, made_by=made_by)
    head, line = rows(Listed(named, None, replace(STUDY, description=bad), bad), identity=True)
    said = dict(zip(head, line, strict=True))
    for column in ("study", "image", "finding", "name", "author"):
        assert said[column] == f"'{bad}"


@pytest.mark.parametrize("text", ['a "b", c', "two\nlines", "肺, 左", "5 = 4 + 1"])
def test_any_text_comes_back(text: str) -> None:
    head, line = rows(Listed(replace(ELLIPSE, text=text), None, STUDY, ""))
    assert dict(zip(head, line, strict=True))["name"] == text


def test_a_measurement_that_does_not_fit_its_image_is_told() -> None:
    head, line = rows(Listed(ELLIPSE, Ground(ct_instance(n=77)), STUDY, ""))
    assert dict(zip(head, line, strict=True))["note"] == "The measurement belongs to another image."


def test_values_in_space_that_are_not_taken_yet_are_said_to_lack() -> None:
    series = SpaceSeries(lambda p: p[..., 2], count=8)
    ball = series.annotation(K.SPHERE, series.middle, series.middle.plus(PointLps(4, 0, 0)))
    ground = Ground(series.instance_of(ball), series.pixels[4])  # one image is here, not all
    assert "pixel values are not here" in rows(Listed(ball, ground, STUDY, ""))[1][-1]
