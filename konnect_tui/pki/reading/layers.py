"""Take a file apart, layer by layer, down to DER: text in an odd encoding, PEM, base64 of either, base64 of that."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from konnect_tui.errors import KonnectError
from konnect_tui.pki.reading import asn1
from konnect_tui.pki.reading.armour import opened
from konnect_tui.pki.reading.kinds import kind_of
from konnect_tui.pki.reading.markers import MOST_BLOCKS, Cut, scan
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


def blocks(data: bytes, name: str, mends: Mends, depth: int = 0) -> Iterator[Block]:
    """Everything in the data that may be of use, in its order.

    Raises KonnectError: `truncated`, `bad-base64`, `too-large`, and what `foreign` names where there is nothing.
    """
    if not data.startswith(b"-----BEGIN "):
        _refuse_foreign(data, name)
    if is_der(data):
        yield from _structures(data, name, mends)
        return
    text = plain_text(data, mends)
    found = scan(text, name)
    if found.blocks:
        if found.around != b"\n" * len(found.blocks):
            mends.add(_around(found.around, text))
        yield from (_block(cut, mends) for cut in found.blocks)
        return
    from konnect_tui.pki.reading import foreign, packed

    inner = list(packed.blocks_in(text, name, mends, depth)) if depth < DEEPEST and not is_binary(text) else []
    if not inner:
        raise foreign.by_words(text).fault(name)
    yield from inner


def _around(around: bytes, text: bytes) -> str:
    if around.strip():
        return "There is text around its blocks."
    return "There are blank lines around its blocks." if text.endswith(b"\n") else "Its last line has no end."


def _refuse_foreign(data: bytes, name: str) -> None:
    from konnect_tui.pki.reading import foreign

    known = foreign.by_magic(data)
    if known:
        raise known.fault(name)


def is_der(data: bytes) -> bool:
    """Whether this is a structure rather than text that happens to begin with a zero."""
    if data[:1] not in (b"\x30", b"\x06") or len(data) < 2:
        return False
    if data[1] >= 0x80:
        return data[0] == 0x30 and data[1] <= 0x84
    if len(data) < 2 + data[1]:
        return data[0] == 0x30 and is_binary(data)
    rest = data[2 + data[1] :]
    return not rest.strip(b"\0\r\n\t ") and kind_of(data) is not None


def _structures(data: bytes, name: str, mends: Mends) -> Iterator[Block]:
    """DER structures one behind the other."""
    mends.add("It is DER.")
    at = count = 0
    while data[at : at + 1] in (b"\x30", b"\x06") and count <= MOST_BLOCKS:
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
            message = f"{name} begins as a structure in DER does, and is none."
            raise KonnectError("not-a-certificate", message) from problem
        count += 1
        yield Block(found, name if count == 1 else f"structure {count} in {name}")
        at = end
    rest = data[at:].strip(b"\0\r\n\t ")
    if rest.startswith(b"-----BEGIN "):
        yield from blocks(rest, name, mends)
    elif rest:
        mends.add("Something stands behind its last structure.")


def _block(cut: Cut, mends: Mends) -> Block:
    try:
        armour = opened(cut, mends)
    except ValueError:
        return Block(b"", cut.what, cut.label, damaged=True)
    return Block(armour.data, cut.what, cut.label, armour.dek)
