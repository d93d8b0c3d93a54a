"""The measurement groups of a foreign structured report, read without believing it (TID 1500).

PS3.16 TID 1500, 1410, 1411, 1501, 300, 310, 320; PS3.3 C.18.6, C.18.9. Other dialects: the tracking
identifiers of cornerstone, SNOMED codes from before 2017.
"""

from collections.abc import Iterator
from typing import BinaryIO

from viewer.loading.documents import LIMITS
from viewer.loading.fields import Fields
from viewer.loading.guard import FileBytes
from viewer.loading.object_facts import patient, person_name
from viewer.loading.outline import outline
from viewer.loading.stored_figures import NOT_FINITE, Refused, figures_of
from viewer.loading.stored_numbers import number_of
from viewer.model.annotation import AnnotationKind
from viewer.model.imported import StoredFigure, StoredGroup, StoredNumber, StoredReport
from viewer.model.refs import SopUid

SR_CLASSES = frozenset(
    f"1.2.840.10008.5.1.4.1.1.88.{number}" for number in ("22", "33", "34", "35")
)
"""Enhanced, Comprehensive, Comprehensive 3D and Extensible SR."""
_CONTENT, _TYPE = 0x0040A730, 0x0040A040
_CONCEPT, _CODE, _MEANING, _VALUE, _SCHEME = (
    0x0040A043, 0x0040A168, 0x00080104, 0x00080100, 0x00080102,
)  # fmt: skip
_TEXT, _UID, _PERSON = 0x0040A160, 0x0040A124, 0x0040A123
_MAKER, _MODEL = 0x00080070, 0x00081090
_DATE, _TIME, _CLASS = 0x00080023, 0x00080033, 0x00080016
_REFERENCED, _SEGMENT = 0x00081199, 0x0062000B
_GROUP, _OBSERVER, _TRACKING, _TRACKING_UID = "125007", "121008", "112039", "112040"
_FINDING, _COMMENT, _METHOD, _CALIBRATION = "121071", "121106", "370129005", "122422"
_CENTRE = "111010"
"""Under which cornerstone holds the place of a point or arrow, with a number that means nothing."""
_SITES = frozenset({"363698007", "G-C0E3"})
_OWN = "99LIGHTBOX"
_MOST_GROUPS = 5_000
_MOST_NUMBERS = 1_000
_THE_REST = 0
_MOST_POINTS = 500_000
"""Of all groups together."""
_K = AnnotationKind
_TOOLS = {
    "Length": _K.LENGTH, "Bidirectional": _K.BIDIRECTIONAL, "Angle": _K.ANGLE,
    "CobbAngle": _K.COBB, "RectangleROI": _K.RECTANGLE, "EllipticalROI": _K.ELLIPSE,
    "CircleROI": _K.CIRCLE, "PlanarFreehandROI": None, "Probe": _K.PROBE,
    "ArrowAnnotate": _K.ARROW,
}  # fmt: skip
"""Of cornerstone's tools; a free outline is open or closed as its points say."""


def read_measurements(data: BinaryIO, *, name: str) -> StoredReport | None:
    """The measurement groups of an SR; None where it has none.

    ``name`` is its SOP Instance UID. NotDicom, HeaderError for a file that is damaged or breaks a
    limit; what else is wrong in it is told in ``StoredReport.told``.
    """
    found = outline(FileBytes(data), where=name, limits=LIMITS)
    fields = found.fields
    if (fields.uid(_CLASS) or found.meta.get(0x00020002, "")) not in SR_CLASSES:
        return None
    groups: list[StoredGroup] = []
    told: dict[str, int] = {}
    points = 0
    for number, item in enumerate(_groups(fields)):
        if number == _MOST_GROUPS:
            told[f"it has more than {_MOST_GROUPS} measurement groups"] = _THE_REST
            break
        try:
            group = _group(item, fields)
        except Refused as refused:
            told[refused.why] = told.get(refused.why, 0) + 1
            continue
        points += sum(len(one.pixels or one.points) for one in group.figures)
        if points > _MOST_POINTS:
            told["the report has too many points"] = _THE_REST
            break
        groups.append(group)
    if not groups and not told:
        return None
    return StoredReport(
        SopUid(name),
        patient(fields),
        " ".join(filter(None, (fields.text(_MAKER), fields.text(_MODEL)))),
        _author(fields),
        fields.text(_DATE) + fields.text(_TIME),
        tuple(groups),
        tuple(_sentence(why, count) for why, count in told.items()),
    )


