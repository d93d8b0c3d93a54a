"""Real or written DICOM files, from bytes to display sets and volumes, without any process."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydicom.dataset import Dataset

from tests.kit.dicom_files import written
from tests.kit.volumes import volume_of
from viewer.loading.decoded import Decoded
from viewer.loading.decoders import decode_frame
from viewer.loading.encoded import cut_frame
from viewer.loading.folder import FolderSource
from viewer.loading.guard import PlainBytes
from viewer.loading.outline import outline
from viewer.loading.volume import Volume
from viewer.model.display_set import DisplaySet
from viewer.model.refs import FrameRef, SopUid
from viewer.model.split import load_rules, split
from viewer.model.study import Instance

RULES = load_rules(Path(__file__).parents[2] / "resources" / "splitting.toml")


@dataclass(frozen=True)
class Folder:
    """Display sets of every series of a folder, in the order of series number."""

    sets: tuple[DisplaySet, ...]
    instances: Mapping[SopUid, Instance]
    source: FolderSource

    def decode(self, ref: FrameRef) -> Decoded:
        """One frame, decoded in this process."""
        with self.source.open(ref.sop) as file:
            found = outline(PlainBytes(file.read()), where=ref.sop)
        return decode_frame(cut_frame(found, ref.frame, self.instances[ref.sop]))

    def files(self, target: DisplaySet) -> list[str]:
        """The file of each frame."""
        names = []
        for ref in target.frames:
            with self.source.open(ref.sop) as file:
                names.append(str(file.name))
        return names

    def volume(self, target: DisplaySet) -> Volume:
        """A display set as a volume."""
        return volume_of(target, self.instances, self.decode)


def folder(*paths: Path) -> Folder:
    """Read the files and folders."""
    source = FolderSource()
    scan = source.scan(paths)
    series = [one for study in scan.studies for one in study.series]
    series.sort(key=lambda s: (s.number is None, s.number or 0))
    instances = {i.ref.sop: i for one in series for i in one.instances}
    sets = tuple(target for one in series for target in split(one, RULES))
    return Folder(sets, instances, source)


def write(where: Path, datasets: Mapping[str, Dataset]) -> Folder:
    """Write data sets under these names, and read them."""
    for name, dataset in datasets.items():
        (where / name).write_bytes(written(dataset))
    return folder(where)
