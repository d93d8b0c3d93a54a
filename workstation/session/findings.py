"""A measurement on an image becomes a finding that the report can hold."""

from reporting.model.finding import Finding, FindingId
from viewer.measure.registry import Measured


def finding_of(made: Measured) -> Finding:
    """Give the finding; its id follows the measurement's, so that re-measuring keeps it."""
    return Finding(
        id=FindingId(f"finding-{made.measurement.id}"),
        measurement=made.measurement,
        label=made.label,
        image=made.image,
        frames=made.frames,
        others=made.others,
    )
