"""F18: colours are those of the image's profile; a hostile profile costs one sentence."""

import io
import math
import struct
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from tests.kit import dicom_files
from tests.kit.drawn import render_view
from tests.kit.icc import matrix_of, mutations, profile_of, table_of, table_profile
from tests.kit.pictures import COLOUR_STORED, instance, windowed
from viewer.errors import ViewerError
from viewer.loading.colour_tables import conversion
from viewer.loading.headers import read_header
from viewer.loading.icc_outline import LARGEST, why_no_screen, why_unusable
from viewer.loading.pool import DecodePool
from viewer.loading.screen_profile import read_screen_profile
from viewer.model.colour import ColourProfile
from viewer.model.presentation import Presentation
from viewer.model.study import Instance, Photometric
from viewer.pixels.colour_table import ColourTable
from viewer.viewport.transform import PaneSize

# The 24 patches of a colour chart as 8-bit codes: skin, sky, foliage, the six hues, six greys.
PATCHES = np.array(
    [(115, 82, 68), (194, 150, 130), (98, 122, 157), (87, 108, 67), (133, 128, 177),
     (103, 189, 170), (214, 126, 44), (80, 91, 166), (193, 90, 99), (94, 60, 108), (157, 188, 64),
     (224, 163, 46), (56, 61, 150), (70, 148, 73), (175, 54, 60), (231, 199, 31), (187, 86, 149),
     (8, 133, 161), (243, 243, 242), (200, 200, 200), (160, 160, 160), (122, 122, 121),
     (85, 85, 85), (52, 52, 52)],
    dtype=np.uint8,
).reshape(4, 6, 3)  # fmt: skip
ADOBE_PRIMARIES = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
WIDE_PRIMARIES = ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
SRGB_PRIMARIES = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
ADOBE = profile_of(*ADOBE_PRIMARIES, gamma=563 / 256)
WIDE = profile_of(*WIDE_PRIMARIES, gamma=2.4)
FORM = replace(COLOUR_STORED, rows=4, columns=6)
ONE_TO_ONE = Presentation(zoom=1.0)


def shown(
    profile: bytes = b"", look: Presentation = ONE_TO_ONE, *, screen: bytes = b""
) -> NDArray[np.uint8]:
    image = instance(FORM, colour_profile=ColourProfile(profile) if profile else None)
    table = table_of(profile, screen) if profile or screen else None
    return render_view(PATCHES, image, look, PaneSize(6, 4), colours=table)


Primaries = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]


def light_of(primaries: Primaries, gamma: float) -> NDArray[np.float64]:
    """The patches as linear sRGB, beyond 0 to 1 where sRGB cannot show them."""
    to_srgb = np.linalg.inv(matrix_of(*SRGB_PRIMARIES)) @ matrix_of(*primaries)
    return np.asarray((PATCHES / 255.0) ** gamma @ to_srgb.T)


def lab(rgb: NDArray[np.uint8], profile: Any) -> NDArray[np.float64]:
    """Colours in CIELab by littlecms, used apart from the product."""
    to_lab = ImageCms.buildTransform(
        profile, ImageCms.createProfile("LAB"), "RGB", "LAB", ImageCms.Intent.RELATIVE_COLORIMETRIC
    )
    found = np.asarray(ImageCms.applyTransform(Image.fromarray(rgb), to_lab)).astype(np.float64)
    signed = found[..., 1:].astype(np.uint8).view(np.int8)
    return np.dstack([found[..., 0] * 100 / 255, signed.astype(np.float64)])


