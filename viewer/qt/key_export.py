"""Saves the reader's key images as Key Object Selection documents."""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path

from PySide6.QtWidgets import QWidget

from viewer.hanging.images import CaseImages
from viewer.loading.executor import Executor
from viewer.loading.frames import FrameCache
from viewer.model.key_mark import KeyMark
from viewer.model.refs import SopUid
from viewer.model.study import Instance
from viewer.qt.desk import Desk
from viewer.qt.saving import Saving


class KeyExportDesk(Desk):
    """Writes one document for each study, title and note."""

    def __init__(
        self,
        images: Callable[[], CaseImages | None],
        marks: Callable[[], tuple[KeyMark, ...]],
        now: Callable[[], datetime],
        cache: FrameCache,
        executor: Executor,
        parent: QWidget,
    ) -> None:
        """Ask ``images`` and ``marks`` at each call what is here."""
        super().__init__(parent)
        self._images, self._marks, self._now, self._cache = images, marks, now, cache
        self._saving = Saving(
            self.tr("Save key images"),
            self.tr("DICOM key object selection (*.dcm)"),
            "dcm",
            executor,
            parent,
        )
        self._saving.notice.connect(self.notice)

    def acts(self) -> dict[str, Callable[[], None]]:
        """What the command does, by its id."""
        return {"key.export": self.ask}

    def ask(self) -> None:
        """Ask for a file, unless there is nothing to save."""
        if not self._marks():
            self.notice.emit(self.tr("You have marked no key image in this case."))
        else:
            self._saving.ask(self.tr("key images.dcm"), self.write)

    def write(self, path: Path) -> None:
        """Save all marks; of several documents the second goes into 'name-2'."""
        images, marks, at, cache = self._images(), self._marks(), self._now(), self._cache
        if images is None:
            return

        def make() -> list[bytes]:
            return _documents(marks, images.instances, cache, at)

        def said() -> str:
            count = len(marks)
            return (
                self.tr("1 key image.") if count == 1 else self.tr("{0} key images.").format(count)
            )

        self._saving.write(path, make, said)


def _documents(
    marks: tuple[KeyMark, ...],
    instances: Mapping[SopUid, Instance],
    cache: FrameCache,
    at: datetime,
) -> list[bytes]:
    # loads highdicom, which nobody waits for at the start
    from viewer.formats.key_selection_file import key_selection_file, selections

    series: dict[str, str] = {}  # one for each study
    made = []
    for number, group in enumerate(selections(marks), 1):
        study = group[0].on.study
        uid = series.setdefault(study, f"2.25.{uuid.uuid4().int}")
        source = BytesIO(cache.bytes_of(group[0].on.sop))
        made.append(key_selection_file(group, instances, source, at=at, number=number, series=uid))
    return made
