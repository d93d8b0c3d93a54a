"""Presentation states made in code, as bytes; what a test says differs from a plain grey one."""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from pydicom.dataset import Dataset

from tests.kit.dicom_files import dataset, lut, written
from viewer.loading.presentation_state import read_presentation_state
from viewer.model.presentation_state import PresentationState

GREY = "1.2.840.10008.5.1.4.1.1.11.1"
COLOUR = "1.2.840.10008.5.1.4.1.1.11.2"
CT = "1.2.840.10008.5.1.4.1.1.2"
IMAGE = str(dataset(1).SOPInstanceUID)


def item(**values: Any) -> Dataset:
    """One sequence item."""
    ds = Dataset()
    for keyword, value in values.items():
        setattr(ds, keyword, value)
    return ds


def reference(sop: str = IMAGE, frames: Sequence[int] | None = None) -> Dataset:
    """A reference to an image, or to frames of it counted from 1."""
    ds = item(ReferencedSOPClassUID=CT, ReferencedSOPInstanceUID=sop)
    if frames is not None:
        ds.ReferencedFrameNumber = list(frames)
    return ds


def area(
    first: tuple[int, int] = (1, 1),
    second: tuple[int, int] = (5, 4),
    mode: str = "SCALE TO FIT",
    **values: Any,
) -> Dataset:
    """A displayed area by the columns and rows of its corners, counted from 1."""
    ds = item(
        DisplayedAreaTopLeftHandCorner=list(first),
        DisplayedAreaBottomRightHandCorner=list(second),
        PresentationSizeMode=mode,
    )
    if "PresentationPixelSpacing" not in values:
        ds.PresentationPixelAspectRatio = [1, 1]
    for keyword, value in values.items():
        setattr(ds, keyword, value)
    return ds


def state(sop_class: str = GREY, images: Sequence[Dataset] | None = None, **values: Any) -> Dataset:
    """A state for ``images`` (the image of ``dataset``); None removes an element."""
    ds = item(
        SOPClassUID=sop_class,
        SOPInstanceUID="1.2.826.0.1.77.1",
        StudyInstanceUID="1.2.826.0.1",
        SeriesInstanceUID="1.2.826.0.1.77",
        Modality="PR",
        PatientName="Test^Patient",
        PatientID="T-1",
        SeriesNumber=77,
        InstanceNumber=1,
        ContentLabel="STATE",
        ContentDescription="As it was read",
        PresentationCreationDate="20260102",
        PresentationCreationTime="131415",
        ContentCreatorName="Reader^One",
        ReferencedSeriesSequence=[
            item(
                SeriesInstanceUID="1.2.826.0.1.1",
                ReferencedImageSequence=[reference()] if images is None else list(images),
            )
        ],
        DisplayedAreaSelectionSequence=[area()],
    )
    if sop_class == GREY:
        ds.PresentationLUTShape = "IDENTITY"
    for keyword, value in values.items():
        if value is None:
            delattr(ds, keyword)
        else:
            setattr(ds, keyword, value)
    return ds


def graphic(kind: str, *points: float, units: str = "PIXEL", **values: Any) -> Dataset:
    """One vector graphic."""
    ds = item(
        GraphicAnnotationUnits=units,
        GraphicDimensions=2,
        NumberOfGraphicPoints=len(points) // 2,
        GraphicData=list(points),
        GraphicType=kind,
        GraphicFilled="N",
    )
    for keyword, value in values.items():
        setattr(ds, keyword, value)
    return ds


def layer(name: str = "L", order: int = 1, **values: Any) -> Dataset:
    """One graphic layer."""
    return item(GraphicLayer=name, GraphicLayerOrder=order, **values)


def drawn(*graphics: Dataset, on: str = "L", texts: Sequence[Dataset] = (), **values: Any) -> Any:
    """One graphic annotation."""
    ds = item(GraphicLayer=on, **values)
    if graphics:
        ds.GraphicObjectSequence = list(graphics)
    if texts:
        ds.TextObjectSequence = list(texts)
    return ds


def modality_table(first: int, entries: Sequence[int], bits: int = 16) -> list[Dataset]:
    """A Modality LUT Sequence."""
    return [lut(first, entries, bits, ModalityLUTType="US")]


def read(ds: Dataset) -> PresentationState:
    """Read a state as the product does."""
    return read_presentation_state(io.BytesIO(written(ds)), name="state.dcm")


def ramp_image(bits: int = 8, **values: Any) -> Dataset:
    """A picture in the manner of the SMPTE pattern: a ramp over every value, steps, text bars."""
    top = (1 << bits) - 1
    across = np.linspace(0, top, 256).round().astype(np.uint16)
    steps = (np.arange(256) // 16 * top // 15).astype(np.uint16)
    bars = np.where(np.arange(256) % 4 < 2, 0, top).astype(np.uint16)
    rows = np.concatenate(
        [np.tile(row, (16, 1)) for row in (across, steps, across[::-1], bars)], axis=0
    )
    facts: dict[str, Any] = {
        "Rows": rows.shape[0],
        "Columns": 256,
        "BitsAllocated": 8 if bits == 8 else 16,
        "BitsStored": bits,
        "HighBit": bits - 1,
        "PixelSpacing": [0.5, 0.5],
        "PixelData": rows.astype(np.uint8 if bits == 8 else "<u2").tobytes(),
    }
    return dataset(**{**facts, **values})
