"""What the scripted read does in which case: where it looks, what it measures, what it writes."""

from dataclasses import dataclass

from viewer.model.geometry import PointLps


@dataclass(frozen=True, slots=True)
class Script:
    """One read. Without ``line`` a length is drawn across the middle of the middle image."""

    study: str
    """Words of the study description by which the case is found; empty: the first case."""
    line: tuple[PointLps, PointLps] | None
    window_key: str
    """Digit of the window preset that is tried; empty for none."""
    findings: str
    impression: str


CHEST = Script(
    study="CT chest",
    # across the nodule of the invented chest CT (8.0 mm, right upper lobe)
    line=(PointLps(-74.0, -22.0, 38.0), PointLps(-66.0, -22.0, 38.0)),
    window_key="4",
    findings=" solid nodule in the right upper lobe, larger than before. ",
    impression="Growing solid nodule in the right upper lobe. Short-term follow-up is advised.",
)
ANY = Script(
    study="",
    line=None,
    window_key="",
    findings=" was measured by script to try the program; no finding is meant. ",
    impression="Scripted read to try the program; not a medical statement.",
)


def script_for(studies: list[str], *, invented: bool) -> Script:
    """The chest CT of the invented cases when it is listed, else the first case, whatever it is."""
    if invented and any(CHEST.study in study for study in studies):
        return CHEST
    return ANY
