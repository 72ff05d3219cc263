"""Bytes that are text, whatever way it was saved: as UTF-8 or ASCII with LF, and what had to be done for that."""

from typing import Final

from konnect_tui.pki.reading.mends import Mends

_MARKS: Final = (
    (b"\xff\xfe\0\0", "utf-32-le", "UTF-32"),
    (b"\0\0\xfe\xff", "utf-32-be", "UTF-32"),
    (b"\xff\xfe", "utf-16-le", "UTF-16"),
    (b"\xfe\xff", "utf-16-be", "UTF-16"),
)
_UTF8_MARK: Final = b"\xef\xbb\xbf"
_LOOKED_AT: Final = 256
_UNMARKED: Final = (
    ("utf-32-le", "UTF-32", 4, 0),
    ("utf-32-be", "UTF-32", 4, 3),
    ("utf-16-le", "UTF-16", 2, 0),
    ("utf-16-be", "UTF-16", 2, 1),
)
_KEYSTORES: Final = b"\xfe\xed\xfe\xed"


def plain_text(data: bytes, mends: Mends) -> bytes:
    """UTF-16 and UTF-32, marked or not, become UTF-8; the mark goes; lines end in LF. Binary stays as it is."""
    for mark, encoding, called in _MARKS:
        if data.startswith(mark) and not data.startswith(_KEYSTORES):
            mends.add(f"It is text in {called}.")
            return _lines(_decoded(data[len(mark) :], encoding), mends)
    for encoding, called, width, place in _UNMARKED:
        if _looks_like(data, width, place):
            mends.add(f"It is text in {called}.")
            return _lines(_decoded(data, encoding), mends)
    if data.startswith(_UTF8_MARK):
        mends.add("It begins with a byte order mark.")
        data = data.removeprefix(_UTF8_MARK)
    return _lines(data, mends) if not is_binary(data) else data


def is_binary(data: bytes) -> bool:
    """Whether this can't be text: DER and most other formats show it in their first bytes."""
    start = data[:_LOOKED_AT]
    return b"\0" in start or any(byte < 0x20 and byte not in b"\t\n\f\r\x1b" for byte in start)


def _lines(text: bytes, mends: Mends) -> bytes:
    if b"\r" not in text:
        return text
    lone = text.count(b"\r") > text.count(b"\r\n")
    mends.add("Its lines end in CR alone." if lone else "Its lines end in CRLF.")
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _decoded(data: bytes, encoding: str) -> bytes:
    return data.decode(encoding, "replace").encode("utf-8", "replace")


def _looks_like(data: bytes, width: int, place: int) -> bool:
    """Whether only every so manyth byte says something, as ASCII does in a wider encoding."""
    start = data[: _LOOKED_AT // width * width]
    if len(start) < 4 * width:
        return False
    said = start[place::width]
    return b"\0" not in said and said.isascii() and len(said) == len(start) - start.count(0)
