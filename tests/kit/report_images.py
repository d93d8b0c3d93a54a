"""Headers of invented images, for the DICOM forms of a report."""

import io
from datetime import UTC, datetime

from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from tests.kit.reporting import STUDY
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind, Provenance
from viewer.model.geometry import PixelPoint, PointLps
from viewer.model.refs import FrameOfReferenceUid, FrameRef

SPACE = FrameOfReferenceUid("2.25.77")


def image(**changes: object) -> Dataset:
    """A CT image of the study in tests.kit.reporting; a value of None takes an attribute out."""
    made = Dataset()
    values: dict[str, object] = {
        "SOPClassUID": CTImageStorage,
        "SOPInstanceUID": f"{STUDY}.3.141",
        "StudyDate": "20261124",
        "StudyTime": "083000",
        "AccessionNumber": "A-123",
        "Modality": "CT",
        "Manufacturer": "Maker",
        "ReferringPhysicianName": "Hill^R",
        "StudyDescription": "CT chest",
        "PatientName": "DOE^JANE",
        "PatientID": "4711",
        "IssuerOfPatientID": "Harbour Hospital",
        "PatientBirthDate": "19720304",
        "PatientSex": "F",
        "PatientAge": "054Y",
        "PatientWeight": "61.5",
        "StudyInstanceUID": STUDY,
        "SeriesInstanceUID": f"{STUDY}.3",
        "StudyID": "7",
    }
    for keyword, value in (values | changes).items():
        if value is not None:
            setattr(made, keyword, value)
    return made


def headers(dataset: Dataset | None = None, **changes: object) -> bytes:
    """The image as a DICOM file without pixel data."""
    made = dataset or image(**changes)
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID = made.get("SOPClassUID", CTImageStorage)
    made.file_meta.MediaStorageSOPInstanceUID = made.get("SOPInstanceUID", "2.25.1")
    out = io.BytesIO()
    made.save_as(out, enforce_file_format=True)
    return out.getvalue()


def line(name: str, on: FrameRef, *, in_space: bool = True) -> Annotation:
    """A length as drawn: 8 mm in the patient when ``in_space``."""
    points = (PointLps(-60.0, 20.0, 100.0), PointLps(-52.0, 20.0, 100.0)) if in_space else ()
    return Annotation(
        AnnotationId(name),
        AnnotationKind.LENGTH,
        on,
        (PixelPoint(100.0, 200.25), PixelPoint(110.0, 200.25)),
        points,
        SPACE if in_space else None,
        Provenance("Dr. Keiko Ito", datetime(2026, 11, 24, 3, 0, tzinfo=UTC)),
    )
