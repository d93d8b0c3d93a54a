"""A reading area over real files, decoded in this process when a test says so."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from numpy.typing import NDArray
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.kit.executors import StepExecutor
from tests.kit.real_volumes import RULES
from tests.kit.viewer import NOW
from viewer.loading.decoded import Decoded
from viewer.loading.decoders import decode_frame
from viewer.loading.document_shelf import DocumentShelf
from viewer.loading.encoded import cut_frame
from viewer.loading.folder import FolderSource
from viewer.loading.frames import FrameCache
from viewer.loading.guard import PlainBytes
from viewer.loading.outline import outline
from viewer.loading.pages import PdfProcess
from viewer.loading.pool import DecodePool
from viewer.model.split import split
from viewer.model.study import Instance, Study
from viewer.qt.reading_area import ReadingArea
from viewer.qt.viewport_widget import ViewportWidget
from viewer.viewport.overlay import PaneIdentity
from viewer.viewport.preferences import Preferences

RESOURCES = Path(__file__).parents[2] / "resources"


class InProcess:
    """Decodes where it is asked to: no worker processes in a test."""

    workers = 1

    def decode(self, data: bytes, frame: int, instance: Instance) -> Decoded:
        found = outline(PlainBytes(data), where=instance.ref.sop)
        return decode_frame(cut_frame(found, frame, instance))

    def preview(self, _data: bytes, _frame: int, _instance: Instance) -> NDArray[Any] | None:
        return None

    def close(self) -> None:
        pass


def identity_of(study: Study) -> PaneIdentity:
    """The patient of the case, as the header names him."""
    who = study.patient
    born = who.birth_date
    if len(born) == 8:
        born = f"{born[:4]}-{born[4:6]}-{born[6:]}"
    return PaneIdentity(who.name, who.id, born, who.sex)


@dataclass
class RealArea:
    """What a test acts on."""

    area: ReadingArea
    executor: StepExecutor
    studies: tuple[Study, ...]
    notices: list[str] = field(default_factory=list)

    def settle(self) -> None:
        """Let everything that was asked for be decoded and drawn."""
        for _ in range(4):
            QApplication.processEvents()
            self.executor.drain()

    def open(self, current: int = 0, priors: Sequence[int] = ()) -> None:
        """Open one of the studies as a case."""
        study, earlier = self.studies[current], [self.studies[n] for n in priors]
        sets = {s.uid: split(s, RULES) for one in (study, *earlier) for s in one.series}
        self.area.open_case(study, earlier, sets, identity_of(study))
        self.settle()

    def do(self, *commands: str) -> None:
        """Trigger commands by id."""
        for command in commands:
            self.area.actions_by_id()[command].trigger()
            self.settle()

    def pane(self, number: int = 1) -> ViewportWidget:
        """A pane by its number."""
        found = self.area.findChild(ViewportWidget, f"viewport.{number}")
        assert isinstance(found, ViewportWidget)
        return found

    def picture(self, file: Path) -> None:
        """Keep what the window shows."""
        self.settle()
        QTest.qWait(150)
        self.settle()
        self.area.grab().save(str(file))


def real_area(
    paths: Sequence[Path],
    *,
    size: tuple[int, int] = (1920, 1080),
    preferences: Preferences | None = None,
    parent: QWidget | None = None,
) -> RealArea:
    """Read the files and show an area; its owner shuts it down."""
    source = FolderSource()
    studies = source.scan(paths).studies
    executor = StepExecutor()
    pool = cast(DecodePool, InProcess())
    area = ReadingArea(
        cache=FrameCache(source, pool, executor, 1 << 30),
        executor=executor,
        documents=DocumentShelf(source, executor, PdfProcess()),
        resources=RESOURCES,
        author="Dr. Ito",
        now=lambda: NOW,
        preferences=preferences,
        parent=parent,
    )
    theme = RESOURCES / "themes" / "dark.qss"  # as the program wears it, in pictures too
    area.setStyleSheet(theme.read_text(encoding="utf-8"))
    room = RealArea(area, executor, studies)
    area.notice.connect(room.notices.append)
    area.informed.connect(room.notices.append)
    area.resize(*size)
    area.show()
    return room
