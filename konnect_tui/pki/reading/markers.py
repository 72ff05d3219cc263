"""Find PEM blocks in text (RFC 7468), however they were copied: quoted, in one line, in code, with other dashes."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from konnect_tui.errors import KonnectError
from konnect_tui.pki.reading.kinds import BY_LABEL

MOST_BLOCKS: Final = 500
"""In one file. The trust stores of operating systems hold some hundred certificates."""

_MARKER = re.compile(rb"- ?(BEGIN|END)[ \t]{0,4}([A-Z0-9][A-Z0-9 .#]{2,47})-{2,5}")
# these are compiled by their first use, which few files need
_FANCY_DASH = rb"\xe2\x80[\x90-\x95]|\xe2\x88\x92|\xef\xbc\x8d"
_WORD_AFTER = rb" *[A-Za-z,.]{1,15}(?:\s|$)"
_WORD_BEFORE = rb"(?:^|\s)[A-Za-z,.]{1,15} +$"
_PREFIX = 80
_LABELS = {label.replace(" ", ""): label for label in BY_LABEL}


class Cut(NamedTuple):
    """What stands between BEGIN and END. `prefix` is what the line of BEGIN begins with; `what` names the block.

    `exact`: its BEGIN and END are as RFC 7468 writes them.
    """

    label: str
    body: bytes
    prefix: bytes
    what: str
    exact: bool


class Scan(NamedTuple):
    """The blocks of a text in their order, and the text around them."""

    blocks: tuple[Cut, ...]
    around: bytes


class _Marker(NamedTuple):
    begins: bool
    label: str
    start: int
    end: int


def scan(text: bytes, name: str) -> Scan:
    """Every block in a text whose lines end in LF. `name` is how messages call the file.

    Raises KonnectError `truncated`, which names the block, and `too-large`.
    """
    plain = _plain(text)
    pairs = list(_pairs(plain, name))
    blocks: list[Cut] = []
    around: list[bytes] = []
    place, line = 0, 1
    for number, (begin, end) in enumerate(pairs, 1):
        line += plain.count(b"\n", place, begin.start)
        what = f"block {number} ({begin.label}, line {line}) in {name}"
        if len(pairs) == 1:
            what = f"the {begin.label.lower()} in {name}"
        cut = _cut(begin, end, plain, what)
        blocks.append(cut if plain is text else cut._replace(exact=False))
        around.append(plain[place : begin.start])
        place = (end or begin).end
        line += plain.count(b"\n", begin.start, place)
    return Scan(tuple(blocks), b"".join((*around, plain[place:])))


def _cut(begin: _Marker, end: _Marker | None, text: bytes, what: str) -> Cut:
    before = text[max(begin.start - _PREFIX, 0) : begin.start]
    prefix = before[before.rfind(b"\n") + 1 :]
    if end is not None:
        body = text[begin.end : end.start]
        exact = _exact(begin, text) and _exact(end, text) and body == body.strip(b"-")
        return Cut(begin.label, body.strip(b"-"), prefix, what, exact)
    if _is_foreign(begin.label):
        return Cut(begin.label, b"", prefix, what, exact=False)
    raise KonnectError("truncated", f"There is no END line for {what}.")


def _plain(text: bytes) -> bytes:
    """With dashes as RFC 7468 has them, and without the escapes of URLs and shells."""
    if b"\xe2" in text or b"\xef\xbc\x8d" in text:
        text = re.sub(_FANCY_DASH, b"--", text)
    if b"-BEGIN\\ " in text:
        text = text.replace(b"\\ ", b" ")
    if b"-BEGIN%20" in text or b"-BEGIN+" in text:
        from urllib.parse import unquote_to_bytes

        text = unquote_to_bytes(text.replace(b"+", b" "))
    return text


def _pairs(text: bytes, name: str) -> Iterator[tuple[_Marker, _Marker | None]]:
    """Each BEGIN with its END, None where that is missing or is the END of something else."""
    opened: _Marker | None = None
    count = 0
    for marker in _markers(text):
        if marker.begins:
            following = text[marker.end : marker.end + 80]
            if not following.startswith(b"\n") and re.match(_WORD_AFTER, following):
                continue  # a sentence that speaks of the marker
            count += 1
            if opened:
                yield opened, None
            opened = marker
        elif opened:
            yield opened, marker if marker.label == opened.label else None
            opened = None
        elif not re.search(_WORD_BEFORE, text[max(marker.start - _PREFIX, 0) : marker.start].rpartition(b"\n")[2]):
            raise KonnectError("truncated", f"{name} has an END line ({marker.label}), but no BEGIN line for it.")
        if count > MOST_BLOCKS:
            raise KonnectError("too-large", f"{name} holds more than {MOST_BLOCKS} PEM blocks.")
    if opened:
        yield opened, None


def _markers(text: bytes) -> Iterator[_Marker]:
    for found in _MARKER.finditer(text):
        before = text[max(found.start() - 4, 0) : found.start() + 1]
        dashes = len(before) - len(before.rstrip(b"-"))
        if dashes >= 2:
            label = found[2].decode().strip()
            start = found.start() + 1 - dashes
            yield _Marker(found[1] == b"BEGIN", _LABELS.get(label.replace(" ", ""), label), start, found.end())


def _exact(marker: _Marker, text: bytes) -> bool:
    word = "BEGIN" if marker.begins else "END"
    return text[marker.start : marker.end] == f"-----{word} {marker.label}-----".encode()


def _is_foreign(label: str) -> bool:
    return label.startswith("PGP ") or "SSH" in label
