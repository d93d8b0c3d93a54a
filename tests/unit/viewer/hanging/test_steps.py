"""Steps from series to series and from study to study, as the series panel lists them."""

from tests.kit.viewer import ct_instance, series_of, sets_of, study_of
from viewer.hanging.images import CaseImages
from viewer.hanging.steps import series_beside, study_beside
from viewer.model.display_set import DisplaySet
from viewer.model.study import Series, Study

CURRENT = study_of(*(series_of([ct_instance(f"1.2.{n}", 0)], number=n) for n in (1, 2)), uid="1.2")
PRIOR = study_of(series_of([ct_instance("1.3.1", 0, study="1.3")]), uid="1.3", date="20251120")
SETS = sets_of(CURRENT, PRIOR)
IMAGES = CaseImages.of(CURRENT, (PRIOR,), SETS)


def _set(study: Study, n: int) -> DisplaySet:
    series: Series = study.series[n]
    return SETS[series.uid][0]


def test_series_run_on_into_the_prior_and_end() -> None:
    first, second, prior = _set(CURRENT, 0), _set(CURRENT, 1), _set(PRIOR, 0)
    assert series_beside(IMAGES, first, 1) == second.id
    assert series_beside(IMAGES, second, 1) == prior.id
    assert series_beside(IMAGES, prior, 1) is None
    assert series_beside(IMAGES, first, -1) is None


def test_studies_begin_with_their_first_series() -> None:
    second, prior = _set(CURRENT, 1), _set(PRIOR, 0)
    assert study_beside(IMAGES, second, 1) == prior.id
    assert study_beside(IMAGES, prior, -1) == _set(CURRENT, 0).id
    assert study_beside(IMAGES, second, -1) is None
    assert study_beside(IMAGES, prior, 1) is None


def test_where_nothing_is_shown_the_first_comes() -> None:
    assert series_beside(IMAGES, None, 1) == _set(CURRENT, 0).id
    assert study_beside(IMAGES, None, 1) == _set(CURRENT, 0).id
    empty = CaseImages.of(study_of(uid="1.4"), (), {})
    assert series_beside(empty, None, 1) is None
    assert study_beside(empty, None, 1) is None
