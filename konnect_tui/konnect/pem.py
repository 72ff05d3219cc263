"""Certificates told apart without reading them: the fingerprint of what stands between the lines of a PEM block."""

import base64
import hashlib
from typing import Final

_BEGIN: Final = "-----BEGIN CERTIFICATE-----"
_END: Final = "-----END CERTIFICATE-----"


def fingerprints(pem: str) -> tuple[str, ...]:
    """SHA-256 over the DER of each certificate, 64 lower-case hex digits, in their order; without what is none.

    The one rule for what an entry of Konnect's holds: whatever stands around them, all certificates in it count.
    """
    blocks = (text.rpartition(_BEGIN)[2] for text in pem.split(_END)[:-1] if _BEGIN in text)
    return tuple(hashlib.sha256(der).hexdigest() for der in map(_der, blocks) if der)


def _der(block: str) -> bytes:
    try:
        return base64.b64decode("".join(block.split()), validate=True)
    except ValueError:  # no base64, or letters outside ASCII
        return b""
