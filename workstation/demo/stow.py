"""STOW-RS: taking the parts of a multipart body apart and keeping each (PS3.18 §10.5)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from itertools import pairwise
from typing import Any

from workstation.demo.image_folder import (
    DuplicateError,
    ImageFolder,
    NotDicomError,
    Stored,
    attribute,
)
from workstation.demo.problems import Problem

# Failure reasons, PS3.18 table I.2-2 and PS3.4 annex B.
PROCESSING_FAILURE = 0x0110
DUPLICATE = 0x0111
OUT_OF_RESOURCES = 0xA700
CANNOT_UNDERSTAND = 0xC000

_DICOM = "application/dicom"
_HEAD = re.compile(rb"(?P<head>(?:[^\r\n]{1,1000}\r\n){0,20})\r\n")


@dataclass(slots=True)
class Report:
    """What became of each part."""

    base: str
    kept: list[Stored] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)
    unnamed: int = 0

    @property
    def status(self) -> int:
        """200 all kept, 202 some, 409 none."""
        if not self.failed and not self.unnamed:
            return 200
        return 202 if self.kept else 409

    def dataset(self, study: str | None) -> dict[str, Any]:
        """Give the answer as DICOM JSON, in the shape of PS3.18 §I.2."""
        made: dict[str, Any] = {}
        if study or self.kept:
            address = f"{self.base}/studies/{study or self.kept[0].study}"
            made["00081190"] = attribute("00081190", address)
        if self.kept:
            made["00081199"] = attribute("00081199", *(self._kept(i) for i in self.kept))
        if self.failed:
            made["00081198"] = attribute("00081198", *self.failed)
        if self.unnamed:
            reason = {"00081197": attribute("00081197", CANNOT_UNDERSTAND)}
            made["0008119A"] = attribute("0008119A", *([reason] * self.unnamed))
        return made

    def _kept(self, instance: Stored) -> dict[str, Any]:
        place = f"series/{instance.series}/instances/{instance.sop}"
        return {
            "00081150": attribute("00081150", instance.sop_class),
            "00081155": attribute("00081155", instance.sop),
            "00081190": attribute("00081190", f"{self.base}/studies/{instance.study}/{place}"),
        }


def parts_of(content_type: str, body: bytes) -> Iterator[bytes]:
    """Give the content of each part of ``multipart/related``; raises Problem 400 or 415."""
    message = Message()
    message["Content-Type"] = content_type
    boundary = message.get_param("boundary")
    if message.get_content_type() != "multipart/related" or not isinstance(boundary, str):
        raise Problem(415, "not-supported", "Only multipart/related is accepted here.")
    if message.get_param("type", _DICOM) != _DICOM:
        raise Problem(415, "not-supported", f"Only parts of {_DICOM} are accepted here.")
    name = re.escape(boundary.encode("ascii", "replace"))
    found = list(re.finditer(rb"\r\n--" + name + rb"(--)?[ \t]*(?=\r\n|\Z)", b"\r\n" + body))
    last = next((n for n, mark in enumerate(found) if mark[1]), None)
    if last is None:
        raise Problem(400, "incomplete", "The last boundary of the body is missing.")
    for mark, following in pairwise(found[: last + 1]):
        # Found two bytes too far right (the line end put before); a mark's own line end is skipped.
        piece = body[mark.end() : following.start() - 2]
        head = _HEAD.match(piece)
        if head is None:
            raise Problem(400, "structure", "A part of the body has no readable head.")
        yield piece[head.end() :]


def keep_parts(images: ImageFolder, body: Iterator[bytes], study: str | None, base: str) -> Report:
    """Store every part; ``study`` is the only one allowed when the address names it."""
    report = Report(base)
    for data in body:
        _keep(images, data, study, report)
    if not report.kept and not report.failed and not report.unnamed:
        raise Problem(400, "structure", "The body holds no object.")
    return report


def _keep(images: ImageFolder, data: bytes, study: str | None, report: Report) -> None:
    try:
        instance = images.read(data)
    except NotDicomError:
        report.unnamed += 1
        return
    if study is not None and instance.study != study:
        report.failed.append(_failure(instance, PROCESSING_FAILURE))
        return
    try:
        report.kept.append(images.store(data))
    except DuplicateError:
        report.failed.append(_failure(instance, DUPLICATE))
    except OSError:
        report.failed.append(_failure(instance, OUT_OF_RESOURCES))


def _failure(instance: Stored, reason: int) -> dict[str, Any]:
    return {
        "00081150": attribute("00081150", instance.sop_class),
        "00081155": attribute("00081155", instance.sop),
        "00081197": attribute("00081197", reason),
    }
