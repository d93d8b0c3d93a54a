"""What can go wrong between DICOM bytes and a picture.

ViewerError                       every error below names the SOP Instance or file it is about
├── NotDicom                      the bytes are not DICOM
├── HeaderError                   DICOM, but the header breaks a limit or lacks what is essential
├── UnsupportedSopClass           well formed, but nothing here can show it
├── UndecodableFrame              the pixel data of one frame cannot be decoded
├── MissingInstance               the source does not hold these bytes (not yet downloaded, or lost)
└── GeometryError                 the geometry needed for this act is absent or contradictory
"""


class ViewerError(Exception):
    """A fault in one object; ``str()`` is a sentence fit for the reader."""

    def __init__(self, sentence: str, *, where: str = "") -> None:
        """Keep the sentence and the SOP Instance UID or file name it is about."""
        super().__init__(sentence)
        self.sentence = sentence
        self.where = where

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the way home from a worker process."""
        return (_rebuild, (type(self), self.sentence, self.where))


def _rebuild(kind: type[ViewerError], sentence: str, where: str) -> ViewerError:
    return kind(sentence, where=where)


class NotDicom(ViewerError):
    """The bytes are not a DICOM object."""


class HeaderError(ViewerError):
    """The header breaks a limit or lacks an essential element."""


class UnsupportedSopClass(ViewerError):
    """Nothing here can show this SOP Class."""


class UndecodableFrame(ViewerError):
    """One frame's pixel data cannot be decoded."""


class MissingInstance(ViewerError):
    """The source does not hold this instance."""


class GeometryError(ViewerError):
    """The geometry that this act needs is absent or contradictory."""
