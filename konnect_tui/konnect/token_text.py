"""What the text of a token may be, wherever it comes from. No message ever repeats any of it."""

import re
from typing import Final

from konnect_tui.errors import KonnectError
from konnect_tui.secret import Secret

MOST_BYTES: Final = 4096
_BOM: Final = b"\xef\xbb\xbf"
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")
_PREFIX: Final = re.compile(r"[ks]pat_", re.IGNORECASE)


def looks_like_token(text: str) -> bool:
    """Whether it begins as Konnect's tokens do today. A token need not: others may mint them otherwise."""
    return _PREFIX.match(text.strip()) is not None


def masked(text: str) -> str:
    """The text with what looks like a token in it made unreadable."""
    return re.sub(r"(?i)([ks]pat_)[^\s\"',;]+", r"\1…", text)


def token(data: bytes, where: str) -> Secret:
    """The token that these bytes are, without the space around it. `where` begins the message of a refusal.

    Raises KonnectError `bad-token`: it has to be one line of printable ASCII without a space.
    """
    text = data.removeprefix(_BOM).strip()
    wrong = _wrong_with(text)
    if wrong:
        raise KonnectError("bad-token", f"{where} {wrong}")
    return Secret(text)


def _wrong_with(text: bytes) -> str:
    if not text:
        return "is empty."
    if text.startswith(_WIDE):
        return "is UTF-16, as some Windows programs save text; it has to be plain ASCII."
    if len(text) > MOST_BYTES:
        return f"holds more than {MOST_BYTES:,} bytes: that is no token."
    if b"\n" in text or b"\r" in text:
        return "holds several lines; a token is one."
    if text[:1] in b"\"'" or b" " in text or text.upper().startswith(b"KONNECT_TOKEN="):
        return "holds more than the token: quotes, a variable's name or several words. The token alone is wanted."
    if not all(0x21 <= byte <= 0x7E for byte in text):
        return "holds bytes that no token has: it is printable ASCII only."
    return ""
