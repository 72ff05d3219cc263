"""Open private keys: PKCS#8 and the traditional forms, plain or encrypted, and refuse what TLS has no use for."""

from typing import Final

from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from msgspec.structs import replace

from konnect_tui.errors import KonnectError
from konnect_tui.pki import parse
from konnect_tui.pki.pem import pem
from konnect_tui.pki.pss import pss_only
from konnect_tui.pki.reading import costs
from konnect_tui.pki.reading.asn1 import SEQUENCE, MalformedError, dotted, element, prefix
from konnect_tui.pki.reading.costs import Budget
from konnect_tui.pki.reading.found import Key
from konnect_tui.secret import Secret

MOST_KEYS: Final = 100
"""In one file."""

_KNOWN: Final = frozenset(
    (
        "1.2.840.113549.1.1.1",  # RSA
        "1.2.840.113549.1.1.10",  # RSASSA-PSS
        "1.2.840.10040.4.1",  # DSA
        "1.2.840.10045.2.1",  # elliptic curves
        "1.3.101.112",  # Ed25519
        "1.3.101.113",  # Ed448
    )
)
_SIGN: Final = ("rsa-", "ec-", "dsa-", "ed25519", "ed448", "ml-dsa-")
_REFUSED: Final = (ValueError, TypeError, InternalError)
_OF_64_BITS: Final = (b"DES", b"RC2", b"BF", b"IDEA", b"CAST")
_LONGEST: Final = 1 << 16
_LARGEST_RSA: Final = 16384
_LARGEST_CHECKED: Final = 4096
_USELESS: Final = {
    "1.3.101.110": "X25519",
    "1.3.101.111": "X448",
    "1.2.840.113549.1.3.1": "Diffie-Hellman",
    "1.2.840.10046.2.1": "Diffie-Hellman",
    "2.16.840.1.101.3.4.4.1": "ML-KEM",
    "2.16.840.1.101.3.4.4.2": "ML-KEM",
    "2.16.840.1.101.3.4.4.3": "ML-KEM",
}


def plain_key(der: bytes, what: str) -> Key:
    """A key that nothing locks. Raises KonnectError `unsupported-key`, `damaged-key`."""
    algorithm = _algorithm(der)
    if algorithm in _USELESS:
        message = f"With {what}, of type {_USELESS[algorithm]}, nothing can be signed, and TLS needs that."
        raise KonnectError("unsupported-key", message)
    try:
        found = _key(_load(der, None), False, what)
    except UnsupportedAlgorithm as problem:
        raise _unsupported(what) from problem
    except _REFUSED as problem:
        raise (_damaged(what) if algorithm in _KNOWN else _unsupported(what)) from problem
    # cryptography would write a key for PSS alone as plain RSA, which does not fit its certificate
    return replace(found, secret=Secret(pem("PRIVATE KEY", der))) if pss_only(der) else found


def encrypted_key(der: bytes, what: str, passphrase: Secret | None, budget: Budget) -> Key:
    """A key in encrypted PKCS#8; still locked without a passphrase.

    Raises KonnectError `derivation-too-costly`, `wrong-passphrase`, `unsupported-key`, `damaged-key`.
    """
    try:
        algorithm = element(element(der).content)
        budget.spend(costs.encryption(algorithm.content))
    except MalformedError as problem:
        raise _damaged(what) from problem
    if len(der) > _LONGEST:
        raise _damaged(what)
    if passphrase is None:
        return Key(type=None, encrypted=True)
    try:
        return _key(_load(der, passphrase.reveal()), True, what)
    except UnsupportedAlgorithm as problem:
        raise _unsupported(what) from problem
    except _REFUSED as problem:
        if isinstance(problem, InternalError):
            raise _damaged(what) from problem  # parameters that OpenSSL refuses
        if not str(problem).startswith("Unknown key encryption"):
            raise _wrong(what) from problem
        return _opened_by_openssl(pem("ENCRYPTED PRIVATE KEY", der), what, passphrase)


