"""Which volumes may be fused, what they are read as, and the words for it."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.kit import fusion as kit
from tests.kit.registrations import registration, rigid
from tests.kit.viewer import set_of, study_of
from viewer.model.quantities import ReadoutKind, Suv, SuvScale
from viewer.model.refs import FrameOfReferenceUid
from viewer.model.registration import Move
from viewer.model.study import Series
from viewer.pixels.presets import load_presets
from viewer.viewport.fusion import (
    aligned,
    first_fusion,
    laid_in,
    partners,
    pet_ct,
    reading_of,
    why_no_fusion,
    windows_of,
)
from viewer.viewport.fusion_words import fusion_description, fusion_note, fusion_text

PRESETS = load_presets(kit.RESOURCES / "window_presets.toml")
CT, PET = kit.scans(), kit.uptake()


def _why(ct: Series = CT, pt: Series = PET, **other: str) -> str | None:
    study = kit.pet_ct_study(ct, pt)
    second = replace(
        kit.hung(study, pt),
        study=replace(study, patient=replace(study.patient, **other)),
    )
    return why_no_fusion(kit.hung(study, ct), second, kit.instances(ct, pt))


def test_two_volumes_on_one_frame_of_reference_may_be_fused() -> None:
    assert _why() is None
    assert _why(kit.uptake(), kit.scans()) is None  # whichever lies above


def test_another_frame_of_reference_is_refused_and_never_registered() -> None:
    elsewhere = kit.uptake(frame_of_reference=FrameOfReferenceUid("1.9.8"))
    assert _why(pt=elsewhere) == (
        "Series 5 PET body lies in another frame of reference, and nothing is aligned by guess."
    )


def test_what_does_not_say_where_it_lies_is_refused() -> None:
    assert _why(ct=kit.scans(frame_of_reference=None)) == (
        "The images do not say in which frame of reference they lie."
    )
    assert _why(pt=kit.uptake(frame_of_reference=None)) == (
        "Series 5 PET body does not say in which frame of reference it lies."
    )
    unplaced = replace(CT, instances=tuple(replace(i, planes=()) for i in CT.instances))
    assert _why(ct=unplaced) == "The images do not say where they lie in the patient."


def test_no_volume_is_refused_with_the_reason() -> None:
    assert _why(pt=kit.uptake(2)) == (
        "Series 5 PET body is no volume. Fewer than 3 slices make no volume."
    )


def test_another_patient_is_refused() -> None:
    assert _why(id="4712") == "The two series are of different patients."
    study = kit.pet_ct_study()
    one = kit.hung(study, CT)
    assert why_no_fusion(one, one, kit.instances(CT)) == "A series is not laid over itself."


def test_what_fits_comes_first_and_pet_before_others() -> None:
    scan = kit.scans(5)
    other = replace(scan, uid=type(scan.uid)("1.2.8"), number=8)
    other = replace(
        other,
        instances=tuple(
            replace(i, ref=replace(i.ref, series=other.uid, sop=type(i.ref.sop)(f"1.2.8.{n}")))
            for n, i in enumerate(scan.instances)
        ),
    )
    images = kit.case(study_of(CT, other, PET))
    base = images.entries[set_of(CT).id]
    found = [(entry.series.modality, why) for entry, why in partners(images, base)]
    assert found == [("PT", None), ("CT", None)]


def test_the_pair_of_a_study() -> None:
    found = pet_ct(kit.case(kit.pet_ct_study()))
    assert not isinstance(found, str)
    assert [one.series.modality for one in found] == ["CT", "PT"]
    assert pet_ct(kit.case(study_of(CT))) == "This study does not hold a CT and a PET."
    apart = kit.uptake(frame_of_reference=FrameOfReferenceUid("1.9.8"))
    assert "another frame of reference" in str(pet_ct(kit.case(kit.pet_ct_study(pt=apart))))


def test_pet_is_read_as_uptake_and_says_why_where_it_is_not() -> None:
    readout, refusal = reading_of(set_of(PET), kit.instances(PET))
    assert (readout.kind, readout.name, refusal) == (ReadoutKind.SUV, "SUVbw", "")
    without = kit.uptake(suv=Suv(refusals=("There is no SUV: Patient's Weight is missing.",)))
    readout, refusal = reading_of(set_of(without), kit.instances(without))
    assert (readout.kind, readout.unit) == (ReadoutKind.MODALITY, "Bq/ml")
    assert refusal == "There is no SUV: Patient's Weight is missing."
    readout, refusal = reading_of(set_of(CT), kit.instances(CT))
    assert (readout.unit, refusal) == ("HU", "")


def test_factors_that_differ_from_image_to_image_give_no_uptake() -> None:
    slices = list(PET.instances)
    slices[3] = replace(slices[3], suv=Suv((SuvScale("SUVbw", kit.FACTOR * 1.01, "g/ml"),)))
    mixed = replace(PET, instances=tuple(slices))
    readout, refusal = reading_of(set_of(mixed), kit.instances(mixed))
    assert readout.kind is ReadoutKind.MODALITY
    assert refusal == "There is no SUV: its factor differs from image to image."


def test_windows_are_in_uptake_or_none() -> None:
    entry = kit.hung(kit.pet_ct_study(), PET)
    windows = windows_of(entry, kit.instances(PET), PRESETS)
    tops = [w.centre + w.width / 2 for w in windows if w is not None]
    assert tops == pytest.approx([6 / kit.FACTOR, 10 / kit.FACTOR])
    assert windows[-1] is None
    without = kit.uptake(suv=Suv(refusals=("There is no SUV: no.",)))
    entry = kit.hung(kit.pet_ct_study(pt=without), without)
    assert windows_of(entry, kit.instances(without), PRESETS) == (None,)
    scan = kit.hung(kit.pet_ct_study(), CT)
    assert windows_of(scan, kit.instances(CT), PRESETS)[0] == CT.instances[0].windows[0]


def test_the_words_of_a_fusion() -> None:
    fusion = kit.fusion_of(set_of(PET))
    assert fusion_text(fusion) == "FUSION PT 0–10 SUVbw, 40 % · Hot iron"
    assert fusion_description(fusion) == (
        "fused with Series 5 PET body: PT 0–10 SUVbw, 40 %, Hot iron"
    )
    assert fusion_note(fusion) == ""
    assert fusion_text(None) == fusion_note(None) == fusion_description(None) == ""


def test_the_words_where_there_is_no_uptake_or_not_all_is_here() -> None:
    without = kit.uptake(suv=Suv(refusals=("There is no SUV: Units are missing.",)))
    entry = kit.hung(kit.pet_ct_study(pt=without), without)
    fusion = first_fusion(entry, kit.instances(without), PRESETS, kit.MAPS[0])
    fusion = replace(fusion, here=3, extremes=(0.0, 23456.7))
    assert fusion_text(fusion) == "FUSION PT 0–23457 Bq/ml, 40 % · Hot iron"
    assert fusion_note(fusion) == ("PT VOLUME 3 OF 8 IMAGES · There is no SUV: Units are missing.")
    assert "There is no SUV" in fusion_description(fusion)
    cold = replace(fusion, modality="CT", extremes=(-1024.0, 3071.0))
    assert fusion_text(cold).startswith("FUSION CT −1024 to 3071")


def test_a_share_is_a_percentage() -> None:
    with pytest.raises(ValueError, match="0 to 100"):
        kit.fusion_of(set_of(PET), percent=101)


def test_the_maps_that_a_fusion_offers_are_there() -> None:
    assert {"HOT_IRON", "RAINBOW", "PET_20_STEP"} <= {m.id for m in kit.MAPS}
    assert Path(kit.RESOURCES / "colour_maps.toml").is_file()


def test_a_registration_says_where_another_frame_of_reference_lies() -> None:
    there = FrameOfReferenceUid("1.9.8")
    pt = kit.uptake(frame_of_reference=there)
    study = kit.pet_ct_study(CT, pt)
    home = CT.instances[0].frame_of_reference
    assert home is not None
    said = registration(Move(there, rigid(5, (1, 2, 3))), space=home)
    images = kit.case(replace(study, registrations=(said,)))
    base, second = (images.entries[set_of(one).id] for one in (CT, pt))
    assert partners(images, base) == ((second, None),)
    assert pet_ct(images) == (base, second)
    by = aligned(base, second, images.instances, images.alignments)
    assert by is not None
    moved = laid_in(second, images.instances, by)
    for one in pt.instances:
        before, after = one.planes[0], moved[one.ref.sop].planes[0]
        assert before is not None
        assert after is not None
        assert after.position == pytest.approx(by.rigid.apply(before.position))
    assert all(moved[one.ref.sop] is one for one in CT.instances)
    shown = first_fusion(second, images.instances, PRESETS, kit.MAPS[0], by)
    assert fusion_note(replace(shown, here=8)) == ("ALIGNED BY REGISTRATION PET to CT, 2026-01-03")
    assert "aligned by registration PET to CT" in fusion_description(shown)
    assert aligned(base, base, images.instances, images.alignments) is None
    assert laid_in(second, images.instances, None) is images.instances
