"""Which requests bring a study's missing instances: whole streams first, then the gaps singly."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence, Set

from workstation.errors import BadAnswer, PlatformError, Refused, Unreachable
from workstation.logs import Log
from workstation.platform.client import InstanceBlob
from workstation.platform.dicomweb import DicomWeb

_TRIES = 2
_SILENT = 3
"""So many instances in a row without an answer: the platform is gone."""


def fetch(
    web: DicomWeb,
    study: str,
    listing: Sequence[tuple[str, str]],
    *,
    have: Set[str],
    stop: Callable[[], bool],
) -> Iterator[InstanceBlob]:
    """Give each instance of ``listing`` that is not in ``have`` once, as it comes.

    A stream that is cut keeps its whole parts; the rest is asked for by instance, and one that
    fails keeps none of the others away. Raises Unreachable when the platform is gone, BadAnswer
    at the end when instances stay missing.
    """
    wanted = {sop: series for series, sop in listing if sop not in have}
    total = len(wanted)
    for path in _streams(study, listing, have):
        yield from _streamed(web, path, wanted, stop)
        if stop():
            return
    lost: list[PlatformError] = []
    silent = 0
    for sop, series in wanted.items():
        if stop():
            return
        try:
            yield _single(web, f"/studies/{study}/series/{series}/instances/{sop}", sop, stop)
            silent = 0
        except (BadAnswer, Refused) as error:
            lost.append(error)
            silent = 0
        except Unreachable as error:
            lost.append(error)
            silent += 1
            if silent == _SILENT or stop():
                raise
    if lost and not stop():
        raise BadAnswer(f"{len(lost)} of {total} images could not be fetched: {lost[0]}")


def _streamed(
    web: DicomWeb, path: str, wanted: dict[str, str], stop: Callable[[], bool]
) -> Iterator[InstanceBlob]:
    """What a stream brings of ``wanted``, which shrinks; how it ends does not matter here."""
    try:
        for blob in web.retrieve(path, stop=stop, what="send the images"):
            if wanted.pop(blob.sop, None) is not None:
                yield blob
    except (Unreachable, BadAnswer, Refused) as error:
        Log("download").warning("stream ended early", error=error, missing=len(wanted))


def _streams(study: str, listing: Sequence[tuple[str, str]], have: Set[str]) -> list[str]:
    """Addresses of which nothing is held yet and that bring more than one instance."""
    held = Counter(series for series, sop in listing if sop in have)
    sizes = Counter(series for series, _ in listing)
    if not held:
        return [f"/studies/{study}"] if len(listing) > 1 else []
    return [
        f"/studies/{study}/series/{series}"
        for series, size in sizes.items()
        if not held[series] and size > 1
    ]


def _single(web: DicomWeb, path: str, sop: str, stop: Callable[[], bool]) -> InstanceBlob:
    for attempt in range(1, _TRIES + 1):
        try:
            found = [b for b in web.retrieve(path, stop=stop, what="send an image") if b.data]
            named = next((blob for blob in found if blob.sop == sop), None)
            if named is not None:
                return named
            if len(found) == 1:  # its meta information may be wrong: its data set will tell
                return InstanceBlob(sop, found[0].data)
            break
        except Unreachable:
            if attempt == _TRIES or stop():
                raise
    raise BadAnswer("The platform sent something else than the image asked for.")
