"""What the lines of the table of measurements say, to the eye and to a screen reader."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication

from viewer.errors import GeometryError
from viewer.measure.follow_up import TargetSum, change, target_sum
from viewer.measure.registry import Reading
from viewer.model.annotation import Annotation
from viewer.viewport.measurement_list import FindingRows, Group, Row, name_of, value_of
from viewer.viewport.shapes import reading_of

_SPACE = " · "


class RowWords:
    """Puts lines into words; ``read`` raises GeometryError."""

    def __init__(self, read: Callable[[Annotation], Reading]) -> None:
        """Read numbers by ``read`` when they are asked for."""
        self._read = read

    def cell(self, row: Row, column: str) -> str:
        """The text of a measurement in a column, by the column's name."""
        made = row.annotation.made_by
        match column:
            case "NAME":
                return name_of(row.annotation)
            case "VALUE":
                return self._value(row.annotation)
            case "BEFORE":
                return self.before(row)
            case "IMAGE":
                return row.image
            case "MADE":
                return f"{made.author}, {made.made_at:%Y-%m-%d %H:%M}"
        return ""

    def head(self, entry: Group | FindingRows, groups: Sequence[Group]) -> str:
        """What heads a study, with the sum of its target lesions, or a finding."""
        if isinstance(entry, FindingRows):
            count = len(entry.rows)
            return f"{entry.name} ({count})" if count > 1 else entry.name
        mine = self._sum(entry)
        if mine is None:
            return entry.title
        priors = [self._sum(one) for one in groups[1:] if one.study is not None]
        is_current = bool(groups) and entry is groups[0]
        before = next((one for one in priors if one is not None), None) if is_current else None
        return f"{entry.title}{_SPACE}{mine.words(before)}"

    def before(self, row: Row) -> str:
        """What a measurement of a finding was on a prior, and what changed; empty: not known."""
        if row.before is None:
            return ""
        changed = change(reading_of(row.annotation, self._read), reading_of(row.before, self._read))
        return "" if changed is None else changed.words(row.since)

    def sentence(self, row: Row) -> str:
        """A measurement in one line, without whose it is."""
        said = [name_of(row.annotation), self._value(row.annotation)]
        if row.annotation.finding:
            said.insert(0, row.annotation.finding)
        where = f" ({row.image})" if row.image else ""
        before = self.before(row)
        return ": ".join(part for part in said if part) + (f", {before}" if before else "") + where

    def spoken(self, entry: Group | FindingRows | Row) -> str:
        """What a screen reader says of a line."""
        if isinstance(entry, Group):
            return self.head(entry, ())
        if isinstance(entry, FindingRows):
            return _tr("Finding {0}, measurements: {1}").format(entry.name, len(entry.rows))
        words = self.sentence(entry)
        if entry.annotation.target:
            words += _tr(", target lesion")
        if entry.annotation.hidden:
            words += _tr(", not shown on the image")
        return words

    def _value(self, annotation: Annotation) -> str:
        try:
            return value_of(annotation, self._read(annotation))
        except GeometryError as error:
            return error.sentence

    def _sum(self, group: Group) -> TargetSum | None:
        targets = [row.annotation for row in group.all_rows if row.annotation.target]
        return target_sum(reading_of(one, self._read) for one in targets)


def _tr(words: str) -> str:
    return QCoreApplication.translate("RowWords", words)
