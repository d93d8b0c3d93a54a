"""Studies from disk: patients beside each other, newest first; only earlier ones are priors."""

from pathlib import Path

from tests.kit.dicom_files import dataset, written
from viewer.loading.folder import FolderSource
from viewer.model.split import load_rules
from workstation.paths import resources
from workstation.session.from_disk import FromDisk, read_from_disk


def _found(folder: Path, *studies: tuple[str, str, str, str], stop_after: int = 99) -> FromDisk:
    for n, (uid, name, number, date) in enumerate(studies):
        ds = dataset(
            n + 1, series=str(n + 1), StudyInstanceUID=uid, StudyDate=date,
            PatientName=name, PatientID=number,
        )  # fmt: skip
        (folder / f"{n}").write_bytes(written(ds))
    told: list[tuple[int, int]] = []

    def cancelled() -> bool:
        return len(told) > stop_after

    rules = load_rules(resources() / "splitting.toml")
    return read_from_disk(
        [folder],
        FolderSource(),
        rules,
        cancelled=cancelled,
        tell=lambda done, of: told.append((done, of)),
    )


def test_patients_stand_together_and_only_earlier_studies_are_priors(tmp_path: Path) -> None:
    found = _found(
        tmp_path,
        ("1.5", "DOE^JANE", "1", "20230101"),
        ("1.6", "ROE^RIC", "2", "20240601"),
        ("1.7", "Doe^Jane", "1", "20250101"),
        ("1.8", "DOE^JANE", "1", "20240101"),
        ("1.9", "NOBODY", "", "20200101"),
        ("1.10", "NOBODY", "", "20190101"),
    )
    order = [one.study.uid for one in found.studies]
    assert order == ["1.7", "1.8", "1.5", "1.6", "1.9", "1.10"]
    priors = {
        str(one.study.uid): [p.study.uid for p in found.priors_of(one)] for one in found.studies
    }
    assert priors["1.7"] == ["1.8", "1.5"]
    assert priors["1.8"] == ["1.5"]
    assert priors["1.6"] == []
    assert priors["1.9"] == [], "without a Patient ID nobody is known to be the same"


def test_what_is_no_image_is_listed_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear colleague")
    found = _found(tmp_path, ("1.5", "DOE^JANE", "1", "20230101"))
    assert len(found.studies) == 1
    (left,) = found.left_out
    assert left.what.endswith("letter.txt")
    assert left.why


def test_cancelled_it_ends_at_once(tmp_path: Path) -> None:
    found = _found(tmp_path, ("1.5", "DOE^JANE", "1", "20230101"), stop_after=-1)
    assert not found.studies
