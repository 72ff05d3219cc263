"""The body of a PEM block, or any other base64, back to bytes."""

from binascii import Error as Base64Error
from binascii import a2b_base64
from typing import Final, NamedTuple

from konnect_tui.pki.pem import pem
from konnect_tui.pki.reading.asn1 import CutError, MalformedError, element
from konnect_tui.pki.reading.markers import Cut
from konnect_tui.pki.reading.mends import Mends


class Armour(NamedTuple):
    """`dek` is the DEK-Info of a traditional encrypted key (RFC 1421 §4.6.1.3), None for any other."""

    data: bytes
    dek: bytes | None = None


EATEN: Final = (b"n", b"rn")
"""What a shell leaves of \\n and \\r\\n. No structure in DER begins so in base64."""

_BEGIN: Final = b"-----BEGIN -----"
_END: Final = b"-----END -----\n"
_ANY_SPACE: Final = b" \t\n\r\f\v"
_URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")


def opened(cut: Cut, mends: Mends) -> Armour:
    """The bytes in a block; on record goes how it differs from one laid out as RFC 7468 says.

    Raises ValueError where it isn't base64.
    """
    armour = _plain(cut)
    if armour is None:
        from konnect_tui.pki.reading.disguise import undone

        body, dek = undone(cut)
        armour = Armour(decode(body), dek)
    if not cut.exact:
        mends.add("Its BEGIN and END lines are not as they should be.")
    if cut.prefix or cut.body != pem("", armour.data)[len(_BEGIN) : -len(_END)]:
        from konnect_tui.pki.reading.disguise import layout

        mends.add(layout(cut))
    return armour


def _plain(cut: Cut) -> Armour | None:
    if cut.prefix.strip() or cut.body.startswith(EATEN):
        return None  # there may be more in it that looks like base64, such as the + of a diff
    try:
        return Armour(decode(cut.body))
    except ValueError:
        return None


def decode(text: bytes) -> bytes:
    """Base64 with any spaces in it, in either alphabet, with or without its padding. Raises ValueError."""
    packed = text.translate(_URL_SAFE, _ANY_SPACE)
    missing = -len(packed) % 4 if not packed.endswith(b"=") else 0
    try:
        data = a2b_base64(packed + b"=" * missing, strict_mode=True)
    except Base64Error as problem:
        raise ValueError("not base64") from problem
    if missing and not _makes_sense(data):
        raise ValueError("a character is missing, and not of the padding")
    return data


def _makes_sense(data: bytes) -> bool:
    """Whether this is text, or a structure as long as it says, or one that goes on where the data was cut off."""
    if not data.startswith(b"\x30"):
        return data.isascii()
    try:
        return len(element(data).raw) == len(data)
    except CutError:
        return True
    except MalformedError:
        return False
