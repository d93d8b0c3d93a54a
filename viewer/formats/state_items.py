"""The parts of a presentation state as the items of a DICOM object, the reverse of reading them."""

import struct
from collections.abc import Callable, Mapping
from typing import Any

from pydicom import Dataset

from viewer.formats.decimal_strings import decimal_string
from viewer.formats.sr_text import line
from viewer.loading.state_looks import EDGE, FINE, OWNER, PLACING
from viewer.model.overlay_plane import OverlayBitmap
from viewer.model.presentation import PresentationLut, Rescale, Window
from viewer.model.presentation_state import (
    IDENTITY_STEP,
    DisplayedArea,
    GraphicAnnotation,
    GraphicLayer,
    GraphicObject,
    LutTable,
    PresentationState,
    Scope,
    SoftcopyVoi,
    TextObject,
)
from viewer.model.refs import SopUid
from viewer.model.shutter import Lab, Shutter
from viewer.model.study import Instance

Instances = Mapping[SopUid, Instance]
_PRIVATE = 0x0071


def item(**values: Any) -> Dataset:
    """One item of a sequence; None leaves an element out."""
    made = Dataset()
    for keyword, value in values.items():
        if value is not None:
            setattr(made, keyword, value)
    return made


def references(scope: Scope, instances: Instances) -> list[Dataset]:
    """A Referenced Image Sequence; frames count from 1 there."""
    return [
        item(
            ReferencedSOPClassUID=instances[one.sop].sop_class,
            ReferencedSOPInstanceUID=one.sop,
            ReferencedFrameNumber=[frame + 1 for frame in one.frames] or None,
        )
        for one in scope
    ]


def series_of(scope: Scope, instances: Instances) -> list[Dataset]:
    """A Referenced Series Sequence."""
    by_series: dict[str, list[Dataset]] = {}
    for one, made in zip(scope, references(scope, instances), strict=True):
        by_series.setdefault(instances[one.sop].ref.series, []).append(made)
    return [
        item(SeriesInstanceUID=uid, ReferencedImageSequence=images)
        for uid, images in by_series.items()
    ]


def areas(state: PresentationState, instances: Instances) -> list[Dataset]:
    """A Displayed Area Selection Sequence (C.10.4)."""
    return [_area(one, state, instances) for one in state.areas]


def _area(one: DisplayedArea, state: PresentationState, instances: Instances) -> Dataset:
    first, second = _corners(one, state)
    height, width = one.sides or (one.aspect, 1.0)
    in_mm = one.column_spacing is not None
    made = item(
        ReferencedImageSequence=references(one.scope, instances) or None,
        DisplayedAreaTopLeftHandCorner=first,
        DisplayedAreaBottomRightHandCorner=second,
        PresentationSizeMode=one.mode.value,
        PresentationPixelSpacing=_decimals(height, width) if in_mm else None,
        PresentationPixelAspectRatio=None if in_mm else [int(height), int(width)],
        PresentationPixelMagnificationRatio=one.magnification,
    )
    _add_private(made, one)
    return made


def _corners(one: DisplayedArea, state: PresentationState) -> tuple[list[int], list[int]]:
    """The pixels that lie at the upper left and lower right once the image is turned (C.10.4)."""
    columns, rows = (int(one.left) + 1, int(one.right)), (int(one.top) + 1, int(one.bottom))
    # going along a row of the screen leads to the right or left, or down or up, in the image
    across, down = _directions(state.rotation, flip=state.flip)
    right, below = across[0] + down[0], across[1] + down[1]
    first = [columns[0 if right > 0 else 1], rows[0 if below > 0 else 1]]
    second = [columns[1 if right > 0 else 0], rows[1 if below > 0 else 0]]
    return first, second


def _directions(rotation: int, *, flip: bool) -> tuple[tuple[int, int], tuple[int, int]]:
    """Which way of the image, columns and rows, leads right and down on the screen (C.10.6)."""
    across, down = _TURNED[rotation]
    return ((-across[0], -across[1]) if flip else across), down


_TURNED = {
    0: ((1, 0), (0, 1)),
    90: ((0, -1), (1, 0)),
    180: ((-1, 0), (0, -1)),
    270: ((0, 1), (-1, 0)),
}


