"""Header snapshots: what the viewer knows of a study once its headers were read."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from viewer.model.colour import ColourProfile, SupplementalPalette
from viewer.model.geometry import ImagePlane, Spacing
from viewer.model.key_objects import KeyObjects
from viewer.model.overlay_plane import OverlayPlane
from viewer.model.presentation import ModalityLut, Rescale, VoiLut, Window
from viewer.model.presentation_state import PresentationState
from viewer.model.quantities import PetFacts, RealWorldMapping, Suv
from viewer.model.refs import FrameOfReferenceUid, InstanceRef, SeriesUid, StudyUid
from viewer.model.registration import Registration
from viewer.model.shutter import Shutter
from viewer.model.ultrasound import UltrasoundRegion


class Photometric(StrEnum):
    """Photometric Interpretation (PS3.3 C.7.6.3.1.2)."""

    MONOCHROME1 = "MONOCHROME1"
    MONOCHROME2 = "MONOCHROME2"
    PALETTE = "PALETTE COLOR"
    RGB = "RGB"
    YBR_FULL = "YBR_FULL"
    YBR_FULL_422 = "YBR_FULL_422"
    YBR_ICT = "YBR_ICT"
    YBR_RCT = "YBR_RCT"
    YBR_PARTIAL_420 = "YBR_PARTIAL_420"
    YBR_PARTIAL_422 = "YBR_PARTIAL_422"
    """Retired; met in old ultrasound."""


@dataclass(frozen=True, slots=True)
class StoredFormat:
    """How pixel values are stored (PS3.3 C.7.6.3): shape of one frame and meaning of its bits."""

    rows: int
    columns: int
    samples: int
    photometric: Photometric
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool
    planar: bool = False
    padding: tuple[float, float] | None = None
    """Inclusive range of stored values that mean 'no pixel here' (C.7.5.1.1.2)."""
    floating: bool = False
    """Float or Double Float Pixel Data: frames are float32 or float64 and have no stored bits."""

    @property
    def is_grey(self) -> bool:
        """Whether the grayscale pipeline applies."""
        return self.samples == 1 and self.photometric is not Photometric.PALETTE

    @property
    def stored_range(self) -> tuple[int, int]:
        """Smallest and largest value that the stored bits can hold."""
        if self.signed:
            half = 1 << (self.bits_stored - 1)
            return -half, half - 1
        return 0, (1 << self.bits_stored) - 1


@dataclass(frozen=True, slots=True)
class ProjectionGeometry:
    """What the header says about spacing at the detector (PS3.3 C.8.11, 10.7.1)."""

    imager_spacing: Spacing | None = None
    magnification: float | None = None
    """Estimated Radiographic Magnification Factor (0018,1114)."""
    source_to_detector: float | None = None
    source_to_patient: float | None = None
    calibration_type: str = ""
    """Pixel Spacing Calibration Type (0028,0A02): GEOMETRY or FIDUCIAL."""
    nominal_scanned_spacing: Spacing | None = None


@dataclass(frozen=True, slots=True)
class Patient:
    """Who the image says it shows; always compared with the case before anything is shown."""

    id: str
    name: str
    """As in the header: Family^Given^Middle^Prefix^Suffix, first representation."""
    birth_date: str
    """YYYYMMDD or empty."""
    sex: str


@dataclass(frozen=True, slots=True)
class FrameFacts:
    """What one frame of a multi-frame object says of itself (PS3.3 C.7.6.16), F14."""

    modality_lut: Rescale | ModalityLut
    windows: tuple[Window, ...] = ()
    voi_luts: tuple[VoiLut, ...] = ()
    pixel_spacing: Spacing | None = None
    split_keys: Mapping[str, str] = field(default_factory=dict)
    laterality: str = ""
    real_world: tuple[RealWorldMapping, ...] = ()
    """Mappings to real-world values, in the header's order (F15)."""
    regions: tuple[UltrasoundRegion, ...] = ()
    """Calibrated regions of an ultrasound frame (F36)."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One SOP Instance as its header says; per-frame facts are tuples of length ``frames``."""

    ref: InstanceRef
    sop_class: str
    transfer_syntax: str
    modality: str
    number: int | None
    frames: int
    format: StoredFormat | None
    """None where the header describes no pixels (documents, SR, presentation states)."""
    planes: tuple[ImagePlane | None, ...] = ()
    pixel_spacing: Spacing | None = None
    pixel_aspect: tuple[int, int] | None = None
    projection: ProjectionGeometry | None = None
    frame_of_reference: FrameOfReferenceUid | None = None
    modality_lut: Rescale | ModalityLut = field(default_factory=lambda: Rescale(1.0, 0.0, ""))
    windows: tuple[Window, ...] = ()
    voi_luts: tuple[VoiLut, ...] = ()
    patient_orientation: tuple[str, str] | None = None
    """Patient Orientation (0020,0020): of the row, then of the column."""
    laterality: str = ""
    view_position: str = ""
    image_type: tuple[str, ...] = ()
    acquired: str = ""
    """Acquisition or content date and time, DICOM DT form, or empty."""
    frame_time_ms: float | None = None
    lossy: str = ""
    """Empty, or method and ratio for the LOSSY mark (F55), e.g. 'JPEG 10:1'."""
    split_keys: Mapping[str, str] = field(default_factory=dict)
    """Further values that split rules may ask for, by attribute keyword."""
    corner: Mapping[str, str] = field(default_factory=dict)
    """Further texts for the corners by attribute keyword: SliceThickness, KVP, EchoTime…"""
    repairs: tuple[str, ...] = ()
    """What had to be tolerated or mended in this header, one sentence each."""
    per_frame: tuple[FrameFacts, ...] = ()
    """Empty when every frame shares the facts above, else one entry a frame."""
    real_world: tuple[RealWorldMapping, ...] = ()
    """Mappings to real-world values, in the header's order (F15)."""
    pet: PetFacts | None = None
    """What decides an uptake value; None for all but PET."""
    suv: Suv | None = None
    """Uptake values of a PET image, known once its series is put together (F51)."""
    overlays: tuple[OverlayPlane, ...] = ()
    """Overlay planes, without their bits (F20)."""
    shutter: Shutter | None = None
    """The shutter of the image itself; a presentation state has its own (F19)."""
    supplemental: SupplementalPalette | None = None
    """Colours for the upper part of the stored values of a grey image (F16)."""
    colour_profile: ColourProfile | None = None
    """What the colours of a colour image mean; None is sRGB (F18)."""
    frame_times_ms: tuple[float, ...] = ()
    """How long each frame stands before the next one; empty when the header does not say."""
    dimension_index: tuple[tuple[int, ...], ...] = ()
    """Dimension Index Values of each frame of an enhanced object (C.7.6.17), all different."""
    regions: tuple[UltrasoundRegion, ...] = ()
    """Calibrated regions of an ultrasound image (F36)."""
    stated_sides: tuple[tuple[str, str], ...] = ()
    """Each attribute of the object that states a side, by its name, with what it says (F58)."""

    def overlays_on(self, frame: int) -> tuple[OverlayPlane, ...]:
        """The overlay planes that lie on a frame, counted from 0, as graphics."""
        bitmap = self.shutter.bitmap_group if self.shutter else None
        return tuple(
            p for p in self.overlays if p.frame_on(frame) is not None and p.group != bitmap
        )

    def at(self, frame: int) -> "Instance":
        """The same instance with one frame's own pixel meaning in place of the shared one (F14)."""
        if not self.per_frame:
            return self
        facts = self.per_frame[frame]
        return replace(
            self,
            modality_lut=facts.modality_lut,
            windows=facts.windows,
            voi_luts=facts.voi_luts,
            pixel_spacing=facts.pixel_spacing,
            laterality=facts.laterality or self.laterality,
            real_world=facts.real_world,
            regions=facts.regions,
        )


@dataclass(frozen=True, slots=True)
class Series:
    """One series; instances in the order in which they arrived."""

    uid: SeriesUid
    number: int | None
    modality: str
    description: str
    body_part: str
    protocol: str
    instances: tuple[Instance, ...]


@dataclass(frozen=True, slots=True)
class Study:
    """One study with the identity its headers carry."""

    uid: StudyUid
    patient: Patient
    date: str
    time: str
    description: str
    accession: str
    institution: str
    referring_physician: str
    series: tuple[Series, ...]
    presentation_states: tuple[PresentationState, ...] = ()
    """States that arrived with the study and can be applied (F21)."""
    refused_states: tuple[str, ...] = ()
    """A sentence for each state that cannot."""
    key_objects: tuple[KeyObjects, ...] = ()
    """Key object selections that arrived with the study."""
    registrations: tuple[Registration, ...] = ()
    """Registrations that arrived with the study and can be applied."""
