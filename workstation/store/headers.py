"""Headers of the studies that were opened once, kept beside their decoded frames."""

import secrets
import struct
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from viewer.loading.decoded import Decoded
from viewer.model.refs import FrameRef, SeriesUid, SopUid, StudyUid
from workstation.store.decoded import DecodedStore

_SERIES = SeriesUid("headers")
"""No series: what is kept of a whole study lies in one file."""
_ORIGIN = "headers"
_ENTRY = struct.Struct("<HHI")
"""Lengths of SOP Instance UID, digest and header."""
_MOST = 32 * 1024 * 1024


class KeptHeaders:
    """The bytes that headers were read from; not given when their originals are others now."""

    def __init__(
        self, decoded: DecodedStore, digests: Callable[[StudyUid], Mapping[SopUid, str]]
    ) -> None:
        """Keep them in ``decoded``; ``digests`` tells the originals that are held of a study."""
        self._decoded = decoded
        self._digests = digests

    def of(self, study: StudyUid) -> Mapping[SopUid, bytes]:
        """What is kept of a study."""
        batches = self._decoded.kept_of(study, _SERIES)
        digests = self._digests(study) if batches else {}
        found: dict[SopUid, bytes] = {}
        for ref in batches:
            record = self._decoded.get(ref, _ORIGIN)
            if record is not None:
                for sop, digest, header in _entries(record.pixels.tobytes()):
                    if digests.get(sop) == digest:
                        found[sop] = header
        return found

    def keep(self, study: StudyUid, headers: Mapping[SopUid, bytes]) -> None:
        """Keep some headers; those of originals that are not held are left out."""
        digests = self._digests(study)
        entries: list[bytes] = []
        length = 0
        for sop, header in headers.items():
            if not header or sop not in digests:
                continue
            uid, digest = sop.encode("utf-8", "surrogateescape"), digests[sop].encode()
            entries.append(_ENTRY.pack(len(uid), len(digest), len(header)) + uid + digest + header)
            length += len(entries[-1])
            if length > _MOST:
                self._write(study, entries)
                entries, length = [], 0
        if entries:
            self._write(study, entries)
        self._decoded.flush()

    def _write(self, study: StudyUid, entries: list[bytes]) -> None:
        batch = FrameRef(study, _SERIES, SopUid(f"batch {secrets.token_hex(8)}"), -1)
        self._decoded.keep(batch, _ORIGIN, Decoded(np.frombuffer(b"".join(entries), np.uint8)))


def _entries(data: bytes) -> Iterator[tuple[SopUid, str, bytes]]:
    at = 0
    while at < len(data):
        lengths = _ENTRY.unpack_from(data, at)
        begin = at + _ENTRY.size
        uid, digest = begin + lengths[0], begin + lengths[0] + lengths[1]
        at = digest + lengths[2]
        sop = data[begin:uid].decode("utf-8", "surrogateescape")
        yield SopUid(sop), data[uid:digest].decode(), data[digest:at]
