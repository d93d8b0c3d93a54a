"""States are read whole, or refused with a sentence that names them."""

import io
import random
from typing import Any

import pytest
from pydicom.dataset import Dataset

from tests.kit.dicom_files import lut, written
from tests.kit.presentation_states import (
    COLOUR,
    IMAGE,
    area,
    drawn,
    graphic,
    item,
    layer,
    modality_table,
    read,
    reference,
    state,
)
from viewer.errors import HeaderError, NotDicom, UnsupportedSopClass, ViewerError
from viewer.loading.presentation_state import is_presentation_state, read_presentation_state
from viewer.model.presentation import LutShape, Rescale
from viewer.model.presentation_state import (
    GraphicType,
    ImageReference,
    Justification,
    SizeMode,
    StateKind,
    Units,
)
from viewer.model.refs import FrameRef, SeriesUid, SopUid, StudyUid


def frame(number: int = 0, sop: str = IMAGE) -> FrameRef:
    return FrameRef(StudyUid("1"), SeriesUid("1.1"), SopUid(sop), number)


def test_who_made_it_and_what_it_is_called() -> None:
    made = read(state())
    assert (made.label, made.description, made.creator, made.created) == (
        "STATE",
        "As it was read",
        "Reader^One",
        "20260102131415",
    )
    assert made.kind is StateKind.GREY
    assert made.ref.sop == "1.2.826.0.1.77.1"
    assert made.modality == Rescale(1, 0, "")
    assert made.presentation_lut is LutShape.IDENTITY


def test_frames_are_counted_from_zero_and_only_they_are_meant() -> None:
    made = read(state(images=[reference(frames=[2, 4])]))
    assert made.references == (ImageReference(SopUid(IMAGE), (1, 3)),)
    assert [made.applies_to(frame(n)) for n in range(5)] == [False, True, False, True, False]
    assert not made.applies_to(frame(1, "1.2.3"))
    assert made.area_of(frame(0)) is None
    assert made.area_of(frame(1)) is not None


def test_displayed_area_has_the_edges_of_its_outer_pixels_in_any_order() -> None:
    for first, second in (((2, 3), (10, 7)), ((10, 3), (2, 7)), ((10, 7), (2, 3))):
        found = read(state(DisplayedAreaSelectionSequence=[area(first, second)])).areas[0]
        assert (found.left, found.top, found.right, found.bottom) == (1, 2, 10, 7)
        assert (found.mode, found.aspect) == (SizeMode.SCALE_TO_FIT, 1)


def test_displayed_area_by_spacing_and_by_magnification() -> None:
    sized = area(mode="TRUE SIZE", PresentationPixelSpacing=[0.8, 0.4])
    enlarged = area(mode="MAGNIFY", PresentationPixelMagnificationRatio=2.5)
    found = read(state(DisplayedAreaSelectionSequence=[sized])).areas[0]
    assert (found.aspect, found.column_spacing) == (2.0, 0.4)
    assert read(state(DisplayedAreaSelectionSequence=[enlarged])).areas[0].magnification == 2.5


def test_layers_are_drawn_in_their_order() -> None:
    layers = [
        layer("TOP", 9, GraphicLayerRecommendedDisplayGrayscaleValue=65535),
        layer("LOW", 2, GraphicLayerRecommendedDisplayCIELabValue=[65535, 32896, 32896]),
    ]
    made = read(
        state(
            GraphicLayerSequence=layers,
            GraphicAnnotationSequence=[
                drawn(graphic("POINT", 1, 2), on="TOP"),
                drawn(graphic("CIRCLE", 2, 2, 3, 2, GraphicFilled="Y"), on="LOW"),
            ],
        )
    )
    assert [one.layer for one in made.annotations_of(frame())] == ["LOW", "TOP"]
    low = made.annotations_of(frame())[0]
    assert low.graphics[0].kind is GraphicType.CIRCLE
    assert low.graphics[0].filled
    assert [tuple(point) for point in low.graphics[0].points] == [(2, 2), (3, 2)]
    lowest = made.layer("LOW")
    assert lowest is not None
    assert lowest.colour is not None
    assert [round(value, 3) for value in lowest.colour] == [100, 0, 0]


