"""What is hidden in a text without PEM's lines: base64 or hexadecimal, all of it or as the value of something."""

import re
from collections.abc import Iterator
from typing import Final

from konnect_tui.errors import KonnectError
from konnect_tui.pki.reading import foreign
from konnect_tui.pki.reading.armour import decode
from konnect_tui.pki.reading.layers import Block, blocks, is_der
from konnect_tui.pki.reading.mends import Mends

_WHOLE: Final = re.compile(rb"[\s\"'`]*+([A-Za-z0-9+/_-][A-Za-z0-9+/=_\s-]*+)[\s\"'`,;]*+")
_HEX: Final = re.compile(rb"\s*(?:0x)?((?:30|2[dD])(?:[ :\n\t]*[0-9A-Fa-f]{2})+)\s*")
# a value in JSON, YAML, XML or a file of settings; it may go on over the next lines, which are no next name
_VALUE: Final = re.compile(
    rb"[:=>\"'`|,\[-][|>]?-?[ \t]*+(?:\n[ \t]*+)?+"
    rb"([A-Za-z0-9+/]{40,}+={0,2}+(?:(?<!=)(?:\n[ \t]*|\\n)[A-Za-z0-9+/]{4,}+={0,2}+(?![^\s\"'`,;<\\]))*+)"
)
_KEYS_OF_OTHERS: Final = ("is-java-keystore", "is-ssh")
_STARTS: Final = (b"MII", b"LS0t")
"""What base64 of DER and of PEM begins with."""


def blocks_in(text: bytes, name: str, mends: Mends, depth: int) -> Iterator[Block]:
    """What is hidden in a text without PEM: hexadecimal or base64, all of it or as the value of something."""
    digits = _HEX.fullmatch(text)
    if digits:
        mends.add("It is written in hexadecimal.")
        yield from blocks(bytes.fromhex(digits[1].translate(None, b" :\n\t").decode()), name, mends, depth + 1)
        return
    whole = _WHOLE.fullmatch(text)
    if whole and (found := list(_unpacked(whole[1], name, mends, depth))):
        yield from found
        return
    if text.lstrip().startswith(_STARTS):
        raise KonnectError("bad-base64", f"{name} begins as base64 does and goes on otherwise.")
    values = dict.fromkeys(value[1] for value in _VALUE.finditer(text))  # kubectl shows what it last applied as well
    for number, value in enumerate(values, 1):
        yield from _unpacked(value.replace(b"\\n", b""), f"value {number} in {name}", mends, depth)


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
    if is_der(data) or data.startswith(_STARTS) or (known and known.code in _KEYS_OF_OTHERS):
        return True
    return b"BEGIN " in data or "BEGIN ".encode("utf-16-le") in data
