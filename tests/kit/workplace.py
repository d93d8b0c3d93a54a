"""A whole signed-in window over a platform in memory: no server, no decoder, no network."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from tests.kit.platform import NOW, FakePlatform
from tests.kit.vault import some_keys
from workstation.model.left_out import FolderNotes
from workstation.paths import Places, resources
from workstation.qt.main_window import MainWindow
from workstation.qt.tasks import TaskRunner
from workstation.qt.workplace import Workplace
from workstation.session.connection import Connection
from workstation.settings import defaults


@dataclass(frozen=True, slots=True)
class Office:
    """The window, and what fills it."""

    window: MainWindow
    workplace: Workplace


class _NoHttp:
    """Stands where the HTTP client is closed at the end."""

    def close(self) -> None:
        """Nothing was open."""


@contextmanager
def open_office(
    path: Path, platform: FakePlatform, *, folder: FolderNotes | None = None
) -> Iterator[Office]:
    """Show the worklist of ``platform`` in a window; everything it writes is in ``path``."""
    tasks = TaskRunner()
    window = MainWindow(platform="127.0.0.1", demo=True)
    connection = Connection(
        http=cast(Any, _NoHttp()),
        session=cast(Any, None),
        platform=cast(Any, platform),
        reader=platform.reader(),
    )
    workplace = Workplace(
        window=window,
        tasks=tasks,
        settings=defaults(),
        places=Places(path),
        resources=resources(),
        connection=connection,
        keys=some_keys(),
        now=lambda: NOW,
        demo=True,
        folder=folder,
    )
    window.top.show_reader(connection.reader)
    window.show_worklist()
    window.resize(1920, 1080)
    window.show()
    workplace.desk.start()
    try:
        yield Office(window, workplace)
    finally:
        workplace.close()
        tasks.settle()
        workplace.close_store()
        tasks.close()
        window.close()
        window.deleteLater()