def _add_private(made: Dataset, one: DisplayedArea) -> None:
    """What the standard's own elements round, in elements that others skip (PS3.5 7.8)."""
    if one.placing is None and one.fine is None and one.edge is None:
        return
    block = made.private_block(_PRIVATE, OWNER, create=True)
    if one.placing is not None:
        block.add_new(PLACING, "FD", list(one.placing))
    if one.edge is not None:
        block.add_new(EDGE, "CS", one.edge.value.upper())
    if one.fine is not None:
        block.add_new(FINE, "FD", list(one.fine))


def layers(state: PresentationState) -> list[Dataset]:
    """A Graphic Layer Sequence (C.10.7)."""
    return [_layer(one) for one in state.layers]


def _layer(one: GraphicLayer) -> Dataset:
    return item(
        GraphicLayer=one.name,
        GraphicLayerOrder=one.order,
        GraphicLayerDescription=line(one.description) or None,
        GraphicLayerRecommendedDisplayGrayscaleValue=(
            None if one.grey is None else round(one.grey * 0xFFFF)
        ),
        GraphicLayerRecommendedDisplayCIELabValue=None if one.colour is None else _lab(one.colour),
    )


def _lab(colour: Lab) -> list[int]:
    """PS3.3 C.10.7.1.1."""
    parts = (colour.lightness / 100, (colour.a + 128) / 255, (colour.b + 128) / 255)
    return [min(max(round(part * 0xFFFF), 0), 0xFFFF) for part in parts]


def annotations(state: PresentationState, instances: Instances) -> list[Dataset]:
    """A Graphic Annotation Sequence (C.10.5)."""
    return [_annotation(one, instances) for one in state.annotations]


def _annotation(one: GraphicAnnotation, instances: Instances) -> Dataset:
    return item(
        ReferencedImageSequence=references(one.scope, instances) or None,
        GraphicLayer=one.layer,
        GraphicObjectSequence=[_graphic(graphic) for graphic in one.graphics] or None,
        TextObjectSequence=[_text(text) for text in one.texts] or None,
    )


def _graphic(one: GraphicObject) -> Dataset:
    return item(
        GraphicAnnotationUnits=one.units.value,
        GraphicDimensions=2,
        NumberOfGraphicPoints=len(one.points),
        GraphicData=[number for point in one.points for number in point],
        GraphicType=one.kind.value,
        GraphicFilled="Y" if one.filled else "N",
    )


def _text(one: TextObject) -> Dataset:
    box, anchor = one.box, one.anchor
    return item(
        UnformattedTextValue=one.text.replace("\n", "\r\n"),
        BoundingBoxAnnotationUnits=box.units.value if box else None,
        BoundingBoxTopLeftHandCorner=list(box.first) if box else None,
        BoundingBoxBottomRightHandCorner=list(box.second) if box else None,
        BoundingBoxTextHorizontalJustification=box.justification.value if box else None,
        AnchorPointAnnotationUnits=anchor.units.value if anchor else None,
        AnchorPoint=list(anchor.at) if anchor else None,
        AnchorPointVisibility=("Y" if anchor.visible else "N") if anchor else None,
    )


def shutter(state: PresentationState) -> Dataset:
    """The Display Shutter and Bitmap Display Shutter modules (C.7.6.11, C.7.6.15)."""
    one = state.shutter
    if one is None:
        return Dataset()
    made = item(ShutterShape=_shapes(one), ShutterPresentationValue=one.p_value)
    if one.colour is not None:
        made.ShutterPresentationColorCIELabValue = _lab(one.colour)
    if one.rectangle is not None:
        left, right, upper, lower = one.rectangle
        made.ShutterLeftVerticalEdge, made.ShutterRightVerticalEdge = left, right
        made.ShutterUpperHorizontalEdge, made.ShutterLowerHorizontalEdge = upper, lower
    if one.circle is not None:
        row, column, radius = one.circle
        made.CenterOfCircularShutter, made.RadiusOfCircularShutter = [row, column], radius
    if one.polygon:
        made.VerticesOfThePolygonalShutter = [n for corner in one.polygon for n in corner]
    if one.bitmap is not None:
        made.ShutterOverlayGroup = one.bitmap.plane.group
    return made


