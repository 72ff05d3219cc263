"""Take a file apart, layer by layer, down to DER: text in an odd encoding, PEM, base64 of either, base64 of that."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from konnect_tui.errors import KonnectError
from konnect_tui.pki.reading import asn1, foreign
from konnect_tui.pki.reading.armour import decode, opened
from konnect_tui.pki.reading.kinds import kind_of
from konnect_tui.pki.reading.markers import Cut, scan
from konnect_tui.pki.reading.mends import Mends
from konnect_tui.pki.reading.text import is_binary, plain_text

DEEPEST: Final = 4
"""Base64 of base64 of base64 of PEM, and no more."""


class Block(NamedTuple):
    """DER as found. `label` is what PEM calls it, empty outside PEM; `what` names it in messages.

    `dek` is the DEK-Info of a traditional encrypted key. `damaged`: its base64 could not be read.
    """

    data: bytes
    what: str
    label: str = ""
    dek: bytes | None = None
    damaged: bool = False


_WHOLE: Final = re.compile(rb"[\s\"'`]*([A-Za-z0-9+/_-][A-Za-z0-9+/=_\s-]*)[\s\"'`,;]*")
_HEX: Final = re.compile(rb"\s*(?:0x)?((?:30|2[dD])(?:[ :\n\t]*[0-9A-Fa-f]{2})+)\s*")
# a value in JSON, YAML, XML or a file of settings; it may go on over the next lines
_VALUE: Final = re.compile(
    rb"[:=>\"'`|,\[-][|>]?-?[ \t]*\n?[ \t]*([A-Za-z0-9+/]{40,}+={0,2}+(?:(?:\n[ \t]*|\\n)[A-Za-z0-9+/]{4,}+={0,2}+)*+)"
)
_KEYS_OF_OTHERS: Final = ("is-java-keystore", "is-ssh")
_STARTS: Final = (b"MII", b"LS0t")
"""What base64 of DER and of PEM begins with."""


def blocks(data: bytes, name: str, mends: Mends, depth: int = 0) -> Iterator[Block]:
    """Everything in the data that may be of use, in its order.

    Raises KonnectError: `truncated`, `bad-base64`, `too-large`, and what `foreign` names where there is nothing.
    """
    known = foreign.by_magic(data)
    if known:
        raise _holds(name, known)
    if _is_der(data):
        yield from _structures(data, name, mends)
        return
    text = plain_text(data, mends)
    found = scan(text, name)
    if found.blocks:
        if found.around.strip():
            mends.add("There is text around its blocks.")
        yield from (_block(cut, mends) for cut in found.blocks)
        return
    inner = list(_inner(text, name, mends, depth)) if depth < DEEPEST and not is_binary(text) else []
    if not inner:
        raise _holds(name, foreign.by_words(text))
    yield from inner


def _holds(name: str, known: foreign.Foreign) -> KonnectError:
    return KonnectError(known.code, f"{name} holds {known.words}.")


def _is_der(data: bytes) -> bool:
    """Whether this is a structure rather than text that happens to begin with a zero."""
    if data[:1] not in (b"\x30", b"\x06") or len(data) < 2:
        return False
    if data[1] >= 0x80:
        return data[0] == 0x30 and data[1] <= 0x84
    rest = data[2 + data[1] :]
    return len(data) >= 2 + data[1] and not rest.strip(b"\0\r\n\t ") and kind_of(data) is not None


def _structures(data: bytes, name: str, mends: Mends) -> Iterator[Block]:
    """DER structures one behind the other."""
    mends.add("It is DER.")
    at = count = 0
    while data[at : at + 1] in (b"\x30", b"\x06") and count < 1000:
        try:
            if data[at + 1 : at + 2] == b"\x80":
                found, end = asn1.from_ber(data[at:])
                end += at
            else:
                found = asn1.element(data, at).raw
                end = at + len(found)
        except asn1.CutError as problem:
            if count:
                break
            raise KonnectError("truncated", f"{name} ends before the structure in it does.") from problem
        except asn1.MalformedError as problem:
            if count:
                break
            raise _holds(name, foreign.NOTHING) from problem
        count += 1
        yield Block(found, name if count == 1 else f"structure {count} in {name}")
        at = end
    if data[at:].strip(b"\0\r\n\t "):
        mends.add("Something stands behind its last structure.")


def _block(cut: Cut, mends: Mends) -> Block:
    try:
        armour = opened(cut, mends)
    except ValueError:
        return Block(b"", cut.what, cut.label, damaged=True)
    return Block(armour.data, cut.what, cut.label, armour.dek)


def _inner(text: bytes, name: str, mends: Mends, depth: int) -> Iterator[Block]:
    """What is hidden in a text without PEM: hexadecimal or base64, all of it or as the value of something."""
    digits = _HEX.fullmatch(text)
    if digits:
        mends.add("It is written in hexadecimal.")
        yield from blocks(bytes.fromhex(digits[1].translate(None, b" :\n\t").decode()), name, mends, depth + 1)
        return
    whole = _WHOLE.fullmatch(text)
    if whole:
        yield from _unpacked(whole[1], name, mends, depth)
        return
    if text.lstrip().startswith(_STARTS):
        raise KonnectError("bad-base64", f"{name} begins as base64 does and goes on otherwise.")
    for number, value in enumerate(_VALUE.finditer(text), 1):
        yield from _unpacked(value[1].replace(b"\\n", b""), f"value {number} in {name}", mends, depth)


def _unpacked(packed: bytes, name: str, mends: Mends, depth: int) -> Iterator[Block]:
    expected = packed.lstrip().startswith(_STARTS)
    try:
        data = decode(packed)
    except ValueError as problem:
        if expected:
            raise KonnectError("bad-base64", f"In {name} something is not base64.") from problem
        return
    if expected or _is_of_use(data):
        mends.add("What it holds is in base64, without PEM's lines around it.")
        yield from blocks(data, name, mends, depth + 1)


def _is_of_use(data: bytes) -> bool:
    """Whether base64 led to something: a structure, PEM, more base64, or a format that can be named."""
    known = foreign.by_magic(data)
    if _is_der(data) or data.startswith(_STARTS) or (known and known.code in _KEYS_OF_OTHERS):
        return True
    return b"BEGIN " in data or "BEGIN ".encode("utf-16-le") in data