def test_texts_have_boxes_and_anchors_in_their_own_units() -> None:
    text = item(
        BoundingBoxAnnotationUnits="DISPLAY",
        AnchorPointAnnotationUnits="PIXEL",
        UnformattedTextValue="first\r\nsecond",
        BoundingBoxTopLeftHandCorner=[0.25, 0.25],
        BoundingBoxBottomRightHandCorner=[0.5, 0.5],
        BoundingBoxTextHorizontalJustification="RIGHT",
        AnchorPoint=[3, 4],
        AnchorPointVisibility="Y",
    )
    made = read(
        state(GraphicLayerSequence=[layer()], GraphicAnnotationSequence=[drawn(texts=[text])])
    )
    found = made.annotations[0].texts[0]
    assert found.text == "first\nsecond"
    assert found.box is not None
    assert found.anchor is not None
    assert (found.box.units, found.box.justification) == (Units.DISPLAY, Justification.RIGHT)
    assert found.box.second == (0.5, 0.5)
    assert (found.anchor.units, found.anchor.at, found.anchor.visible) == (
        Units.PIXEL,
        (3, 4),
        True,
    )


def refusal(ds: Dataset) -> str:
    with pytest.raises(ViewerError) as caught:
        read(ds)
    assert caught.value.where in {"1.2.826.0.1.77.1", "state.dcm"}
    return caught.value.sentence


def annotated(*graphics: Dataset, **values: Any) -> Dataset:
    return state(
        GraphicLayerSequence=[layer()], GraphicAnnotationSequence=[drawn(*graphics, **values)]
    )


def with_area(**values: Any) -> Dataset:
    return state(DisplayedAreaSelectionSequence=[area(**values)])


def voi(**values: Any) -> Dataset:
    return state(SoftcopyVOILUTSequence=[item(**values)])


def shortened(table: Dataset) -> Dataset:
    """The same table, which now says that it has nine entries."""
    table.add_new(0x00283002, "US", [9, 0, 16])
    return table