def _shapes(one: Shutter) -> list[str]:
    shapes = (
        ("RECTANGULAR", one.rectangle is not None),
        ("CIRCULAR", one.circle is not None),
        ("POLYGONAL", bool(one.polygon)),
        ("BITMAP", one.bitmap is not None),
    )
    return [name for name, there in shapes if there]


def overlays(state: PresentationState) -> Dataset:
    """Overlay planes that the state holds itself (C.9.2)."""
    made = Dataset()
    for bitmap in state.overlays:
        made.update(_overlay(bitmap))
    return made


def _overlay(bitmap: OverlayBitmap) -> Dataset:
    plane, made = bitmap.plane, Dataset()
    group = plane.group << 16
    made.add_new(group | 0x0010, "US", plane.rows)
    made.add_new(group | 0x0011, "US", plane.columns)
    made.add_new(group | 0x0040, "CS", "R" if plane.roi else "G")
    made.add_new(group | 0x0050, "SS", [plane.row, plane.column])
    made.add_new(group | 0x0100, "US", 1)
    made.add_new(group | 0x0102, "US", 0)
    if plane.description:
        made.add_new(group | 0x0022, "LO", line(plane.description))
    if plane.label:
        made.add_new(group | 0x1500, "LO", line(plane.label))
    size = -(-plane.rows * plane.columns // 8)
    made.add_new(group | 0x3000, "OW", bitmap.packed[:size] + bytes(size % 2))
    return made


def activations(state: PresentationState) -> Dataset:
    """Overlay Activation Layer of each group that is drawn (C.11.7)."""
    made = Dataset()
    for one in state.activations:
        made.add_new(one.group << 16 | 0x1001, "CS", one.layer)
    return made


def grey_steps(state: PresentationState, refer: Callable[[Scope], list[Dataset]]) -> Dataset:
    """Modality, VOI and presentation steps (C.11.1, C.11.8, C.11.6)."""
    made, step = Dataset(), state.modality
    if not isinstance(step, Rescale):
        table = _table(step.table)
        table.ModalityLUTType = line(step.unit) or "US"
        made.ModalityLUTSequence = [table]
    elif step != IDENTITY_STEP:
        made.RescaleIntercept = decimal_string(step.intercept)
        made.RescaleSlope = decimal_string(step.slope)
        made.RescaleType = line(step.unit) or "US"
    if state.voi:
        made.SoftcopyVOILUTSequence = [_voi(one, refer) for one in state.voi]
    last = state.presentation_lut
    if isinstance(last, PresentationLut):
        made.PresentationLUTSequence = [
            _table(LutTable(0, last.entries, last.bits, last.explanation))
        ]
    else:
        made.PresentationLUTShape = last.value
    return made


def _voi(one: SoftcopyVoi, refer: Callable[[Scope], list[Dataset]]) -> Dataset:
    made = item(ReferencedImageSequence=refer(one.scope) or None)
    if one.tables:
        made.VOILUTSequence = [_table(table) for table in one.tables]
    if one.windows:
        made.WindowCenter = [decimal_string(window.centre) for window in one.windows]
        made.WindowWidth = [decimal_string(window.width) for window in one.windows]
        if any(window.explanation for window in one.windows):
            made.WindowCenterWidthExplanation = [_plain(window) for window in one.windows]
        made.VOILUTFunction = one.windows[0].function.value
    return made


def _plain(window: Window) -> str:
    return line(window.explanation)


def _table(table: LutTable) -> Dataset:
    """A lookup table (C.11.1.1); entries are written in words, whatever their bits."""
    made, count = Dataset(), len(table.entries)
    # the first mapped value is unsigned here, so its VR is US whatever the image's pixels are
    made.add_new(0x00283002, "US", [0 if count == 65536 else count, table.first, table.bits])
    if table.explanation:
        made.LUTExplanation = line(table.explanation)
    made.add_new(0x00283006, "OW", struct.pack(f"<{count}H", *table.entries))
    return made


def _decimals(*numbers: float) -> list[str]:
    return [decimal_string(number) for number in numbers]
