"""Presentation states as DICOM files: grayscale and colour softcopy (PS3.3 A.33.1, A.33.2)."""

import importlib.metadata
import io
import re
import warnings
from collections.abc import Mapping
from typing import Any, BinaryIO

from highdicom.pr import ColorSoftcopyPresentationState, GrayscaleSoftcopyPresentationState
from pydicom import Dataset

from viewer.errors import HeaderError, ViewerError
from viewer.formats.sr_text import line, person
from viewer.formats.state_items import (
    activations,
    annotations,
    areas,
    grey_steps,
    layers,
    overlays,
    references,
    series_of,
    shutter,
)
from viewer.formats.study_identity import UID_FORM, UIDS, identity
from viewer.loading.presentation_state import read_presentation_state
from viewer.model.presentation_state import PresentationState, StateKind
from viewer.model.refs import SopUid
from viewer.model.study import Instance
from viewer.pixels.plain_srgb import PLAIN_SRGB

_SERIES_NUMBER = 9904
_PLAIN_IMAGE = "1.2.840.10008.5.1.4.1.1.7"


class _Grey(GrayscaleSoftcopyPresentationState):
    """A grayscale state whose parts are put in by us."""

    def copy_patient_and_study_information(self, dataset: Dataset) -> None:
        """Copy the checked identity; highdicom would look the image's class up in its tables."""
        _copy(dataset, self)


class _Colour(ColorSoftcopyPresentationState):
    """A colour state whose parts are put in by us."""

    def copy_patient_and_study_information(self, dataset: Dataset) -> None:
        """Copy the checked identity; highdicom would look the image's class up in its tables."""
        _copy(dataset, self)


def presentation_state_file(
    state: PresentationState, instances: Mapping[SopUid, Instance], source: BinaryIO
) -> bytes:
    """Write a state for the study of ``source``, one of its images.

    ``instances`` holds every image that the state refers to. What is written is read again and
    compared: HeaderError where the file would not say the same, or the source is no DICOM.
    """
    _refuse_bad_identifiers(state, instances)
    patient = identity(source)
    if patient.StudyInstanceUID != state.ref.study:
        raise HeaderError("The header is of another study.", where=state.ref.sop)
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they quote names and values
        made = _envelope(state, patient)
        _fill(made, state, instances)
        made.save_as(out, enforce_file_format=True)
    _refuse_another(state, out)
    return out.getvalue()


def _envelope(state: PresentationState, patient: Dataset) -> Dataset:
    """The object with patient, study, equipment and identification; no image's look yet."""
    image = Dataset()
    image.update(patient)
    image.SOPClassUID = _PLAIN_IMAGE  # of which highdicom expects no functional groups
    grey = state.kind is StateKind.GREY
    image.SamplesPerPixel, image.Rows, image.Columns = 1 if grey else 3, 1, 1
    image.PhotometricInterpretation = "MONOCHROME2" if grey else "RGB"
    facts: dict[str, Any] = {
        "referenced_images": [image],
        "series_instance_uid": state.ref.series,
        "series_number": _SERIES_NUMBER,
        "sop_instance_uid": state.ref.sop,
        "instance_number": 1,
        "manufacturer": "Lightbox",
        "manufacturer_model_name": "Lightbox workstation",
        "software_versions": _version(),
        "device_serial_number": "0",
        "content_label": state.label,
        "content_description": line(state.description) or None,
        "content_creator_name": person(state.creator),
        "specific_character_set": _character_set(state, patient),
        "series_description": "Presentation states",
    }
    if grey:
        return _Grey(**facts)
    made = _Colour(**facts, icc_profile=PLAIN_SRGB.data)
    profile = state.profile or PLAIN_SRGB
    made.ICCProfile = profile.data  # highdicom takes profiles of one class only
    made.ColorSpace = profile.space or None
    return made


def _character_set(state: PresentationState, patient: Dataset) -> str:
    """Latin 1, which programs without Unicode know too, where it has every letter."""
    words = [str(patient), state.description, state.creator]
    words += [text.text for one in state.annotations for text in one.texts]
    words += [layer.description for layer in state.layers]
    words += [window.explanation for voi in state.voi for window in voi.windows]
    words += [table.explanation for voi in state.voi for table in voi.tables]
    words += [f"{one.plane.label}{one.plane.description}" for one in state.overlays]
    words.append(state.modality.unit)
    try:
        "".join(words).encode("latin-1")
    except UnicodeEncodeError:
        return "ISO_IR 192"
    return "ISO_IR 100"


def _fill(made: Dataset, state: PresentationState, instances: Mapping[SopUid, Instance]) -> None:
    made.PresentationCreationDate = state.created[:8]
    made.PresentationCreationTime = state.created[8:14]
    made.Laterality = None  # of type 2C where it is not known which body part is meant
    made.InstanceCreationDate, made.InstanceCreationTime = state.created[:8], state.created[8:14]
    made.ReferencedSeriesSequence = series_of(state.references, instances)
    made.DisplayedAreaSelectionSequence = areas(state, instances)
    if state.rotation or state.flip:
        made.ImageRotation = state.rotation
        made.ImageHorizontalFlip = "Y" if state.flip else "N"
    if state.layers:
        made.GraphicLayerSequence = layers(state)
    if state.annotations:
        made.GraphicAnnotationSequence = annotations(state, instances)
    for part in (shutter(state), overlays(state), activations(state)):
        made.update(part)
    if state.kind is StateKind.GREY:
        del made.PresentationLUTShape  # highdicom's own
        made.update(grey_steps(state, lambda scope: references(scope, instances)))


def _copy(source: Dataset, target: Dataset) -> None:
    for element in source:
        if element.keyword not in {*UIDS, "SamplesPerPixel", "Rows", "Columns"} and (
            element.keyword != "PhotometricInterpretation"
        ):
            target[element.tag] = element


def _refuse_bad_identifiers(state: PresentationState, instances: Mapping[SopUid, Instance]) -> None:
    """Nothing can refer to an image whose UIDs are none (PS3.5 9.1)."""
    for reference in state.references:
        image = instances.get(reference.sop)
        if image is None:
            raise HeaderError("An image of the state is not here.", where=reference.sop)
        uids = (image.ref.study, image.ref.series, image.ref.sop, image.sop_class)
        if not all(re.fullmatch(UID_FORM, uid) for uid in uids):
            raise HeaderError(
                f"An image has an identifier that is no valid UID: {line(reference.sop)}.",
                where=reference.sop,
            )


def _refuse_another(state: PresentationState, out: io.BytesIO) -> None:
    """What a file says must be what was meant, before anybody relies on it."""
    out.seek(0)
    try:
        again = read_presentation_state(out, name=state.label)
    except ViewerError as error:
        raise HeaderError(f"The state cannot be written: {error.sentence}") from error
    differing = [
        name
        for name in PresentationState.__dataclass_fields__
        if name not in _REWORDED and getattr(again, name) != getattr(state, name)
    ]
    if differing:
        part = differing[0].replace("_", " ")
        raise HeaderError(f"The state cannot be written: a DICOM file cannot hold its {part}.")


_REWORDED = frozenset({"label", "description", "creator"})
"""Words, which are cut to what their elements take."""


def _version() -> str:
    try:
        return importlib.metadata.version("lightbox-workstation")
    except importlib.metadata.PackageNotFoundError:
        return "0.1.0"  # a source tree
