"""What stored values measure: real-world values that the header maps, and uptake values of PET."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class RealWorldMapping:
    """One item of Real World Value Mapping (PS3.3 C.7.6.16.2.11, F15).

    Stored values from ``first`` to ``last`` have a real-world value, all others have none: through
    ``entries`` (one for each stored value) where there are any, else slope · stored + intercept.
    """

    first: float
    last: float
    unit: str
    """Code of the unit (UCUM), e.g. 'mm2/s'."""
    slope: float = 1.0
    intercept: float = 0.0
    entries: tuple[float, ...] = ()
    label: str = ""
    explanation: str = ""
    quantity: str = ""
    """Meaning of the quantity code, e.g. 'Apparent Diffusion Coefficient'."""

    @property
    def name(self) -> str:
        """How a reader tells it from the others."""
        return self.quantity or self.explanation or self.label or "Real-world value"


@dataclass(frozen=True, slots=True)
class PetFacts:
    """What a PET header says that decides an uptake value; times as DICOM DT, '' where absent."""

    units: str
    suv_type: str = ""
    corrected: tuple[str, ...] = ()
    decay_correction: str = ""
    series_time: str = ""
    acquisition_time: str = ""
    injections: int = 0
    """Items of Radiopharmaceutical Information Sequence."""
    injection_time: str = ""
    injection_clock: str = ""
    """Radiopharmaceutical Start Time (0018,1072), which has no date."""
    dose: float | None = None
    """Bq at the time of injection."""
    half_life: float | None = None
    weight: float | None = None
    height: float | None = None
    """Patient's Size, m."""
    sex: str = ""
    frame_reference: float | None = None
    """Frame Reference Time, ms."""
    frame_duration: float | None = None
    """Actual Frame Duration, ms."""
    ge_scan_time: str = ""
    philips_suv: float | None = None
    """(7053,1000): counts to SUVbw."""
    philips_activity: float | None = None
    """(7053,1009): counts to Bq/ml."""
    utc_offset: str = ""
    """Timezone Offset From UTC of the times without one."""


@dataclass(frozen=True, slots=True)
class SuvScale:
    """One kind of uptake value: SUV = ``factor`` · modality value, in ``unit``."""

    name: str
    factor: float
    unit: str


@dataclass(frozen=True, slots=True)
class Suv:
    """Uptake values that a PET image can show, why these, and why not the others (F51)."""

    scales: tuple[SuvScale, ...] = ()
    basis: tuple[str, ...] = ()
    """What the factors rest on, one sentence each."""
    refusals: tuple[str, ...] = ()
    """Why there is no value, or why a kind of it is missing, one sentence each."""


class ReadoutKind(StrEnum):
    """What kind of number a measurement reads."""

    REAL_WORLD = "real-world"
    SUV = "SUV"
    MODALITY = "modality"


@dataclass(frozen=True, slots=True)
class Readout:
    """One way to read values off an image; without mapping it is ``factor`` · modality value."""

    kind: ReadoutKind
    name: str
    unit: str
    """Unit as shown; empty where the header names none."""
    mapping: RealWorldMapping | None = None
    factor: float = 1.0
