"""A study with presentation states: what can be applied is offered, what cannot is told."""

import io
from collections.abc import Sequence
from typing import BinaryIO

from tests.kit.dicom_files import dataset, written
from tests.kit.documents import bytes_of, ct_images, key_objects
from tests.kit.pet import pet
from tests.kit.presentation_states import state
from tests.kit.registrations import THERE, written_registration
from viewer.errors import MissingInstance
from viewer.model.quantities import Suv
from viewer.model.refs import SopUid, StudyUid
from viewer.model.split import load_rules
from workstation.paths import resources
from workstation.session.loading import StudyLoader

UID = StudyUid("1.2.826.0.1")


class Held:
    """Instances in memory; more can be added at any time."""

    def __init__(self, *files: bytes) -> None:
        self.files = {SopUid(str(n)): data for n, data in enumerate(files)}

    def sops(self, study: StudyUid) -> Sequence[SopUid]:
        return tuple(self.files)

    def open(self, sop: SopUid) -> BinaryIO:
        if sop not in self.files:
            raise MissingInstance("It is gone.", where=sop)
        return io.BytesIO(self.files[sop])


def loader(source: Held) -> StudyLoader:
    return StudyLoader(source, load_rules(resources() / "splitting.toml"))


def test_states_come_with_their_study_and_stay_once_read() -> None:
    source = Held(written(dataset(1)), written(state()))
    made = loader(source)
    loaded = made.load(UID)
    assert loaded is not None
    assert [s.label for s in loaded.study.presentation_states] == ["STATE"]
    assert loaded.problems == ()
    other = state(ContentLabel="LATER", SOPInstanceUID="1.2.826.0.1.77.2")
    source.files[SopUid("9")] = written(other)
    again = made.load(UID)
    assert again is not None
    assert [s.label for s in again.study.presentation_states] == ["STATE", "LATER"]
    assert again.study.presentation_states[0] is loaded.study.presentation_states[0]


def test_a_refused_state_is_told_and_keeps_its_place_among_the_series() -> None:
    loaded = loader(Held(written(dataset(1)), written(state(ImageRotation=45)))).load(UID)
    assert loaded is not None
    sentence = "Presentation state STATE is not applied: it turns the image by 45 degrees."
    assert loaded.study.refused_states == (sentence,)
    assert loaded.problems == (sentence,)
    assert [series.modality for series in loaded.study.series] == ["CT", "PR"]


def test_key_objects_come_with_their_study_and_a_damaged_one_is_told() -> None:
    good = key_objects(ct_images(2))
    good.StudyInstanceUID = UID
    data = bytes_of(good)
    cut = data[: len(data) - 60].replace(b"1.2.9.1", b"1.2.9.2")
    loaded = loader(Held(written(dataset(1)), data, cut)).load(UID)
    assert loaded is not None
    assert [k.title for k in loaded.study.key_objects] == ["For Referring Provider"]
    (told,) = loaded.problems
    assert told.startswith("The images that it points out are not marked: The data set is cut")
    assert {"CT", "KO"} == {series.modality for series in loaded.study.series}


def test_uptake_values_wait_until_the_whole_study_is_here() -> None:
    first, second = pet(), pet()
    second.SOPInstanceUID = f"{first.SOPInstanceUID}.2"
    source = Held(written(first))
    study = StudyUid(str(first.StudyInstanceUID))
    made = StudyLoader(
        source,
        load_rules(resources() / "splitting.toml"),
        arrived=lambda _study: len(source.files) == 2,
    )

    def suv() -> Suv:
        loaded = made.load(study)
        assert loaded is not None
        found = loaded.study.series[0].instances[0].suv
        assert found is not None
        return found

    assert suv().refusals == ("There is no SUV before every image of the study is here.",)
    assert suv().scales == ()
    source.files[SopUid("late")] = written(second)
    assert suv().scales


def test_registrations_come_with_their_study_and_what_is_not_rigid_is_told() -> None:
    affine = written_registration(kind="AFFINE", SOPInstanceUID="1.2.826.0.1.66.2")
    files = (dataset(1), written_registration(), affine)
    loaded = loader(Held(*map(written, files))).load(UID)
    assert loaded is not None
    (found,) = loaded.study.registrations
    assert (found.label, found.moves[0].space) == ("PET to CT", THERE)
    assert loaded.problems == ("Only rigid registrations are applied; this one is AFFINE.",)
    assert {"CT", "REG"} == {series.modality for series in loaded.study.series}