def code_of(item: Fields) -> str:
    """The code of a content item's name."""
    return item.item(_CONCEPT).text(_VALUE)


def _sentence(why: str, count: int) -> str:
    some = {_THE_REST: "The rest is", 1: "One measurement is"}
    many = some.get(count, f"{count} measurements are")
    return f"{many} not shown: {why}."


def _groups(parent: Fields) -> Iterator[Fields]:
    """Every measurement group, at whatever depth; the parser has bounded the depth."""
    for item in parent.items(_CONTENT):
        if item.uid(_TYPE) == "CONTAINER":
            if code_of(item) == _GROUP:
                yield item
            else:
                yield from _groups(item)


def _author(fields: Fields) -> str:
    for item in fields.items(_CONTENT):
        if code_of(item) == _OBSERVER:
            return person_name(item, _PERSON) or item.text(_TEXT)
    return ""


def _group(item: Fields, root: Fields) -> StoredGroup:
    children = item.items(_CONTENT)
    texts = {code_of(one): one for one in reversed(children)}
    tracking = _said(texts, _TRACKING)
    finding = _coded(texts.get(_FINDING))
    kind, tool = _kind(texts, tracking)
    called = "" if tool else tracking
    figures, numbers = _measured(item, root)
    return StoredGroup(
        name=_said(texts, _COMMENT) or called or finding or tool,
        tracking=texts[_TRACKING_UID].uid(_UID) if _TRACKING_UID in texts else "",
        kind=kind,
        figures=figures,
        numbers=numbers,
        finding=finding,
        sites=tuple(filter(None, (_coded(one) for one in children if code_of(one) in _SITES))),
        calibration=_coded(texts.get(_CALIBRATION)),
        segments=sum(_SEGMENT in ref for one in children for ref in one.items(_REFERENCED)),
    )


def _measured(
    item: Fields, root: Fields
) -> tuple[tuple[StoredFigure, ...], tuple[StoredNumber, ...]]:
    """Graphics, each once however many numbers name it, and numbers; raises Refused."""
    figures = figures_of(item, item, root)
    numbers: list[StoredNumber] = []
    for child in item.items(_CONTENT):
        if child.uid(_TYPE) != "NUM" or len(numbers) == _MOST_NUMBERS:
            continue
        number = number_of(child)
        if number is None:
            raise Refused(NOT_FINITE)
        numbers.extend(number if code_of(child) != _CENTRE else ())
        figures += figures_of(child, item, root)
    return tuple(dict.fromkeys(figures)), tuple(numbers)


def _kind(texts: dict[str, Fields], tracking: str) -> tuple[AnnotationKind | None, str]:
    """What it was drawn as: our own code, or cornerstone's tool with the tool's name."""
    method = texts[_METHOD].item(_CODE) if _METHOD in texts else None
    tool = ""
    if tracking.startswith(("Cornerstone3DTools@", "cornerstoneTools@")):
        tool = next((part for part in tracking.split(":") if part in _TOOLS), tracking)
    if method is not None and method.text(_SCHEME) == _OWN:
        try:
            return AnnotationKind(method.text(_VALUE)), tool
        except ValueError:  # of a later version
            return None, tool
    return _TOOLS.get(tool), tool


def _said(texts: dict[str, Fields], code: str) -> str:
    return texts[code].text(_TEXT) if code in texts else ""


def _coded(item: Fields | None) -> str:
    if item is None:
        return ""
    code = item.item(_CODE)
    return code.text(_MEANING) or code.text(_VALUE)
