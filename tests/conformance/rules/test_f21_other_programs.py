"""F21: states by highdicom and states of other makers; dcmtk's picture as the outside opinion."""

import io
import shutil
import subprocess
from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PIL.ImageCms import ImageCmsProfile, createProfile
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

from tests.conformance.rules.test_f21_grey_steps import COMBINATIONS, combined, frame_of
from tests.kit.dicom_files import written
from tests.kit.presentation_states import ramp_image
from viewer.errors import UnsupportedSopClass
from viewer.loading.headers import read_header
from viewer.loading.presentation_state import read_presentation_state
from viewer.model.presentation import VoiLut, Window
from viewer.model.presentation_state import GraphicType, StateKind, Units
from viewer.pixels.pipeline import PixelPipeline
from viewer.viewport.softcopy import look_of
from workstation.__main__ import main

needs_dcmtk = pytest.mark.skipif(
    shutil.which("dcmp2pgm") is None, reason="dcmtk is not on this machine"
)


def by_dcmtk(image: Path, state: Path, out: Path) -> NDArray[np.int64]:
    subprocess.run(
        ["dcmp2pgm", "-p", str(state), str(image), str(out)],
        check=True,
        capture_output=True,
    )
    with Image.open(out) as picture:
        return np.asarray(picture).astype(np.int64)


@needs_dcmtk
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize(
    # dcmp2pgm draws SIGMOID as LINEAR
    ("modality", "voi", "last"),
    [steps for steps in COMBINATIONS if steps[1] != "sigmoid"],
)
def test_f21_dcmtk_sees_the_same_picture(
    modality: str, voi: str, last: str, photometric: str, tmp_path: Path
) -> None:
    """Within one level: dcmtk rounds to integers between the steps, and down at the end (F13)."""
    ds = ramp_image(12, PhotometricInterpretation=photometric)
    state = combined(modality, voi, last)
    files = [tmp_path / name for name in ("i.dcm", "s.dcm", "o.pgm")]
    files[0].write_bytes(written(ds))
    files[1].write_bytes(written(state))
    instance = read_header(io.BytesIO(files[0].read_bytes()), name="image").instance
    made = read_presentation_state(io.BytesIO(files[1].read_bytes()), name="state")
    pixels = np.frombuffer(ds.PixelData, "<u2").reshape(64, 256)
    ours = PixelPipeline.of(instance).p_values(
        pixels, look_of(made, frame_of(instance), instance), bits=8
    )
    theirs = by_dcmtk(*files)
    assert np.abs(ours - theirs).max() <= 1
    assert np.ptp(theirs) > 100


REAL = [
    ("lut-overlay-shutter/imageForPrLUTs.dcm", "lut-overlay-shutter/prLUTs.dcm", 0),
    *(
        (
            f"measurement-roi-clearcanvas/real0{n}.dcm",
            f"measurement-roi-clearcanvas/real0{n}.pr.dcm",
            1 if n == 4 else 0,
        )
        for n in range(1, 7)
    ),
]


@needs_dcmtk
@pytest.mark.parametrize(("image", "state", "most"), REAL)
def test_f21_states_of_other_makers_as_dcmtk_draws_them(
    image: str, state: str, most: int, tmp_path: Path, shared_dicom: Path
) -> None:
    """Only real04 has a window that does not divide evenly: there dcmtk rounds down (F13)."""
    files = shared_dicom / image, shared_dicom / state
    out = tmp_path / "o.png"
    words = ["render", str(files[0]), "--presentation-state", str(files[1]), "--out", str(out)]
    assert main(words) == 0
    with Image.open(out) as picture:
        ours = np.asarray(picture).astype(np.int64)
    difference = ours - by_dcmtk(*files, tmp_path / "o.pgm")
    assert 0 <= difference.min() <= difference.max() <= most


@needs_dcmtk
def test_f21_a_shutter_hides_by_formula_and_the_rest_is_as_dcmtk_draws_it(
    tmp_path: Path, shared_dicom: Path
) -> None:
    """Dcmp2pgm draws no shutter; of what stays visible it rounds down (F13, F19)."""
    image = Path(str(get_testdata_file("CT_small.dcm")))
    state = next(shared_dicom.rglob("gsps_shutter*.dcm"))
    out = tmp_path / "o.png"
    words = ["render", str(image), "--presentation-state", str(state), "--out", str(out)]
    assert main(words) == 0
    with Image.open(out) as picture:
        ours = np.asarray(picture).astype(np.int64)
    y, x = np.ogrid[1:129, 1:129]
    seen = (x >= 20) & (x <= 110) & (y >= 15) & (y <= 115) & ((x - 64) ** 2 + (y - 64) ** 2 <= 2500)
    difference = (ours - by_dcmtk(image, state, tmp_path / "o.pgm"))[seen]
    assert 0 <= difference.min() <= difference.max() <= 1
    assert not ours[~seen].any()
    assert ours[seen].mean() > 20


def test_f21_every_real_state_is_read(shared_dicom: Path) -> None:
    files = [*shared_dicom.rglob("*.pr.dcm"), *shared_dicom.rglob("gsps*.dcm")]
    assert len(files) >= 7
    for file in files:
        with file.open("rb") as data:
            made = read_presentation_state(data, name=str(file))
        assert made.annotations
        assert made.kind is StateKind.GREY
    shuttered = shared_dicom.rglob("gsps_shutter*.dcm")
    with next(shuttered).open("rb") as data:
        shutter = read_presentation_state(data, name="shutter").shutter
    assert shutter is not None
    assert (shutter.rectangle, shutter.circle) == ((20, 110, 15, 115), (64, 64, 50))


