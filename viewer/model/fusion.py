"""How a second volume is laid over a picture: its window, its colours, and how strong it is."""

from dataclasses import dataclass

from viewer.model.display_set import DisplaySetId
from viewer.model.presentation import ColourMap, Window
from viewer.model.quantities import Readout

USUAL_PERCENT = 40
"""How strong the colours are at first."""


@dataclass(frozen=True, slots=True)
class Fusion:
    """One volume over another on one Frame of Reference; the volume itself is not in here."""

    target: DisplaySetId
    """The display set that is laid over."""
    modality: str
    series: str
    """Number and description of its series."""
    colours: ColourMap
    readout: Readout
    """What its values are read as; ``factor`` times modality value."""
    window: Window | None = None
    """On its modality values; None is from the lowest to the highest value of the volume."""
    extremes: tuple[float, float] = (0.0, 0.0)
    """Lowest and highest modality value of the volume as far as it is here."""
    percent: int = USUAL_PERCENT
    """Share of the colours where there are any; 0 leaves the picture as it is."""
    here: int = 0
    """How many of its slices are in memory."""
    slices: int = 0
    refusal: str = ""
    """Why its values are not read as uptake, one sentence; empty where they are or need not be."""

    aligned: str = ""
    """By which registration it lies here; empty where both lie on one frame of reference."""

    def __post_init__(self) -> None:
        """Refuse a share that is none."""
        if not 0 <= self.percent <= 100:
            raise ValueError("the share of a fused volume is 0 to 100 percent")

    @property
    def limits(self) -> tuple[float, float]:
        """The values at the two ends of the colours, as they are read."""
        low, high = self.extremes
        if self.window is not None:
            half = self.window.width / 2
            low, high = self.window.centre - half, self.window.centre + half
        return low * self.readout.factor, high * self.readout.factor
