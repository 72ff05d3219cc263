"""Write PEM (RFC 7468): 64 characters a line, LF, no text around the block. `reading` reads what others write."""

import re
from binascii import Error, a2b_base64, b2a_base64

_ONE = re.compile(rb"\s*-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*")


def pem(label: str, der: bytes) -> bytes:
    """One block."""
    body = b2a_base64(der, newline=False)
    lines = b"".join(body[start : start + 64] + b"\n" for start in range(0, len(body), 64))
    return b"-----BEGIN %b-----\n%b-----END %b-----\n" % (label.encode(), lines, label.encode())


def certificate_pem(der: bytes) -> bytes:
    """One certificate."""
    return pem("CERTIFICATE", der)


def certificate_der(text: bytes) -> bytes | None:
    """What the one certificate in clean PEM, of whatever line ends, holds; None for anything else."""
    block = _ONE.fullmatch(text)
    try:
        return a2b_base64(block[1]) if block else None
    except Error:
        return None