REFUSED = {
    "turn": (state(ImageRotation=45), "turns the image by 45"),
    "flip": (state(ImageHorizontalFlip="X"), "flip is 'X'"),
    "shape": (state(PresentationLUTShape="LIN OD"), "Shape is 'LIN OD'"),
    "two luts": (state(PresentationLUTSequence=[lut(0, [0, 255])]), "two presentation LUTs"),
    "two steps": (
        state(RescaleSlope=1, RescaleIntercept=0, ModalityLUTSequence=modality_table(0, [1, 2])),
        "two modality",
    ),
    "half a rescale": (state(RescaleSlope=1), "no slope or no intercept"),
    "no slope": (state(RescaleSlope=0, RescaleIntercept=0), "no slope or no intercept"),
    "short table": (
        state(ModalityLUTSequence=[shortened(lut(0, [1, 2]))]),
        "2 of 9 entries",
    ),
    "deep table": (state(ModalityLUTSequence=modality_table(0, [0, 4096], 12)), "fit 12 bits"),
    "narrow": (voi(WindowCenter=1, WindowWidth=0), "window of it is wrong"),
    "function": (voi(WindowCenter=1, WindowWidth=9, VOILUTFunction="CUBIC"), "CUBIC"),
    "empty voi": (voi(), "neither a window nor a table"),
    "two vois": (
        state(
            SoftcopyVOILUTSequence=[
                item(WindowCenter=1, WindowWidth=2),
                item(WindowCenter=1, WindowWidth=3, ReferencedImageSequence=[reference()]),
            ]
        ),
        "two VOI",
    ),
    "no image": (state(images=[]), "refers to no image"),
    "nameless image": (state(images=[item(ReferencedSOPClassUID="1.2")]), "names no image"),
    "frame 0": (state(images=[reference(frames=[0])]), "frame number"),
    "segments": (
        state(images=[item(ReferencedSOPInstanceUID=IMAGE, ReferencedSegmentNumber=1)]),
        "segments",
    ),
    "stranger": (
        state(DisplayedAreaSelectionSequence=[area(ReferencedImageSequence=[reference("1.2.9")])]),
        "does not refer to",
    ),
    "frame outside": (
        state(
            images=[reference(frames=[2])],
            DisplayedAreaSelectionSequence=[area(ReferencedImageSequence=[reference(frames=[1])])],
        ),
        "does not refer to",
    ),
    "no area": (state(DisplayedAreaSelectionSequence=None), "which area"),
    "two areas": (state(DisplayedAreaSelectionSequence=[area(), area()]), "two displayed areas"),
    "mode": (with_area(mode="STRETCH"), "size mode is 'STRETCH'"),
    "no aspect": (with_area(PresentationPixelAspectRatio=None), "spacing or an aspect"),
    "true size": (with_area(mode="TRUE SIZE"), "true size without"),
    "ratio": (with_area(mode="MAGNIFY"), "magnifies by 0"),
    "far": (with_area(second=(5, 1 << 24)), "not a place"),
    "flat": (with_area(PresentationPixelAspectRatio=[1, 100000]), "shape of its pixels"),
    "layer": (
        state(GraphicAnnotationSequence=[drawn(graphic("POINT", 1, 1), on="ELSE")]),
        "'ELSE' that it does not define",
    ),
    "two layers": (state(GraphicLayerSequence=[layer(), layer()]), "one name"),
    "type": (annotated(graphic("ARROW", 1, 1)), "graphic type 'ARROW'"),
    "units": (annotated(graphic("POINT", 1, 1, units="MATRIX")), "unit 'MATRIX'"),
    "points": (annotated(graphic("CIRCLE", 1, 1)), "CIRCLE has 1 points"),
    "count": (annotated(graphic("POLYLINE", 1, 1, 2, 2, NumberOfGraphicPoints=3)), "has 2 points"),
    "dimensions": (annotated(graphic("POINT", 1, 1, GraphicDimensions=3)), "3 dimensions"),
    "coordinate": (annotated(graphic("POINT", 1, float("nan"))), "not a number"),
    "distant": (annotated(graphic("POINT", 1, 1e12)), "far outside"),
    "placeless": (annotated(texts=[item(UnformattedTextValue="x")]), "no place"),
    "compound": (
        annotated(
            graphic("POINT", 1, 1),
            CompoundGraphicSequence=[item(CompoundGraphicInstanceID=4)],
        ),
        "compound graphic",
    ),
    "mask": (state(MaskSubtractionSequence=[item(MaskOperation="AVG_SUB")]), "(0028,6100)"),
    "grey steps": (
        state(COLOUR, SoftcopyVOILUTSequence=[item(WindowCenter=1, WindowWidth=2)]),
        "colour images",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_unknown_or_contradictory_refuses_the_whole_state(what: str) -> None:
    ds, words = REFUSED[what]
    sentence = refusal(ds)
    assert sentence.startswith("Presentation state STATE is not applied: ")
    assert words in sentence
    assert sentence.endswith(".")


def test_curves_are_refused() -> None:
    ds = state()
    ds.add_new(0x50001001, "CS", "L")
    assert "(5000,1001)" in refusal(ds)


def test_private_and_ordinary_elements_do_not_matter() -> None:
    ds = state(Manufacturer="M", SoftwareVersions="1")
    ds.private_block(0x0071, "OURS", create=True).add_new(1, "LO", "x")
    assert read(ds).label == "STATE"


@pytest.mark.parametrize(
    ("number", "words"),
    [("3", "Pseudo-colour"), ("4", "Blending"), ("5", "Angiographic"), ("8", "Advanced blending")],
)
def test_other_kinds_of_state_are_refused_by_name(number: str, words: str) -> None:
    ds = state(f"1.2.840.10008.5.1.4.1.1.11.{number}")
    with pytest.raises(UnsupportedSopClass, match=f"STATE is not applied: {words}"):
        read(ds)
    assert is_presentation_state(ds.SOPClassUID)


def test_an_image_is_no_state_and_rubbish_is_no_object() -> None:
    with pytest.raises(UnsupportedSopClass, match="not a presentation state"):
        read(state("1.2.840.10008.5.1.4.1.1.2"))
    with pytest.raises(NotDicom):
        read_presentation_state(io.BytesIO(b"nothing"), name="x")


def test_a_cut_file_is_refused() -> None:
    whole = written(state())
    for length in range(200, len(whole) - 1, 97):
        with pytest.raises(ViewerError):
            read_presentation_state(io.BytesIO(whole[:length]), name="x")


def test_too_many_objects_are_refused() -> None:
    ds = annotated(graphic("POINT", 1, 1))
    ds.GraphicAnnotationSequence[0].GraphicObjectSequence = [
        graphic("POLYLINE", *([1.0, 2.0] * 8000))
    ] * 33
    with pytest.raises(HeaderError, match="more than"):
        read(ds)


def test_changed_bytes_are_refused_or_read_and_nothing_else() -> None:
    text = item(
        BoundingBoxAnnotationUnits="PIXEL",
        UnformattedTextValue="x",
        BoundingBoxTopLeftHandCorner=[1, 1],
        BoundingBoxBottomRightHandCorner=[2, 2],
    )
    ds = annotated(graphic("POLYLINE", 1, 1, 2, 2), graphic("CIRCLE", 1, 1, 2, 2), texts=[text])
    ds.ModalityLUTSequence = modality_table(0, range(16))
    ds.SoftcopyVOILUTSequence = [item(WindowCenter=4, WindowWidth=9)]
    whole, dice = written(ds), random.Random(21)
    outcomes = {True: 0, False: 0}
    for _ in range(600):
        changed = bytearray(whole)
        for _ in range(dice.randint(1, 4)):
            changed[dice.randrange(132, len(changed))] = dice.randrange(256)
        try:
            read_presentation_state(io.BytesIO(bytes(changed)), name="changed")
        except ViewerError as error:
            outcomes[False] += bool(error.sentence)
        else:
            outcomes[True] += 1
    assert sum(outcomes.values()) == 600
    assert min(outcomes.values()) > 50


def test_a_part_may_be_for_most_of_many_images() -> None:
    many = [reference(f"1.2.3.{n}") for n in range(200)]
    ds = state(
        images=many, DisplayedAreaSelectionSequence=[area(ReferencedImageSequence=many[:199])]
    )
    made = read(ds)
    assert len(made.references) == 200
    assert made.area_of(frame(0, "1.2.3.198")) is not None
    assert made.area_of(frame(0, "1.2.3.199")) is None


def test_more_frame_numbers_than_can_be_are_refused() -> None:
    crowd = [reference(f"1.2.3.{n}", range(10**9, 10**9 + 1200)) for n in range(90)]
    assert "more frames than can be" in refusal(state(images=crowd))


def private(**values: list[float] | str) -> Dataset:
    """A displayed area with what Lightbox writes beside it: numbers by their place, an edge."""
    ds = area((3, 2), (10, 9), "MAGNIFY", PresentationPixelMagnificationRatio=2.0)
    block = ds.private_block(0x0071, "LIGHTBOX", create=True)
    for name, value in values.items():
        element = {"placing": 1, "edge": 2, "fine": 3}[name]
        block.add_new(element, "CS" if name == "edge" else "FD", value)
    return ds


@pytest.mark.parametrize(
    "values",
    [
        {"placing": [2.0, float("nan"), 1.0]},
        {"placing": [float("inf"), 0.0, 1.0]},
        {"placing": [0.0, 0.0, 1.0]},
        {"placing": [2.0, 1e300, 1.0]},
        {"placing": [2.0, 1.0]},
        {"fine": [9.0, 1.0, 2.0, 8.0]},
        {"fine": [1.0, 1.0, 2.0, float("nan")]},
        {"edge": "INSIDE"},
    ],
)
def test_private_elements_that_say_nothing_clear_say_nothing(values: dict[str, Any]) -> None:
    found = read(state(DisplayedAreaSelectionSequence=[private(**values)])).areas[0]
    assert (found.placing, found.fine, found.edge) == (None, None, None)
    assert (found.left, found.right, found.magnification) == (2, 10, 2.0)


def test_private_elements_of_others_are_not_ours() -> None:
    ds = area()
    ds.private_block(0x0071, "SOMEBODY", create=True).add_new(1, "FD", [2.0, 3.0, 4.0])
    assert read(state(DisplayedAreaSelectionSequence=[ds])).areas[0].placing is None
    ds.private_block(0x0071, "LIGHTBOX", create=True).add_new(1, "FD", [2.0, 3.0, 4.0])
    assert read(state(DisplayedAreaSelectionSequence=[ds])).areas[0].placing == (2.0, 3.0, 4.0)
