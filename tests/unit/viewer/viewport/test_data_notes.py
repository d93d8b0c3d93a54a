"""What is told of an image's data, and what stands in the corner of it."""

from tests.kit.pictures import instance
from tests.kit.viewer import chest, shown
from viewer.model.quantities import Suv, SuvScale
from viewer.viewport.data_notes import badge, data_notes, more_notes


def test_sentences_of_the_header_and_of_the_frame_once_each() -> None:
    found = data_notes(instance(repairs=("One.", "Two.")), ("Two.", "Three."))
    assert found == ("One.", "Two.", "Three.")
    assert badge(found) == "DATA: (+2) One."
    assert badge(("One.",)) == "DATA: One."
    assert badge(()) == ""


def test_a_missing_uptake_value_is_a_warning_and_its_basis_is_none() -> None:
    missing = instance(suv=Suv(refusals=("There is no SUV: why.",)))
    assert data_notes(missing) == ("There is no SUV: why.",)
    assert more_notes(missing) == ()
    whole = instance(suv=Suv((SuvScale("SUVbw", 1, "g/ml"),), ("Basis.",), ("No SUVlbm.",)))
    assert data_notes(whole) == ()
    assert more_notes(whole) == ("Basis.", "No SUVlbm.")
    assert more_notes(instance()) == ()


def test_another_display_set_is_read_in_its_default_way() -> None:
    study = chest()
    viewport = shown(study)
    viewport.read_as("ADC")
    viewport.scroll(1)
    viewport.reset()
    assert viewport.state.readout == "ADC"
    viewport.show(viewport.state.target, {})
    assert viewport.state.readout == ""
