"""What a DER structure is, told by its outer shape alone. Nothing is parsed that could be slow or fail."""

from typing import Final, Literal

from konnect_tui.pki.reading.asn1 import (
    BIT_STRING,
    FIRST,
    INTEGER,
    OCTETS,
    OID,
    SEQUENCE,
    Element,
    MalformedError,
    element,
    prefix,
)

Kind = Literal[
    "certificate",
    "request",
    "revocation list",
    "public key",
    "parameters",
    "PKCS#8 key",
    "encrypted PKCS#8 key",
    "RSA key",
    "EC key",
    "DSA key",
    "PKCS#7",
    "PKCS#12",
]
KEYS: Final = frozenset(("PKCS#8 key", "RSA key", "EC key", "DSA key"))

BY_LABEL: Final[dict[str, Kind]] = {
    "CERTIFICATE": "certificate",
    "X509 CERTIFICATE": "certificate",
    "TRUSTED CERTIFICATE": "certificate",
    "PRIVATE KEY": "PKCS#8 key",
    "ENCRYPTED PRIVATE KEY": "encrypted PKCS#8 key",
    "RSA PRIVATE KEY": "RSA key",
    "EC PRIVATE KEY": "EC key",
    "DSA PRIVATE KEY": "DSA key",
    "PKCS7": "PKCS#7",
    "PKCS #7 SIGNED DATA": "PKCS#7",
    "CMS": "PKCS#7",
    "PKCS12": "PKCS#12",
    "CERTIFICATE REQUEST": "request",
    "NEW CERTIFICATE REQUEST": "request",
    "X509 CRL": "revocation list",
    "PUBLIC KEY": "public key",
    "RSA PUBLIC KEY": "public key",
    "EC PARAMETERS": "parameters",
    "DSA PARAMETERS": "parameters",
    "DH PARAMETERS": "parameters",
    "X9.42 DH PARAMETERS": "parameters",
}
"""What a block is by its PEM label (RFC 7468, and what was used before it)."""

_TIMES = (0x17, 0x18)
_PUBLIC_EXPONENTS = (3, 17, 257, 65537)


def kind_of(der: bytes) -> Kind | None:
    """What the first element is; None for anything else. What is cut or damaged further in is still recognized."""
    try:
        outer = element(der)
    except MalformedError:
        return None
    if outer.tag == OID:
        return "parameters"
    parts = prefix(outer.content)
    if outer.tag != SEQUENCE or not parts:
        return None
    first = parts[0].tag
    if first == INTEGER:
        return _numbered(parts)
    if first == OID:
        return "PKCS#7" if len(parts) > 1 and parts[1].tag == FIRST else None
    return _structured(parts) if first == SEQUENCE else None


def _numbered(parts: tuple[Element, ...]) -> Kind | None:
    """What begins with a version or is a list of numbers."""
    shape = tuple(part.tag for part in parts)
    version = parts[0].content
    if shape[:2] == (INTEGER, SEQUENCE):
        return _versioned(parts, shape)
    if shape[:2] == (INTEGER, OCTETS):
        return "EC key"
    if set(shape) != {INTEGER}:
        return None
    if len(shape) == 6:
        return "DSA key"
    if len(shape) >= 9 and version in (b"\0", b"\1"):
        return "RSA key"
    if len(shape) == 2:
        return _pair(int.from_bytes(parts[1].content[:9], "big"))
    return "parameters" if len(shape) in (3, 4, 5) else None


def _pair(second: int) -> Kind | None:
    """A public exponent, a generator of Diffie-Hellman, or half of a signature."""
    if second in _PUBLIC_EXPONENTS:
        return "public key"
    return "parameters" if second < 1 << 64 else None


def _versioned(parts: tuple[Element, ...], shape: tuple[int, ...]) -> Kind | None:
    inner = prefix(parts[1].content)
    if shape[2:3] == (OCTETS,):
        return "PKCS#8 key" if inner and inner[0].tag == OID else None
    if parts[0].content == b"\3":
        return "PKCS#12" if inner and inner[0].tag == OID else None
    # explicit parameters of a curve: version, field, curve, base point
    return "parameters" if shape[2:4] == (SEQUENCE, OCTETS) else None


def _structured(parts: tuple[Element, ...]) -> Kind | None:
    """What begins with a structure: something signed, or an algorithm and what it is for."""
    body = prefix(parts[0].content)
    if not body:
        return None
    shape = tuple(part.tag for part in body)
    if shape[0] == OID:
        following = parts[1].tag if len(parts) > 1 else None
        if following == OCTETS:
            return "encrypted PKCS#8 key"
        return "public key" if following == BIT_STRING else None
    signed = shape[1:] if shape[0] in (FIRST, INTEGER) else shape
    if shape[0] == FIRST and shape[1:2] == (INTEGER,):
        signed = shape[2:]
    if signed[:4] == (SEQUENCE,) * 4:
        return "certificate"
    if signed[:2] == (SEQUENCE, SEQUENCE) and signed[2:3] in ((FIRST,), ()):
        return "request"
    return "revocation list" if signed[:2] == (SEQUENCE, SEQUENCE) and signed[2] in _TIMES else None
