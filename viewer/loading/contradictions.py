"""What a JPEG 2000 codestream says of its samples against the header (F2)."""

from viewer.loading.codestream import CodestreamFacts
from viewer.loading.encoded import EncodedFrame


def contradiction_of_bits(facts: CodestreamFacts, frame: EncodedFrame) -> str:
    """A sentence where sign or precision differ from the header, which is followed; else empty."""
    stored = frame.stored
    if (facts.signed, facts.precision) == (stored.signed, stored.bits_stored):
        return ""
    held = _kind(facts.precision, signed=facts.signed is True)
    said = _kind(stored.bits_stored, signed=stored.signed)
    return f"The codestream holds {held} values, the header says {said}; the header is followed."


def _kind(bits: int, *, signed: bool) -> str:
    return f"{'signed' if signed else 'unsigned'} {bits}-bit"
