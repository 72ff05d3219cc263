"""Take off a PEM block what mail, code, editors and forms have put into it."""

import re
from typing import Final

from konnect_tui.pki.reading.armour import EATEN
from konnect_tui.pki.reading.markers import Cut

_ESCAPES: Final = (
    (
        re.compile(
            rb"\\{1,4}u00(?:0[aAdD]|20)|\\{1,4}x0[aAdD]|\\{1,4}[nrt]|\\par|\\line"
            rb"|&#(?:1[03]|x[aAdD]);|<br ?/?>|&nbsp;|%0[aAdD]"
        ),
        b"\n",
    ),
    (re.compile(rb"\\{1,4}u002[bB]|%2[bB]|&#(?:43|x2[bB]);"), b"+"),
    (re.compile(rb"\\{1,4}u002[fF]|\\{1,4}/|%2[fF]|&#(?:47|x2[fF]);"), b"/"),
    (re.compile(rb"\\{1,4}u003[dD]|%3[dD]|=3[dD]|&#(?:61|x3[dD]);"), b"="),
    # where one string of a program ends and the next begins
    (re.compile(rb"[\"'`][\s,+.&\\]*[\"'`]"), b"\n"),
    # no-break spaces, what has no width, and how cat -A shows a carriage return
    (re.compile(rb"\^M|\xc2\xa0|\xe2\x80[\x8b-\x8f]|\xef\xbb\xbf|\0"), b""),
)
_EDGES: Final = b" \t\f\v>#|*;!$\"'`,\\"
_LINE: Final = 64
_PROC_TYPE: Final = re.compile(rb"Proc-Type:\s*4\s*,\s*ENCRYPTED\s*")
_DEK: Final = re.compile(rb"DEK-Info:\s*([A-Z0-9-]{1,40}\s*,\s*[0-9A-Fa-f]*)(?![0-9A-Fa-f])\s*")
_HEADER: Final = re.compile(rb"\s*[A-Za-z][A-Za-z0-9-]*:.*(?:\n[ \t]+.*)*\n")


def undone(cut: Cut) -> tuple[bytes, bytes | None]:
    """The base64 in a block, and the DEK-Info of a traditional encrypted key, empty where that is missing."""
    body = _unquoted(cut)
    for pattern, plain in _ESCAPES:
        body = pattern.sub(plain, body)
    body = b"\n".join(line.strip(_EDGES) for line in body.split(b"\n")).strip()
    for eaten in EATEN:
        if body.startswith(eaten + b"M"):
            step = _LINE + len(eaten)
            body = body.removesuffix(eaten)
            body = b"".join(body[at + len(eaten) : at + step] for at in range(0, len(body), step))
    return _without_headers(body + b"\n")


def layout(cut: Cut) -> str:
    """In a sentence, what in the layout of a block is not as RFC 7468 says."""
    body = cut.body
    if b"\\n" in body or b"\\r" in body:
        return "Its line breaks are written as \\n."
    if body.startswith(EATEN):
        return "The backslashes of its line breaks are gone."
    if b"\n" not in body.strip():
        return "A whole block stands on one line."
    lines = body.strip().split(b"\n")
    if cut.prefix or any(line[:1] in b" \t>" for line in lines if line.strip()):
        return "Its lines are indented or quoted."
    if b":" in body:
        return "There are headers in a block."
    if any(not line.strip() for line in lines):
        return "There are blank lines in a block."
    if any(line != line.rstrip() for line in lines):
        return "Its lines end in blanks."
    return "Its lines do not have 64 characters."


def _unquoted(cut: Cut) -> bytes:
    """Without what every line of the block begins with, as in a quoted mail, a comment or a diff."""
    mark = cut.prefix.strip()
    if not mark or mark[-1:] in b"\"'`":
        return cut.body
    first, *rest = cut.body.split(b"\n")
    lines = [line.strip() for line in rest]
    if lines and lines[-1] == mark:  # it stands before END, too
        lines.pop()
    if all(line.startswith(mark) for line in lines if line):
        lines = [line.removeprefix(mark) for line in lines]
    return b"\n".join((first, *lines))


def _without_headers(body: bytes) -> tuple[bytes, bytes | None]:
    """RFC 1421 headers are taken off, wherever the line breaks between them have gone."""
    if b":" not in body:
        return body, None
    dek = _DEK.search(body)
    encrypted = _PROC_TYPE.search(body)
    if dek and encrypted and encrypted.end() <= dek.start():
        body = body[: encrypted.start()] + body[encrypted.end() : dek.start()] + body[dek.end() :]
    at = 0
    while header := _HEADER.match(body, at):
        at = header.end()
    if encrypted:
        return body[at:], b"".join(dek[1].split()) if dek else b""
    return body[at:], None
