"""The body of a PEM block, or any other base64, back to bytes."""

from binascii import Error as Base64Error
from binascii import a2b_base64
from typing import Final, NamedTuple

from konnect_tui.pki.pem import pem
from konnect_tui.pki.reading.markers import Cut
from konnect_tui.pki.reading.mends import Mends


class Armour(NamedTuple):
    """`dek` is the DEK-Info of a traditional encrypted key (RFC 1421 §4.6.1.3), None for any other."""

    data: bytes
    dek: bytes | None = None


_BEGIN: Final = b"-----BEGIN -----"
_END: Final = b"-----END -----\n"
_ANY_SPACE: Final = b" \t\n\r\f\v"
_URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")


def opened(cut: Cut, mends: Mends) -> Armour:
    """The bytes in a block; on record goes how it differs from one laid out as RFC 7468 says.

    Raises ValueError where it isn't base64.
    """
    try:
        armour = Armour(decode(cut.body))
    except ValueError:
        from konnect_tui.pki.reading.disguise import undone

        body, dek = undone(cut)
        armour = Armour(decode(body), dek)
    if cut.prefix or cut.body != pem("", armour.data)[len(_BEGIN) : -len(_END)]:
        from konnect_tui.pki.reading.disguise import layout

        mends.add(layout(cut))
    return armour


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
