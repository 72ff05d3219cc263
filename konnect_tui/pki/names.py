"""The names certificates carry. Loads no cryptography, so that a Plan can be made without it.

A control plane's name may be any text. X.509 takes it as a UTF8String (RFC 5280 §4.1.2.4), but a common
name has at most 64 characters (`ub-common-name`, RFC 5280 appendix A.1), and other tools print it raw.
"""

from collections.abc import Iterable
from hashlib import sha256

from konnect_tui.words import deceptive

COMMON_NAME_BYTES = 64
_HASH_DIGITS = 8


def common_name(text: str, suffix: str = "") -> str:
    """`text` and `suffix` as a common name: at most 64 bytes of UTF-8, and nothing in it that hides.

    A longer text is cut between two code points and gets a hash of the whole behind it, so that different
    names stay different; `suffix` is never cut. Control characters become their Unicode pictures (NUL is ␀).
    """
    shown = visible(text)
    if len((shown + suffix).encode()) <= COMMON_NAME_BYTES:
        return shown + suffix
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_DIGITS]
    room = COMMON_NAME_BYTES - len(f"-{digest}{suffix}".encode())
    return f"{shown.encode()[:room].decode(errors='ignore').rstrip()}-{digest}{suffix}"


def visible(text: str) -> str:
    """The text with every control character replaced by its picture, and what else would hide by U+FFFD."""
    return "".join(_picture(character) if deceptive(character) else character for character in text)


def _picture(character: str) -> str:
    point = ord(character)
    if point < 0x20:
        return chr(0x2400 + point)
    return "\u2421" if point == 0x7F else "\ufffd"


def authority_stems(intermediates: int) -> tuple[str, ...]:
    """The file stems of the CAs made here, root first: `root`, `intermediate-1`, …"""
    return ("root", *(f"intermediate-{number}" for number in range(1, intermediates + 1)))


def authority_common_names(control_plane: str, intermediates: int, taken: Iterable[str] = ()) -> dict[str, str]:
    """The common name of every CA by file stem. None is equal to another or to one of `taken`.

    A leaf with its issuer's name would look self-signed, and two CAs of one name make a control plane pick the
    wrong one: OpenSSL looks issuers up by name.
    """
    leaves = set(taken)
    names: dict[str, str] = {}
    for stem in authority_stems(intermediates):
        suffix = f" {stem.replace('-', ' ')}"
        while (name := common_name(f"konnect-{control_plane}", suffix)) in leaves:
            suffix += " CA"
        names[stem] = name
    return names
