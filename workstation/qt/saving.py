"""Writing a file where the user chose, and saying how that went."""

from pathlib import Path

from PySide6.QtCore import QCoreApplication


def write_file(name: str, data: bytes) -> str:
    """Write ``data``; give the sentence to show, also when the disk refuses."""
    target = Path(name)
    part = target.with_name(target.name + ".part")
    try:
        part.write_bytes(data)
        part.replace(target)
    except OSError as error:
        words = QCoreApplication.translate("saving", "{0} could not be written: {1}.")
        return words.format(target.name, error.strerror or type(error).__name__)
    return QCoreApplication.translate("saving", "Saved as {0}.").format(target.name)
