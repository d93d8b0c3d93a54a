"""The demo platform's DICOMweb side over real HTTPS."""

import copy
import io
from collections.abc import Iterator
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
import requests
from PIL import Image
from pydicom.dataset import Dataset

from tests.kit.demo_cases import (
    IMAGES,
    PRIOR,
    SERIES,
    STUDY,
    ct_slice,
    fill,
    tiny_images,
    tiny_resources,
)
from tests.kit.demo_client import signed_in
from tests.kit.demo_platform import DemoProcess, start_demo

pytestmark = pytest.mark.timeout(30)

ALL = {"Accept": 'multipart/related; type="application/dicom"; transfer-syntax=*'}


def wheel_file(name: str) -> bytes:
    return Path(str(pydicom.data.get_testdata_file(name, download=False))).read_bytes()


@pytest.fixture(scope="module")
def compressed() -> bytes:
    return wheel_file("MR_small_RLE.dcm")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, compressed: bytes) -> Iterator[DemoProcess]:
    folder = tmp_path_factory.mktemp("demo")
    fill(folder / "state", resources(), [*tiny_images(), compressed])
    running = start_demo(folder, "--unseeded")
    yield running
    assert running.stop() == 0
    assert "fault" not in running.output.read_text()


@pytest.fixture(scope="module")
def web(demo: DemoProcess) -> Iterator[requests.Session]:
    with signed_in(demo) as session:
        yield session


@pytest.fixture(scope="module")
def base(demo: DemoProcess) -> str:
    return f"{demo.ready['dicomweb']}/studies"


def resources() -> list[dict[str, Any]]:
    """Give the tiny case, with a consent for its prior that has ended."""
    made = tiny_resources()
    ended = copy.deepcopy(next(r for r in made if r["resourceType"] == "Consent"))
    ended["id"] = "consent-0"
    ended["provision"]["period"] = {"start": "2020-01-01", "end": "2020-12-31"}
    ended["provision"]["data"][0]["reference"]["reference"] = "ImagingStudy/study-0"
    return [*made, ended]


def parts(answer: requests.Response) -> list[bytes]:
    """Take a multipart answer apart with the standard library's own parser."""
    assert answer.status_code == 200, answer.text
    head = f"Content-Type: {answer.headers['Content-Type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP.clone(cte_type="8bit")).parsebytes(head + answer.content)
    found = []
    for part in message.iter_parts():
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        found.append(payload)
    return found


def exact_parts(answer: requests.Response) -> list[bytes]:
    """Take the parts out by their Content-Length, byte for byte."""
    assert answer.status_code == 200, answer.text
    body, found = answer.content, []
    while not body.startswith(
        b"--" + answer.headers["Content-Type"].split("=")[-1].encode() + b"--"
    ):
        head, _, body = body.partition(b"\r\n\r\n")
        lines = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
        size = int(lines[b"Content-Length"])
        found.append(body[:size])
        body = body[size + 2 :]
    return found


def values(answer: requests.Response, tag: str) -> list[Any]:
    assert answer.status_code == 200, answer.text
    return [item[tag]["Value"][0] for item in answer.json()]


def stow(
    session: requests.Session, address: str, *objects: bytes, end: bytes = b"\r\n--b--\r\n"
) -> requests.Response:
    pieces = [b"--b\r\nContent-Type: application/dicom\r\n\r\n" + data for data in objects]
    kind = 'multipart/related; type="application/dicom"; boundary=b'
    body = b"\r\n".join(pieces) + end
    return session.post(address, data=body, headers={"Content-Type": kind})