def traditional_key(label: str, der: bytes, dek: bytes, what: str, passphrase: Secret | None) -> Key:
    """A key encrypted as OpenSSL did before PKCS#8 (RFC 1421 headers): one round of MD5, which costs nothing.

    Still locked without a passphrase.

    Raises KonnectError `wrong-passphrase`, `unsupported-key`, `damaged-key`.
    """
    cipher, _, vector = dek.partition(b",")
    digits = 16 if cipher.startswith(_OF_64_BITS) else 32
    if len(vector) != digits or len(der) > _LONGEST:
        raise _damaged(what)  # cryptography panics over a vector that is too short
    if passphrase is None:
        return Key(type=None, encrypted=True)
    begin, _, rest = pem(label, der).partition(b"\n")
    block = b"\n".join((begin, b"Proc-Type: 4,ENCRYPTED", b"DEK-Info: " + dek, b"", rest))
    try:
        key = serialization.load_pem_private_key(block, passphrase.reveal(), unsafe_skip_rsa_key_validation=True)
        return _key(key, True, what)
    except UnsupportedAlgorithm as problem:
        raise _unsupported(what) from problem
    except _REFUSED as problem:
        if "unknown cipher" not in str(problem):
            raise _wrong(what) from problem
        return _opened_by_openssl(block, what, passphrase)


def _opened_by_openssl(block: bytes, what: str, passphrase: Secret) -> Key:
    """A key in PEM under a cipher that cryptography leaves out, such as DES or Camellia."""
    from OpenSSL import crypto

    try:
        opened = crypto.load_privatekey(crypto.FILETYPE_PEM, block, passphrase.reveal())
        if opened.type() == crypto.TYPE_RSA and opened.bits() > _LARGEST_CHECKED:
            raise _unsupported(what)  # the next step would test primes
        return _key(opened.to_cryptography_key(), True, what)
    except crypto.Error as problem:
        strange = any(reason.startswith(("unsupported", "unknown")) for _, _, reason in problem.args[0])
        raise (_unsupported(what) if strange else _wrong(what)) from problem
    except UnsupportedAlgorithm as problem:
        raise _unsupported(what) from problem
    except _REFUSED as problem:
        raise _damaged(what) from problem


def found_key(key: object, encrypted: bool, what: str) -> Key:
    """A key that was opened elsewhere. Raises KonnectError `unsupported-key`, `damaged-key`."""
    try:
        return _key(key, encrypted, what)
    except _REFUSED as problem:
        raise _damaged(what) from problem


def _load(der: bytes, passphrase: bytes | None) -> object:
    # OpenSSL's own check tests primes: three seconds for RSA with 8,192 bits. `_consistent` stands in for it.
    return serialization.load_der_private_key(der, passphrase, unsafe_skip_rsa_key_validation=True)


def _key(key: object, encrypted: bool, what: str) -> Key:
    label = parse.key_label(key)
    if not label.startswith(_SIGN):
        raise _unsupported(what)
    if isinstance(key, rsa.RSAPrivateKey):
        if key.key_size > _LARGEST_RSA:
            raise _unsupported(what)
        if not _consistent(key.private_numbers()):
            raise _damaged(what)
    public = key.public_key().public_bytes(  # type: ignore[attr-defined]  # every private key that has a label
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    plain = key.private_bytes(  # type: ignore[attr-defined]
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Key(label, encrypted, public, Secret(plain))


def _consistent(numbers: rsa.RSAPrivateNumbers) -> bool:
    """Whether an RSA key's numbers fit each other (RFC 8017 §3.2), which no damaged key's do.

    That p and q are primes is not looked at.
    """
    p, q, d = numbers.p, numbers.q, numbers.d
    public = numbers.public_numbers
    return (
        p & q & public.e & 1 == 1
        and min(p, q, public.e) > 1
        and p * q == public.n
        and 0 < d < public.n
        and d * public.e % (p - 1) == 1
        and d * public.e % (q - 1) == 1
        and numbers.dmp1 == d % (p - 1)
        and numbers.dmq1 == d % (q - 1)
        and numbers.iqmp * q % p == 1
    )


def _algorithm(der: bytes) -> str:
    """The OID that a PKCS#8 key names. A traditional key names none: it is of a known kind."""
    outer = prefix(der)
    parts = prefix(outer[0].content) if outer else ()
    inner = prefix(parts[1].content) if len(parts) > 1 and parts[1].tag == SEQUENCE else ()
    return dotted(inner[0].content) if inner else next(iter(_KNOWN))


def _unsupported(what: str) -> KonnectError:
    return KonnectError("unsupported-key", f"The type or form of {what} is none that TLS can use here.")


def _damaged(what: str) -> KonnectError:
    return KonnectError("damaged-key", f"There is damage in {what}.")


def _wrong(what: str) -> KonnectError:
    return KonnectError("wrong-passphrase", f"The passphrase does not open {what}.")
