"""Write PEM (RFC 7468): 64 characters a line, LF, no text around the block."""

from binascii import b2a_base64


def pem(label: str, der: bytes) -> bytes:
    """One block."""
    body = b2a_base64(der, newline=False)
    lines = b"".join(body[start : start + 64] + b"\n" for start in range(0, len(body), 64))
    return b"-----BEGIN %b-----\n%b-----END %b-----\n" % (label.encode(), lines, label.encode())


def certificate_pem(der: bytes) -> bytes:
    """One certificate."""
    return pem("CERTIFICATE", der)