def test_studies_carry_what_a_worklist_shows(web: requests.Session, base: str) -> None:
    (study,) = web.get(f"{base}?StudyInstanceUID={STUDY}").json()
    dataset = Dataset.from_json(study)
    assert dataset.PatientName == "Müller^Ana"
    assert dataset.NumberOfStudyRelatedInstances == IMAGES
    assert dataset.ModalitiesInStudy == "CT"
    assert dataset.RetrieveURL == f"{base}/{STUDY}"


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("PatientID=P-1", 2),
        ("00100020=P-1", 2),
        ("PatientID=p", 0),
        ("PatientName=m*", 2),
        ("00091001=private", 0),
        ("StudyDate=20261101-20261130", 2),
        ("StudyDate=-19900101", 0),
        (f"StudyInstanceUID={STUDY},{PRIOR}", 2),
        ("PatientID=P-1&limit=1", 1),
        ("PatientID=P-1&limit=1&offset=2", 0),
        ("PatientID=P-1&includefield=all", 2),
        ("ModalitiesInStudy=CT&PatientID=P-1", 2),
    ],
)
def test_filters(web: requests.Session, base: str, query: str, count: int) -> None:
    answer = web.get(f"{base}?{query}")
    assert answer.headers["Content-Type"] == "application/dicom+json"
    assert len(answer.json()) == count


def test_series_and_instances(web: requests.Session, base: str) -> None:
    assert values(web.get(f"{base}/{STUDY}/series"), "0020000E") == [SERIES]
    expected = [f"{SERIES}.{index}" for index in range(1, IMAGES + 1)]
    for path in (f"{STUDY}/instances", f"{STUDY}/series/{SERIES}/instances"):
        assert values(web.get(f"{base}/{path}"), "00080018") == expected


@pytest.mark.parametrize("query", ["Colour=red", "limit=-1"])
def test_a_query_that_cannot_be_done_is_refused(
    web: requests.Session, base: str, query: str
) -> None:
    assert web.get(f"{base}?{query}").status_code == 400


def test_files_come_back_byte_for_byte(web: requests.Session, base: str, compressed: bytes) -> None:
    originals = tiny_images()
    study = web.get(f"{base}/{STUDY}", headers=ALL)
    assert exact_parts(study) == originals[:IMAGES]
    assert len(parts(study)) == IMAGES
    series = web.get(f"{base}/{STUDY}/series/{SERIES}", headers=ALL)
    assert exact_parts(series) == originals[:IMAGES]
    one = web.get(f"{base}/{STUDY}/series/{SERIES}/instances/{SERIES}.2", headers=ALL)
    assert exact_parts(one) == [originals[1]]
    uid = pydicom.dcmread(io.BytesIO(compressed)).StudyInstanceUID
    assert exact_parts(web.get(f"{base}/{uid}", headers=ALL)) == [compressed]


def test_another_transfer_syntax_is_not_acceptable(
    web: requests.Session, base: str, compressed: bytes
) -> None:
    uid = pydicom.dcmread(io.BytesIO(compressed)).StudyInstanceUID
    accept = 'multipart/related; type="application/dicom"; transfer-syntax=1.2.840.10008.1.2.1'
    assert web.get(f"{base}/{uid}", headers={"Accept": accept}).status_code == 406
    assert web.get(f"{base}/{STUDY}", headers={"Accept": accept}).status_code == 200


@pytest.mark.parametrize(
    "path", ["2.25.9", f"{STUDY}/series/2.25.9", f"{STUDY}/series/{SERIES}/instances/2.25.9"]
)
def test_unknown_images_are_404(web: requests.Session, base: str, path: str) -> None:
    assert web.get(f"{base}/{path}").status_code == 404
    assert web.get(f"{base}/{path}/metadata").status_code == 404


def test_without_consent_the_images_stay(web: requests.Session, base: str) -> None:
    assert values(web.get(f"{base}?StudyInstanceUID={PRIOR}"), "0020000D") == [PRIOR]
    for path in (PRIOR, f"{PRIOR}/metadata", f"{PRIOR}/series/2.25.2002"):
        answer = web.get(f"{base}/{path}", headers=ALL)
        assert answer.status_code == 403
        assert "consent" in answer.json()["issue"][0]["diagnostics"]


def test_metadata_says_what_the_files_say(web: requests.Session, base: str) -> None:
    answer = web.get(f"{base}/{STUDY}/metadata").json()
    originals = [pydicom.dcmread(io.BytesIO(data)) for data in tiny_images()[:IMAGES]]
    for item, original in zip(answer, originals, strict=True):
        assert item.pop("7FE00010")["BulkDataURI"].startswith(base)
        dataset = Dataset.from_json(item)
        assert dataset.PatientName == original.PatientName
        assert dataset.PixelSpacing == original.PixelSpacing
        assert dataset.Rows == original.Rows


