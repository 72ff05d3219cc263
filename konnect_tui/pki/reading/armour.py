"""The body of a PEM block, or any other base64, back to bytes: without what mail, code and editors put into it."""

import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from typing import Final, NamedTuple

from konnect_tui.pki.pem import pem
from konnect_tui.pki.reading.markers import Cut
from konnect_tui.pki.reading.mends import Mends


class Armour(NamedTuple):
    """`dek` is the DEK-Info of a traditional encrypted key (RFC 1421 §4.6.1.3), None for any other."""

    data: bytes
    dek: bytes | None


_BEGIN: Final = b"-----BEGIN -----"
_END: Final = b"-----END -----\n"
_ESCAPES: Final = (
    (re.compile(rb"\\+u00(?:0[aAdD]|20)|\\+x0[aAdD]|&#(?:1[03]|x[aAdD]);|<br */?>|&nbsp;|%0[aAdD]|\\+[nrt]"), b"\n"),
    (re.compile(rb"\\+u002[bB]|%2[bB]|&#(?:43|x2[bB]);"), b"+"),
    (re.compile(rb"\\+u002[fF]|\\+/|%2[fF]|&#(?:47|x2[fF]);"), b"/"),
    (re.compile(rb"\\+u003[dD]|%3[dD]|=3[dD]|&#(?:61|x3[dD]);"), b"="),
    # where one string of a program ends and the next begins
    (re.compile(rb"[\"'`][\s,+.&\\]*[\"'`]"), b"\n"),
    (re.compile(rb"\xc2\xa0|\xe2\x80[\x8b-\x8f]|\xef\xbb\xbf|\0"), b""),
)
_EDGES: Final = b" \t\f\v>#|*;!\"'`,\\"
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/=\s]*")
_PROC_TYPE: Final = re.compile(rb"Proc-Type:\s*4\s*,\s*ENCRYPTED\s*")
_DEK: Final = re.compile(rb"DEK-Info:\s*([A-Z0-9-]{1,40}\s*,\s*[0-9A-Fa-f]*)(?![0-9A-Fa-f])\s*")
_HEADER: Final = re.compile(rb"[A-Za-z][A-Za-z0-9-]*:.*(?:\n[ \t]+.*)*\n")
_ANY_SPACE: Final = b" \t\n\r\f\v"
_URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")


def opened(cut: Cut, mends: Mends) -> Armour:
    """The bytes in a block. Raises ValueError where it isn't base64."""
    body = _unquoted(cut)
    if _BASE64.fullmatch(body):
        return Armour(_noted(cut, decode(body), mends), None)
    for pattern, plain in _ESCAPES:
        body = pattern.sub(plain, body)
    body, dek = _without_headers(b"\n".join(line.strip(_EDGES) for line in body.split(b"\n")).strip() + b"\n")
    return Armour(_noted(cut, decode(body), mends), dek)


def decode(text: bytes) -> bytes:
    """Base64 with any spaces in it, in either alphabet, with or without its padding. Raises ValueError."""
    packed = text.translate(_URL_SAFE, _ANY_SPACE)
    missing = -len(packed) % 4
    if missing < 3 and not packed.endswith(b"="):
        packed += b"=" * missing
    try:
        return a2b_base64(packed, strict_mode=True)
    except Base64Error as problem:
        raise ValueError("not base64") from problem


def _unquoted(cut: Cut) -> bytes:
    """Without what every line of the block begins with, as in a quoted mail, a comment or a diff."""
    mark = cut.prefix.strip()
    if not mark:
        return cut.body
    first, *lines = cut.body.split(b"\n")
    lines = [line.strip() for line in lines]
    if not lines or not all(line.startswith(mark) for line in lines[:-1]) or lines[-1] not in (b"", mark):
        return cut.body
    return b"\n".join((first, *(line.removeprefix(mark) for line in lines)))


def _without_headers(body: bytes) -> tuple[bytes, bytes | None]:
    """RFC 1421 headers are taken off, wherever the line breaks between them have gone."""
    if b":" not in body:
        return body, None
    dek = _DEK.search(body)
    encrypted = _PROC_TYPE.search(body)
    if dek and encrypted:
        body = body[: encrypted.start()] + body[encrypted.end() : dek.start()] + body[dek.end() :]
    while header := _HEADER.match(body):
        body = body[header.end() :].lstrip()
    if encrypted:
        return body, b"".join(dek[1].split()) if dek else b""
    return body, None


def _noted(cut: Cut, data: bytes, mends: Mends) -> bytes:
    """The data; how its block differs from one that is laid out as RFC 7468 says is put on record."""
    body = cut.body
    if cut.prefix or body != pem("", data)[len(_BEGIN) : -len(_END)]:
        mends.add(_layout(cut.prefix, body))
    return data


def _layout(prefix: bytes, body: bytes) -> str:
    if b"\\n" in body or b"\\r" in body:
        return "Its line breaks are written as \\n."
    if b"\n" not in body.strip():
        return "A whole block stands on one line."
    lines = body.strip(b"\n").split(b"\n")
    if prefix or any(line[:1] in b" \t>" for line in lines if line):
        return "Its lines are indented or quoted."
    if b":" in body:
        return "There are headers in a block."
    if any(not line.strip() for line in lines):
        return "There are blank lines in a block."
    if any(line != line.rstrip() for line in lines):
        return "Its lines end in blanks."
    return "Its lines do not have 64 characters."
