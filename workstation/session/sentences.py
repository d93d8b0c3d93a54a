"""What the user is told about a fault: its own sentence, or that it is ours."""

from workstation.errors import UserFacingError


def sentence_for(error: BaseException) -> str:
    """Give the sentence of an error that has one; of any other, its kind and never its text."""
    if isinstance(error, UserFacingError) or hasattr(error, "sentence"):
        return str(error)
    if type(error).__module__.startswith("reporting."):
        return str(error)
    name = type(error).__name__
    return (
        f"Something went wrong inside Lightbox ({name}). What was saved is kept; "
        "the log has the place."
    )
