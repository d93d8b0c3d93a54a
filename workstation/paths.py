"""The one place that knows where data, logs and resources are: source tree, wheel, frozen build."""

import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs

APP = "lightbox"


def resources() -> Path:
    """Folder of the files that ship with the program.

    Raises FileNotFoundError when the installation is incomplete.
    """
    frozen = getattr(sys, "_MEIPASS", None)
    here = Path(__file__).resolve().parent.parent
    places = [here / "lightbox_resources", here / "resources"]  # beside a wheel, others' may lie
    if frozen:
        places.insert(0, Path(frozen) / "resources")
    for place in places:
        if place.is_dir():
            return place
    raise FileNotFoundError("the resources folder of this installation is missing")


@dataclass(frozen=True, slots=True)
class Places:
    """Folders of one profile; nothing is written outside them."""

    root: Path

    @property
    def store(self) -> Path:
        """Received instances and the database."""
        return self.root / "store"

    @property
    def logs(self) -> Path:
        """Log files, without patient data."""
        return self.root / "logs"

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.root / "settings.toml"

    @property
    def preferences(self) -> Path:
        """What the reader chose in the program: keys, mouse, sizes of screens."""
        return self.root / "preferences.json"


def user_places() -> Places:
    """Folders of the signed-in user of this computer."""
    return Places(Path(platformdirs.user_data_dir(APP, appauthor=False)))


def demo_places() -> Places:
    """Folders of the demo: apart from real work, safe to delete."""
    return Places(Path(platformdirs.user_state_dir(APP, appauthor=False)) / "demo")