def highdicom_facts() -> dict[str, Any]:
    return {
        "series_instance_uid": highdicom.UID(),
        "series_number": 9,
        "sop_instance_uid": highdicom.UID(),
        "instance_number": 1,
        "manufacturer": "Maker",
        "manufacturer_model_name": "Model",
        "software_versions": "1",
        "device_serial_number": "1",
        "content_label": "HIGHDICOM",
        "content_creator_name": "Maker^One",
    }


def referenced() -> Dataset:
    ds = ramp_image(12, StudyTime="101010", AccessionNumber="", StudyID="1")
    ds.ReferringPhysicianName = ""
    written(ds)
    return ds


def annotations_of(ds: Dataset, layer: Any) -> list[Any]:
    box = np.array([[10.0, 10.0], [90.0, 10.0], [50.0, 5.0], [50.0, 15.0]])
    return [
        highdicom.pr.GraphicAnnotation(
            referenced_images=[ds],
            graphic_layer=layer,
            graphic_objects=[
                highdicom.pr.GraphicObject("ELLIPSE", box, "PIXEL", is_filled=True),
                highdicom.pr.GraphicObject(
                    "POLYLINE", np.array([[0.1, 0.1], [0.9, 0.9]]), "DISPLAY"
                ),
            ],
            text_objects=[
                highdicom.pr.TextObject("seen", "PIXEL", bounding_box=(3.0, 4.0, 30.0, 14.0))
            ],
        )
    ]


def test_f21_a_grey_state_by_highdicom() -> None:
    ds = referenced()
    layer = highdicom.pr.GraphicLayer(
        "MARKS", 1, "what was seen", highdicom.color.CIELabColor(53.6, 0.0, 0.0)
    )
    made = highdicom.pr.GrayscaleSoftcopyPresentationState(
        referenced_images=[ds],
        graphic_layers=[layer],
        graphic_annotations=annotations_of(ds, layer),
        voi_lut_transformations=[
            highdicom.pr.SoftcopyVOILUTTransformation(
                window_center=[1000.0, 50.0],
                window_width=[1501.0, 5.0],
                window_explanation=["FIRST", "SECOND"],
                referenced_images=highdicom.ReferencedImageSequence([ds]),
            )
        ],
        **highdicom_facts(),
    )
    state = read_presentation_state(io.BytesIO(written(made)), name="highdicom")
    assert (state.label, state.creator) == ("HIGHDICOM", "Maker^One")
    assert state.voi[0].windows == (Window(1000, 1501, "FIRST"), Window(50, 5, "SECOND"))
    ellipse, line = state.annotations[0].graphics
    assert (ellipse.kind, ellipse.filled, ellipse.units) == (GraphicType.ELLIPSE, True, Units.PIXEL)
    assert line.units is Units.DISPLAY
    found = state.layer("MARKS")
    assert found is not None
    assert found.colour is not None
    assert found.colour.lightness == pytest.approx(53.6, abs=0.01)


def test_f21_a_grey_state_by_highdicom_with_tables() -> None:
    ds = referenced()
    table = highdicom.VOILUT(0, np.arange(0, 4096, dtype=np.uint16) * 16, "LINE")
    made = highdicom.pr.GrayscaleSoftcopyPresentationState(
        referenced_images=[ds],
        voi_lut_transformations=[highdicom.pr.SoftcopyVOILUTTransformation(voi_luts=[table])],
        presentation_lut_transformation=highdicom.PresentationLUTTransformation("INVERSE"),
        **highdicom_facts(),
    )
    state = read_presentation_state(io.BytesIO(written(made)), name="highdicom")
    instance = read_header(io.BytesIO(written(ds)), name="image").instance
    look = look_of(state, frame_of(instance), instance)
    assert isinstance(look.voi, VoiLut)
    levels = PixelPipeline.of(instance).p_values(np.array([0, 2048], "u2"), look, bits=16)
    assert levels.tolist() == [65535, 65535 - 32768]


def test_f21_a_colour_state_by_highdicom() -> None:
    ds = referenced()
    ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PlanarConfiguration = 3, "RGB", 0
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 8, 8, 7
    ds.PixelData = bytes(3 * 64 * 256)
    monitor = ImageCmsProfile(createProfile("sRGB")).tobytes()
    profile = monitor[:12] + b"scnr" + monitor[16:]
    made = highdicom.pr.ColorSoftcopyPresentationState(
        referenced_images=[ds], icc_profile=profile, **highdicom_facts()
    )
    state = read_presentation_state(io.BytesIO(written(made)), name="highdicom")
    assert state.kind is StateKind.COLOUR
    instance = read_header(io.BytesIO(written(ds)), name="image").instance
    look = look_of(state, frame_of(instance), instance)
    assert state.profile is not None
    assert state.profile.data.rstrip(b"\0") == profile.rstrip(b"\0")
    assert (look.voi, look.modality, look.presentation_lut) == (None, None, None)


def test_f21_a_pseudo_colour_state_by_highdicom_is_refused() -> None:
    table = highdicom.PaletteColorLUT(0, np.arange(256, dtype=np.uint16), color="red")
    others = [
        highdicom.PaletteColorLUT(0, np.arange(256, dtype=np.uint16), color=colour)
        for colour in ("green", "blue")
    ]
    made = highdicom.pr.PseudoColorSoftcopyPresentationState(
        referenced_images=[referenced()],
        palette_color_lut_transformation=highdicom.PaletteColorLUTTransformation(
            table, others[0], others[1]
        ),
        **highdicom_facts(),
    )
    with pytest.raises(UnsupportedSopClass, match="HIGHDICOM is not applied: Pseudo-colour"):
        read_presentation_state(io.BytesIO(written(made)), name="highdicom")
