"""Key images that are written, judged by dicom3tools and dcmtk, and read again."""

import io
from dataclasses import replace
from pathlib import Path

import pytest

from tests.kit.judges import dciodvfy_complaints, dsrdump_words
from tests.kit.report_images import headers
from tests.kit.reporting import STUDY
from tests.kit.viewer import NOW, ct_instance, frame_of
from viewer.errors import HeaderError
from viewer.formats.key_selection_file import key_selection_file, selections
from viewer.loading.key_objects import read_key_objects
from viewer.model.annotation import Provenance
from viewer.model.image_link import ImageLink
from viewer.model.key_mark import KeyMark, KeyTitle
from viewer.model.key_objects import KeyObjects, Purpose
from viewer.model.refs import FrameRef

SLICES = [ct_instance(f"{STUDY}.3", n + 1, study=STUDY) for n in range(3)]
CLIP = ct_instance(f"{STUDY}.4", 9, study=STUDY, frames=5, sop_class="1.2.840.10008.5.1.4.1.1.3.1")
INSTANCES = {i.ref.sop: i for i in (*SLICES, CLIP)}
BY = Provenance("Dr. Ito", NOW)


def mark(frame: FrameRef, title: KeyTitle = KeyTitle.OF_INTEREST, note: str = "") -> KeyMark:
    return KeyMark(frame, BY, title, note)


MARKS = (
    mark(frame_of(SLICES[2])),
    mark(frame_of(CLIP, 4)),
    mark(frame_of(SLICES[0])),
    mark(frame_of(CLIP, 1)),
)


def document(*marks: KeyMark, source: bytes | None = None) -> bytes:
    image = io.BytesIO(headers() if source is None else source)
    return key_selection_file(marks, INSTANCES, image, at=NOW)


def read(data: bytes) -> KeyObjects:
    return read_key_objects(io.BytesIO(data), name="it")


def test_images_and_frames_are_named_and_others_accept_it(tmp_path: Path) -> None:
    data = document(*MARKS)
    assert dciodvfy_complaints(data, tmp_path, "KeyObjectSelectionDocument") == []
    assert "Of Interest" in dsrdump_words(data, tmp_path)
    found = read(data)
    assert (found.title, found.purpose, found.ref.study) == ("Of Interest", Purpose.KEY, STUDY)
    assert set(found.links) == {
        ImageLink(SLICES[2].ref.sop),
        ImageLink(SLICES[0].ref.sop),
        ImageLink(CLIP.ref.sop, 1, frame_alone=True),
        ImageLink(CLIP.ref.sop, 4, frame_alone=True),
    }
    assert [found.names(frame_of(CLIP, n)) for n in range(5)] == [False, True, False, False, True]


@pytest.mark.parametrize("title", list(KeyTitle))
def test_every_title_comes_back(title: KeyTitle) -> None:
    found = read(document(mark(frame_of(SLICES[0]), title)))
    assert (found.title, found.purpose) == (title.meaning, Purpose.KEY)


def test_a_document_has_one_title_and_one_note(tmp_path: Path) -> None:
    noted = mark(frame_of(SLICES[1]), note="the stone, see 2\nand\\more")
    groups = selections((*MARKS, noted, mark(frame_of(SLICES[1]), KeyTitle.TEACHING)))
    assert [len(group) for group in groups] == [4, 1, 1]
    data = document(*groups[1])
    assert dciodvfy_complaints(data, tmp_path, "KeyObjectSelectionDocument") == []
    assert read(data).words == "Of Interest: the stone, see 2 and\\more"


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(HeaderError, match="cannot be read"):
        document(*MARKS, source=b"no DICOM")
    with pytest.raises(HeaderError, match="not here any more"):
        document(mark(replace(frame_of(SLICES[0]), sop="1.2.3")))  # type: ignore[arg-type]
    with pytest.raises(HeaderError, match="another study"):
        document(mark(replace(frame_of(SLICES[0]), study="1.2.3")))  # type: ignore[arg-type]
