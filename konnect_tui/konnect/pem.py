"""Certificates told apart without reading them: the fingerprint of what stands between the lines of a PEM block."""

import base64
import hashlib
from typing import Final

_BEGIN: Final = "-----BEGIN CERTIFICATE-----"
_END: Final = "-----END CERTIFICATE-----"


def fingerprint(pem: str) -> str:
    """SHA-256 over the DER of the first certificate, 64 lower-case hex digits; empty where there is none."""
    block, end, _ = pem.partition(_BEGIN)[2].partition(_END)
    try:
        der = base64.b64decode("".join(block.split()), validate=True) if end else b""
    except ValueError:  # no base64, or letters outside ASCII
        return ""
    return hashlib.sha256(der).hexdigest() if der else ""
