"""What opening a file would cost, worked out from its ASN.1 before anything is derived.

A few hundred bytes can ask for hours, and for gigabytes. The unit is one call of SHA-1 or SHA-256 in a derivation,
0.15 µs where this was measured and about three times that on a small old machine without SHA instructions. All that
one file asks for together may cost `LIMIT` units: 0.6 s here, under 2 s there. That is six times the 600,000 rounds
that OWASP recommends, and more than a thousand times OpenSSL's default.
"""

from typing import Final

from konnect_tui.errors import KonnectError
from konnect_tui.pki.reading.asn1 import INTEGER, OID, SEQUENCE, MalformedError, dotted, element, prefix

LIMIT: Final = 4_000_000
MOST_MEMORY: Final = 256 << 20
"""Bytes that scrypt may ask for."""

_PBES1 = "1.2.840.113549.1.5."
_PKCS12_PBE = "1.2.840.113549.1.12.1."
_PBKDF2 = "1.2.840.113549.1.5.12"
_PBES2 = "1.2.840.113549.1.5.13"
_PBMAC1 = "1.2.840.113549.1.5.14"
_SCRYPT = "1.3.6.1.4.1.11591.4.11"
_HMAC_SHA1 = "1.2.840.113549.2.7"
_PER_ROUND = {
    # units for one round, and the bytes that it gives, by the OID of the HMAC
    _HMAC_SHA1: (1, 20),
    "1.2.840.113549.2.8": (1, 28),
    "1.2.840.113549.2.9": (1, 32),
    "1.2.840.113549.2.10": (2, 48),
    "1.2.840.113549.2.11": (2, 64),
}
_PER_DIGEST = {
    "1.2.840.113549.2.5": 1,  # MD5
    "1.3.14.3.2.26": 1,  # SHA-1
    "2.16.840.1.101.3.4.2.1": 1,  # SHA-256
    "2.16.840.1.101.3.4.2.4": 1,  # SHA-224
    "2.16.840.1.101.3.4.2.2": 2,  # SHA-384
    "2.16.840.1.101.3.4.2.3": 2,  # SHA-512
}
_DEAREST: Final = 6
_SCRYPT_BYTES_PER_UNIT: Final = 80
_LONGEST_KEY: Final = 64
_USUAL_KEY: Final = 32
_RSA_CHECK: Final = 1_300_000
_RSA_CHECK_BYTES: Final = 2400


class Budget:
    """What the derivations of one file have cost so far. `name` is how messages call the file."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._spent = 0

    def spend(self, units: int) -> None:
        """Allow this much more. Raises KonnectError `derivation-too-costly`."""
        self._spent += units
        if self._spent > LIMIT:
            raise KonnectError(
                "derivation-too-costly",
                f"What is encrypted in {self._name} asks for more rounds or memory than an honest file does.",
                context="Opening it would hold this machine up for seconds, or for hours.",
            )


def encryption(algorithm: bytes) -> int:
    """Units for deriving key and vector as this AlgorithmIdentifier's content asks. Raises MalformedError.

    An algorithm that nobody here can derive with costs nothing: it is refused by name later.
    """
    oid, parameters = _algorithm(algorithm)
    if oid == _PBES2:
        return _derivation(parameters)
    if oid.startswith(_PKCS12_PBE):
        return 3 * _rounds(parameters)  # 3DES: two blocks of SHA-1 for the key and one for the vector
    return _rounds(parameters) if oid.startswith(_PBES1) else 0


def mac(data: bytes) -> int:
    """Units for checking a PKCS#12 MacData (RFC 7292 §4, RFC 9579), given its content. Raises MalformedError."""
    parts = prefix(data)
    if not parts:
        raise MalformedError("a MAC without an algorithm")
    oid, parameters = _algorithm(element(parts[0].content).content)
    if oid == _PBMAC1:
        return _derivation(parameters)
    rounds = _number(parts[2].content) if len(parts) > 2 else 1
    return rounds * _PER_DIGEST.get(oid, _DEAREST)


def key_check(length: int) -> int:
    """Units for OpenSSL's check of an RSA key whose PKCS#8 has so many bytes: primality is tested, which grows fast.

    0.2 s for 4,096 bits, 3 s for 8,192.
    """
    return int(_RSA_CHECK * (length / _RSA_CHECK_BYTES) ** 4)


def _derivation(schemes: bytes) -> int:
    """Of PBES2 or PBMAC1: the first of its two schemes says how the key is derived."""
    oid, parameters = _algorithm(element(schemes).content)
    fields = prefix(parameters)
    if oid == _SCRYPT and len(fields) >= 4:
        cost, block, parallel = (_number(each.content) for each in fields[1:4])
        memory = 128 * cost * block
        return LIMIT + 1 if memory > MOST_MEMORY else memory * parallel // _SCRYPT_BYTES_PER_UNIT
    if oid != _PBKDF2:
        return 0
    if len(fields) < 2 or fields[1].tag != INTEGER:
        raise MalformedError("PBKDF2 without rounds")
    length, digest = _USUAL_KEY, _HMAC_SHA1
    for field in fields[2:]:
        if field.tag == INTEGER:
            length = max(length, _number(field.content))
        elif field.tag == SEQUENCE:
            digest = _algorithm(field.content)[0]
    if length > _LONGEST_KEY:
        raise MalformedError("a longer key than any cipher has")
    units, size = _PER_ROUND.get(digest, (_DEAREST, 16))
    return _number(fields[1].content) * units * -(-length // size)


def _algorithm(content: bytes) -> tuple[str, bytes]:
    """The OID and the content of the parameters, empty where there are none."""
    parts = prefix(content)
    if not parts or parts[0].tag != OID:
        raise MalformedError("no algorithm")
    return dotted(parts[0].content), parts[1].content if len(parts) > 1 else b""


def _rounds(parameters: bytes) -> int:
    """Of PBEParameter (RFC 8018 appendix A.3, RFC 7292 appendix C): salt, iteration count."""
    fields = prefix(parameters)
    if len(fields) < 2 or fields[1].tag != INTEGER:
        raise MalformedError("no rounds")
    return _number(fields[1].content)


def _number(content: bytes) -> int:
    value = int.from_bytes(content, "big", signed=True)
    if value < 1:
        raise MalformedError("a count below 1")
    return value
