"""What comes before and after a display set: the next series, the start of the next study."""

from viewer.hanging.images import CaseImages
from viewer.model.display_set import DisplaySet, DisplaySetId


def series_beside(images: CaseImages, shown: DisplaySet | None, by: int) -> DisplaySetId | None:
    """The display set so many places on; the first where nothing is shown, None beyond the ends."""
    ids = [entry.target.id for entry in images.in_order()]
    at = ids.index(shown.id) + by if shown is not None and shown.id in ids else 0
    return ids[at] if 0 <= at < len(ids) else None


def study_beside(images: CaseImages, shown: DisplaySet | None, by: int) -> DisplaySetId | None:
    """The first display set of the study so many places on, current study first."""
    order = images.in_order()
    studies = list(dict.fromkeys(entry.study.uid for entry in order))
    here = images.entries.get(shown.id) if shown is not None else None
    at = studies.index(here.study.uid) + by if here and here.study.uid in studies else 0
    if not 0 <= at < len(studies):
        return None
    return next(entry.target.id for entry in order if entry.study.uid == studies[at])
