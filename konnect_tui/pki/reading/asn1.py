"""A strict, bounded walk through DER (X.690), for looking at a structure before anybody is asked to parse it."""

from collections.abc import Iterator
from typing import Final, NamedTuple

INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTETS: Final = 0x04
OID: Final = 0x06
SEQUENCE: Final = 0x30
FIRST: Final = 0xA0
"""Context-specific, constructed, number 0; number n is `FIRST + n`."""
START: Final = bytes((SEQUENCE,))
"""What nearly every structure begins with."""

_CONSTRUCTED: Final = 0x20
_CONSTRUCTED_OCTETS: Final = 0x24
_MOST_ELEMENTS: Final = 50_000
_DEEPEST: Final = 32


class MalformedError(ValueError):
    """Not DER."""


class CutError(MalformedError):
    """It says that it is longer than it is."""


class Element(NamedTuple):
    """A tag, what it holds, and the whole encoding."""

    tag: int
    content: bytes
    raw: bytes


def element(data: bytes, at: int = 0) -> Element:
    """The element that begins there. Raises MalformedError, or CutError where the data ends before it does."""
    tag, body, end = _bounds(data, at)
    return Element(tag, data[body:end], data[at:end])


def elements(data: bytes) -> Iterator[Element]:
    """All elements that follow each other in the data, which are to fill it exactly. Raises as `element` does."""
    at = 0
    while at < len(data):
        found = element(data, at)
        yield found
        at += len(found.raw)


def prefix(data: bytes) -> tuple[Element, ...]:
    """As many whole elements as there are, up to ten: what a damaged structure still shows of itself."""
    found: list[Element] = []
    try:
        for each in elements(data):
            found.append(each)
            if len(found) == 10:
                break
    except MalformedError:
        pass
    return tuple(found)


def dotted(oid: bytes) -> str:
    """The content of an object identifier as dotted numbers; empty where it is none."""
    if not oid or oid[-1] & 0x80 or len(oid) > 64:
        return ""
    arcs: list[int] = []
    value = 0
    for byte in oid:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(str(arc) for arc in (first, arcs[0] - 40 * first, *arcs[1:]))


def encode(tag: int, content: bytes) -> bytes:
    """One element."""
    if len(content) < 0x80:
        return bytes((tag, len(content))) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def from_ber(data: bytes) -> tuple[bytes, int]:
    """The first element with definite lengths and strings in one piece, and how much of the data it took.

    What is DER already stays as it is, byte for byte: certificates in it keep their signatures. Raises
    MalformedError, also where the structure is deeper or has more parts than any file of this kind.
    """
    return _Normal(data).one(0, 0)


class _Normal:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._left = _MOST_ELEMENTS

    def one(self, at: int, depth: int) -> tuple[bytes, int]:
        self._left -= 1
        if not self._left or depth > _DEEPEST:
            raise MalformedError("too many parts")
        data = self._data
        if data[at + 1 : at + 2] == b"\x80":
            pieces, end = self._until_end(at + 2, depth)
            return self._encoded(data[at], pieces), end
        tag, body, end = _bounds(data, at)
        if not tag & _CONSTRUCTED:
            return data[at:end], end
        pieces = []
        place = body
        while place < end:
            piece, place = self.one(place, depth + 1)
            pieces.append(piece)
        if place != end:
            raise MalformedError("a part is longer than its whole")
        if tag != _CONSTRUCTED_OCTETS and b"".join(pieces) == data[body:end]:
            return data[at:end], end
        return self._encoded(tag, pieces), end

    def _until_end(self, at: int, depth: int) -> tuple[list[bytes], int]:
        pieces: list[bytes] = []
        while self._data[at : at + 2] != b"\0\0":
            piece, at = self.one(at, depth + 1)
            pieces.append(piece)
        return pieces, at + 2

    @staticmethod
    def _encoded(tag: int, pieces: list[bytes]) -> bytes:
        if tag == _CONSTRUCTED_OCTETS:
            return encode(OCTETS, b"".join(element(piece).content for piece in pieces))
        return encode(tag, b"".join(pieces))


def _bounds(data: bytes, at: int) -> tuple[int, int, int]:
    """Tag, where the content begins, where it ends."""
    if len(data) < at + 2:
        raise CutError("no length")
    tag, length = data[at], data[at + 1]
    if tag & 0x1F == 0x1F:
        raise MalformedError("a tag of several bytes")
    body = at + 2
    if length >= 0x80:
        size = length & 0x7F
        if not 1 <= size <= 4:
            raise MalformedError("a length that DER does not have")
        body += size
        if len(data) < body:
            raise CutError("no length")
        length = int.from_bytes(data[at + 2 : body], "big")
    if len(data) < body + length:
        raise CutError("shorter than it says")
    return tag, body, body + length
