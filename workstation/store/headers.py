"""What was read of the headers of studies that were opened once, beside their decoded frames."""

import json
import secrets
import struct
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from viewer.loading.decoded import Decoded
from viewer.loading.headers import HeaderRead
from viewer.loading.records import ColumnsError, pack, record_form, unpack
from viewer.model.refs import FrameRef, SeriesUid, SopUid, StudyUid
from workstation.logs import Log
from workstation.store.decoded import DecodedStore

_SERIES = SeriesUid("headers")
"""No series: what is kept of a whole study lies in one file."""
_LENGTH = struct.Struct("<I")
_BATCH = 2000


class KeptHeaders:
    """Records of headers; not given when original or reading code are others than they were."""

    def __init__(
        self, decoded: DecodedStore, digests: Callable[[StudyUid], Mapping[SopUid, str]]
    ) -> None:
        """Keep them in ``decoded``; ``digests`` tells the originals that are held of a study."""
        self._decoded = decoded
        self._digests = digests
        self._log = Log("headers")

    def of(self, study: StudyUid) -> Mapping[SopUid, HeaderRead]:
        """What is kept of a study."""
        batches = self._decoded.kept_of(study, _SERIES)
        digests = self._digests(study) if batches else {}
        found: dict[SopUid, HeaderRead] = {}
        for ref in batches:
            record = self._decoded.get(ref, _origin())
            if record is None:
                continue
            try:
                for sop, digest, read in _entries(record.pixels.tobytes()):
                    if digests.get(sop) == digest:
                        found[sop] = read
            except (ValueError, TypeError, struct.error) as error:
                self._log.error("kept headers make no sense", error)
        return found

    def keep(self, study: StudyUid, reads: Mapping[SopUid, HeaderRead]) -> None:
        """Keep some; those of originals that are not held are left out."""
        digests = self._digests(study)
        held = [sop for sop in reads if sop in digests]
        for begin in range(0, len(held), _BATCH):
            some = held[begin : begin + _BATCH]
            try:
                packed = pack([reads[sop] for sop in some])
            except ColumnsError as error:
                self._log.error("headers cannot be kept", error)
                continue
            said = json.dumps([[sop, digests[sop]] for sop in some]).encode()
            self._write(study, _LENGTH.pack(len(said)) + said + packed)
        self._decoded.flush()

    def _write(self, study: StudyUid, batch: bytes) -> None:
        ref = FrameRef(study, _SERIES, SopUid(f"batch {secrets.token_hex(8)}"), -1)
        self._decoded.keep(ref, _origin(), Decoded(np.frombuffer(batch, np.uint8)))


def _origin() -> str:
    return f"headers {record_form()}"


def _entries(batch: bytes) -> Iterator[tuple[SopUid, str, HeaderRead]]:
    """SOP Instance UID, digest of the original and record of each; ValueError and others."""
    length = _LENGTH.unpack_from(batch)[0]
    said = json.loads(batch[_LENGTH.size : _LENGTH.size + length])
    reads = unpack(batch[_LENGTH.size + length :])
    for (sop, digest), read in zip(said, reads, strict=True):
        yield SopUid(sop), digest, read