def delta_e_2000(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """CIEDE2000 of two CIELab colours, literal."""
    l1, a1, b1 = one
    l2, a2, b2 = other
    mean_c = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2
    g = 0.5 * (1 - math.sqrt(mean_c**7 / (mean_c**7 + 25.0**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = math.hypot(a1, b1), math.hypot(a2, b2)
    h1, h2 = math.degrees(math.atan2(b1, a1)) % 360, math.degrees(math.atan2(b2, a2)) % 360
    dh = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    mean_h = h1 + h2 if c1 * c2 == 0 else (h1 + dh / 2) % 360
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    t = (
        1
        - 0.17 * math.cos(math.radians(mean_h - 30))
        + 0.24 * math.cos(math.radians(2 * mean_h))
        + 0.32 * math.cos(math.radians(3 * mean_h + 6))
        - 0.20 * math.cos(math.radians(4 * mean_h - 63))
    )
    sl = 1 + 0.015 * (mean_l - 50) ** 2 / math.sqrt(20 + (mean_l - 50) ** 2)
    sc, sh = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * t
    turn = 30 * math.exp(-(((mean_h - 275) / 25) ** 2))
    rt = -2 * math.sqrt(mean_c**7 / (mean_c**7 + 25.0**7)) * math.sin(math.radians(2 * turn))
    hue = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(dh / 2)) / sh
    chroma = (c2 - c1) / sc
    return math.sqrt(((l2 - l1) / sl) ** 2 + chroma**2 + hue**2 + rt * chroma * hue)


def worst(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    pairs = zip(one.reshape(-1, 3), other.reshape(-1, 3), strict=True)
    return max(delta_e_2000(a, b) for a, b in pairs)


def test_f18_the_measure_itself_by_published_pairs() -> None:
    """Sharma, Wu and Dalal (2005), pairs 1, 7 and 25 of their table."""
    pairs = [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ]
    for one, other, expected in pairs:
        assert delta_e_2000(np.array(one), np.array(other)) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("primaries", "gamma", "profile"),
    [(ADOBE_PRIMARIES, 563 / 256, ADOBE), (WIDE_PRIMARIES, 2.4, WIDE)],
    ids=["adobe", "wide"],
)
def test_f18_24_patches_within_two_delta_e_of_littlecms(
    primaries: Primaries, gamma: float, profile: bytes
) -> None:
    meant = lab(PATCHES, ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    seen = lab(shown(profile), ImageCms.createProfile("sRGB"))
    light = light_of(primaries, gamma)
    showable = ((light >= 0) & (light <= 1)).all(axis=2)
    assert showable.sum() >= 12
    assert worst(meant[showable], seen[showable]) <= 2
    ignored = lab(PATCHES, ImageCms.createProfile("sRGB"))
    assert worst(meant[showable], ignored[showable]) > 4, "a profile left out would be seen here"


@pytest.mark.parametrize("profile", [ADOBE, WIDE], ids=["adobe", "wide"])
def test_f18_every_patch_is_what_littlecms_makes_of_it(profile: bytes) -> None:
    """Also colours that sRGB cannot show: by a conversion made here, apart from the product."""
    own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    converted = ImageCms.profileToProfile(
        Image.fromarray(PATCHES), own, ImageCms.createProfile("sRGB"), ImageCms.Intent.PERCEPTUAL
    )
    srgb = ImageCms.createProfile("sRGB")
    assert worst(lab(shown(profile), srgb), lab(np.asarray(converted), srgb)) <= 2


def test_f18_equals_the_equations_of_the_profile() -> None:
    """Matrix and gamma by hand: linear light, primaries, sRGB; two levels for its rounding."""
    light = np.clip(light_of(ADOBE_PRIMARIES, 563 / 256), 0, 1)
    coded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    assert np.abs(shown(ADOBE).astype(int) - np.floor(coded * 255 + 0.5)).max() <= 2


def test_f18_without_a_profile_colours_are_srgb() -> None:
    assert np.array_equal(shown(), PATCHES)


def test_f18_as_sent_leaves_the_profile_out() -> None:
    as_sent = replace(ONE_TO_ONE, colours_as_sent=True)
    assert np.array_equal(shown(ADOBE, as_sent), PATCHES)
    assert not np.array_equal(shown(ADOBE), PATCHES)


def test_f18_large_pictures_are_converted_as_small_ones() -> None:
    tall = np.repeat(PATCHES[:1], 1500, axis=0)
    form = replace(FORM, rows=1500)
    image = instance(form, colour_profile=ColourProfile(ADOBE))
    picture = render_view(tall, image, ONE_TO_ONE, PaneSize(6, 1500), colours=table_of(ADOBE))
    assert np.array_equal(picture, np.repeat(shown(ADOBE)[:1], 1500, axis=0))


# -- profiles from outside are hostile -------------------------------------------------------------


def header_with(profile: bytes, **values: Any) -> Instance:
    ds = dicom_files.dataset(
        Rows=4, Columns=6, SamplesPerPixel=3, PhotometricInterpretation="RGB",
        PlanarConfiguration=0, BitsAllocated=8, BitsStored=8, HighBit=7, ICCProfile=profile,
        **values,
    )  # fmt: skip
    ds.PixelData = PATCHES.tobytes()
    ds["PixelData"].VR = "OB"
    return read_header(io.BytesIO(dicom_files.written(ds)), name="file").instance


def test_f18_a_sound_profile_is_read() -> None:
    header = header_with(ADOBE, ColorSpace="ADOBERGB")
    assert header.colour_profile == ColourProfile(ADOBE, "ADOBERGB")
    assert not header.repairs


def _patched(at: int, value: bytes) -> bytes:
    return ADOBE[:at] + value + ADOBE[at + len(value) :]


@pytest.mark.parametrize(
    ("profile", "why"),
    [
        (b"\x00" * 40, "shorter than a header"),
        (_patched(36, b"xxxx"), "mark of an ICC profile"),
        (_patched(0, struct.pack(">I", 1 << 30)), "it says"),
        (_patched(16, b"CMYK"), "RGB colours"),
        (_patched(12, b"link"), "RGB colours"),
        (_patched(20, b"Luv "), "connection space"),
        (_patched(128, struct.pack(">I", 1 << 31)), "tags"),
        (_patched(136, struct.pack(">II", 1 << 31, 1 << 31)), "outside it"),
        (_patched(8, b"\x05"), "its version 5"),
        (ADOBE[:132] + ADOBE[132:].replace(b"rTRC", b"xTRC"), "no rTRC"),
        (ADOBE[:132] + ADOBE[132:].replace(b"rTRC", b"gTRC"), "there twice"),
        (ADOBE.replace(b"curv\0\0\0\0\0\0\0\1", b"curv\0\0\0\0\0\0\1\0", 1), "rTRC is damaged"),
        (ADOBE.replace(b"XYZ \0\0\0\0", b"xyz \0\0\0\0"), "rXYZ is damaged"),
        (ADOBE.replace(b"wtpt", b"A2B0"), "A2B0 is damaged"),
    ],
)
def test_f18_an_unusable_profile_costs_one_sentence(profile: bytes, why: str) -> None:
    header = header_with(profile)
    assert header.colour_profile is None
    (sentence,) = header.repairs
    assert sentence.startswith("The colour profile is not used and sRGB is assumed: ")
    assert why in sentence
    assert sentence.endswith(".")


def test_f18_a_profile_beyond_any_size_is_left_out() -> None:
    header = header_with(ADOBE + bytes(2 * 1024 * 1024))
    assert header.colour_profile is None
    assert "longer than any" in header.repairs[0]
    assert "longer than 4 MiB" in why_unusable(ADOBE + bytes(LARGEST))


def test_f18_mutated_profiles_are_judged_without_an_error() -> None:
    """What passes goes to the fenced process alone; ``make fuzz`` sends it there."""
    verdicts = {why_unusable(mutated) == "" for mutated in mutations(ADOBE, 300)}
    assert verdicts == {True, False}


# -- the profile of the screen ---------------------------------------------------------------------

P3_PRIMARIES = ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06))


def gsdf(jnd: NDArray[np.float64]) -> NDArray[np.float64]:
    """Luminance of JND indices, cd/m² (PS3.14 7.1, equation 1)."""
    x = np.log(jnd)
    above = -1.3011877 + 8.0242636e-2 * x + 1.3646699e-1 * x**2
    above += -2.5468404e-2 * x**3 + 1.3635334e-3 * x**4
    below = 1 - 2.5840191e-2 * x - 1.0320229e-1 * x**2 + 2.8745620e-2 * x**3
    below += -3.1978977e-3 * x**4 + 1.2992634e-4 * x**5
    return np.asarray(10 ** (above / below))


JNDS = np.linspace(71.5, 706, 256)
GSDF = (gsdf(JNDS) - gsdf(JNDS)[0]) / np.ptp(gsdf(JNDS))
"""Light of each level of a screen of 1 to 500 cd/m² that is calibrated to the GSDF."""
SCREEN = profile_of(*P3_PRIMARIES, response=GSDF)


@pytest.mark.parametrize("profile", [b"", ADOBE], ids=["srgb", "adobe"])
def test_f18_24_patches_through_profile_and_screen_within_two_delta_e(profile: bytes) -> None:
    """What a calibrated screen shows for the levels that it is given, against what is meant."""
    srgb = ImageCms.createProfile("sRGB")
    meant = lab(PATCHES, ImageCms.ImageCmsProfile(io.BytesIO(profile)) if profile else srgb)
    seen = lab(shown(profile, screen=SCREEN), ImageCms.ImageCmsProfile(io.BytesIO(SCREEN)))
    own, gamma = (ADOBE_PRIMARIES, 563 / 256) if profile else (SRGB_PRIMARIES, 2.2)
    to_screen = np.linalg.inv(matrix_of(*P3_PRIMARIES)) @ matrix_of(*own)
    light = (PATCHES / 255.0) ** gamma @ to_screen.T
    showable = ((light >= 0) & (light <= 1)).all(axis=2)
    assert showable.sum() >= 20
    assert worst(meant[showable], seen[showable]) <= 2
    unchanged = lab(shown(profile), ImageCms.ImageCmsProfile(io.BytesIO(SCREEN)))
    assert worst(meant[showable], unchanged[showable]) > 10, "a screen left out would be seen here"


@pytest.mark.parametrize("profile", [b"", ADOBE], ids=["srgb", "adobe"])
def test_f18_every_level_for_the_screen_is_what_littlecms_makes_of_it(profile: bytes) -> None:
    screen = ImageCms.ImageCmsProfile(io.BytesIO(SCREEN))
    source: Any = ImageCms.createProfile("sRGB")
    if profile:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    converted = ImageCms.profileToProfile(
        Image.fromarray(PATCHES), source, screen, ImageCms.Intent.PERCEPTUAL
    )
    levels = np.asarray(converted)
    assert worst(lab(shown(profile, screen=SCREEN), screen), lab(levels, screen)) <= 2
    assert np.array_equal(shown(profile, screen=SCREEN), levels)


def test_f18_profiles_of_tables_are_read_and_used_both_ways() -> None:
    tables = table_profile()
    assert why_unusable(tables) == why_no_screen(tables) == ""
    srgb = ImageCms.createProfile("sRGB")
    own = ImageCms.ImageCmsProfile(io.BytesIO(tables))
    there = ImageCms.profileToProfile(Image.fromarray(PATCHES), own, srgb)
    back = ImageCms.profileToProfile(Image.fromarray(PATCHES), srgb, own)
    assert np.array_equal(shown(tables), np.asarray(there))
    assert np.array_equal(shown(screen=tables), np.asarray(back))


def test_f18_as_sent_leaves_the_screen_out_too() -> None:
    as_sent = replace(ONE_TO_ONE, colours_as_sent=True)
    assert np.array_equal(shown(ADOBE, as_sent, screen=SCREEN), PATCHES)


def test_f18_grey_images_never_go_through_the_profile_of_a_screen() -> None:
    form = replace(FORM, samples=1, photometric=Photometric.MONOCHROME2)
    image, look = instance(form), replace(windowed(128, 256), zoom=1.0)
    plain = render_view(PATCHES[..., 0], image, look, PaneSize(6, 4))
    through = render_view(
        PATCHES[..., 0], image, look, PaneSize(6, 4), colours=table_of(b"", SCREEN)
    )
    assert np.array_equal(plain, through)


def test_f18_the_colour_library_sees_profiles_in_a_fenced_process_only() -> None:
    """And what it refuses there costs a sentence: colours are then taken for sRGB."""
    lacking = ADOBE.replace(b"curv", b"curw")
    with closing(DecodePool(workers=1)) as pool:
        found = conversion(pool.colour_table, ColourProfile(ADOBE), ColourProfile(SCREEN))
        refused = conversion(pool.colour_table, ColourProfile(lacking), None)
        dark = conversion(pool.colour_table, None, ColourProfile(lacking))
    assert found.problem == ""
    assert found.table is not None
    assert np.array_equal(found.table.applied(PATCHES), shown(ADOBE, screen=SCREEN))
    assert refused.table is None
    assert refused.problem.startswith("The colour profile is not used and sRGB is assumed: ")
    assert dark.problem.startswith("The profile of this screen is not used: ")
    program = subprocess.run(
        [sys.executable, "-c",
         "import viewer.render.live, sys; print('PIL.ImageCms' in sys.modules)"],
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    assert program.stdout == "False\n"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "shorter than a header"),
        (_patched(12, b"scnr"), "not the profile of a screen"),
        (_patched(16, b"CMYK"), "RGB colours"),
        (ADOBE[:132] + ADOBE[132:].replace(b"bXYZ", b"xXYZ"), "no bXYZ"),
        (ADOBE + bytes(LARGEST), "longer than 4 MiB"),
    ],
)
def test_f18_a_file_that_is_no_profile_of_a_screen_costs_one_sentence(
    tmp_path: Path, data: bytes, why: str
) -> None:
    file = tmp_path / "screen\u202e.icc"
    file.write_bytes(data)
    with pytest.raises(ViewerError) as refused:
        read_screen_profile(file)
    assert refused.value.sentence.startswith("The colour profile screen\\u202e.icc is not used: ")
    assert why in refused.value.sentence


def test_f18_the_profile_of_a_screen_is_read_and_named(tmp_path: Path) -> None:
    file = tmp_path / f"{'long' * 20}.icc"
    file.write_bytes(SCREEN)
    found = read_screen_profile(file)
    assert found.profile == ColourProfile(SCREEN)
    assert found.name == "longlonglonglonglonglonglonglonglonglon…"
    assert why_no_screen(SCREEN) == ""
    with pytest.raises(ViewerError, match="is not there"):
        read_screen_profile(tmp_path / "none.icc")
    with pytest.raises(ViewerError, match="is not there"):
        read_screen_profile(tmp_path)


def test_f18_a_table_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="one RGB for each RGB"):
        ColourTable(np.zeros((8, 3), np.uint8))
    assert table_of(ADOBE).applied(PATCHES[:0]).shape == (0, 6, 3)