def test_frames_are_the_stored_pixels(web: requests.Session, base: str, compressed: bytes) -> None:
    address = f"{base}/{STUDY}/series/{SERIES}/instances/{SERIES}.1/frames"
    original = pydicom.dcmread(io.BytesIO(tiny_images()[0]))
    assert exact_parts(web.get(f"{address}/1")) == [original.PixelData]
    assert web.get(f"{address}/2").status_code == 404
    assert web.get(f"{address}/x").status_code == 400
    rle = pydicom.dcmread(io.BytesIO(compressed))
    place = f"{rle.StudyInstanceUID}/series/{rle.SeriesInstanceUID}"
    answer = web.get(f"{base}/{place}/instances/{rle.SOPInstanceUID}/frames/1")
    assert exact_parts(answer) == [pydicom.encaps.get_frame(rle.PixelData, 0, number_of_frames=1)]


def test_rendered_applies_the_window(web: requests.Session, base: str) -> None:
    address = f"{base}/{STUDY}/series/{SERIES}/instances/{SERIES}.1"
    answer = web.get(f"{address}/rendered?window=0,100,linear")
    assert answer.headers["Content-Type"] == "image/png"
    grey = np.asarray(Image.open(io.BytesIO(answer.content)))
    stored = pydicom.dcmread(io.BytesIO(tiny_images()[0])).pixel_array
    assert grey.shape == stored.shape
    assert (grey[stored <= -50] == 0).all()
    assert (grey[stored >= 50] == 255).all()
    assert 0 < grey[stored == np.median(stored[abs(stored) < 10])][0] < 255
    assert web.get(f"{address}/frames/1/rendered").status_code == 200
    small = web.get(f"{address}/rendered?viewport=8,8").content
    assert Image.open(io.BytesIO(small)).size == (8, 8)
    assert web.get(f"{address}/rendered?window=wide").status_code == 400


def test_stored_objects_come_back(web: requests.Session, base: str) -> None:
    made = [ct_slice(index, study="2.25.3001", series="2.25.3002") for index in (1, 2)]
    answer = stow(web, base, *made)
    assert answer.status_code == 200
    kept = Dataset.from_json(answer.json()).ReferencedSOPSequence
    assert [item.ReferencedSOPInstanceUID for item in kept] == ["2.25.3002.1", "2.25.3002.2"]
    assert exact_parts(web.get(f"{base}/2.25.3001", headers=ALL)) == made
    assert stow(web, base, made[0]).status_code == 200


def test_a_changed_object_needs_a_new_uid(web: requests.Session, base: str) -> None:
    first = ct_slice(1, study="2.25.4001", series="2.25.4002")
    changed = ct_slice(1, study="2.25.4001", series="2.25.4002", side=8)
    assert stow(web, base, first).status_code == 200
    answer = stow(web, base, changed)
    assert answer.status_code == 409
    (failed,) = Dataset.from_json(answer.json()).FailedSOPSequence
    assert failed.FailureReason == 0x0111
    assert exact_parts(web.get(f"{base}/2.25.4001", headers=ALL)) == [first]


def test_good_parts_are_kept_beside_bad_ones(web: requests.Session, base: str) -> None:
    good = ct_slice(1, study="2.25.5001", series="2.25.5002")
    wrong = ct_slice(1, study="2.25.5003", series="2.25.5004")
    answer = stow(web, f"{base}/2.25.5001", good, wrong, b"not DICOM")
    assert answer.status_code == 202
    report = Dataset.from_json(answer.json())
    assert len(report.ReferencedSOPSequence) == 1
    assert report.FailedSOPSequence[0].ReferencedSOPInstanceUID == "2.25.5004.1"
    assert len(report.OtherFailuresSequence) == 1
    assert web.get(f"{base}/2.25.5003").status_code == 404


def test_a_torn_body_stores_nothing(web: requests.Session, base: str) -> None:
    data = ct_slice(1, study="2.25.6001", series="2.25.6002")
    assert stow(web, base, data, end=b"").status_code == 400
    assert web.get(f"{base}/2.25.6001").status_code == 404
    plain = web.post(base, data=data, headers={"Content-Type": "application/dicom"})
    assert plain.status_code == 415
