"""Look into certificates that others made, without ever being surprised.

cryptography reads many fields only when they are touched, and raises then. Everything here answers with a
plain value instead: what cannot be read is absent.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from hashlib import sha256
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InternalError, InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, mldsa, padding, rsa, x448, x25519
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.x509.oid import NameOID

from konnect_tui.errors import KonnectError
from konnect_tui.words import printable

UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    InternalError,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What cryptography raises when a field of a certificate is touched that it cannot read."""

_CURVES = {"secp256r1": "ec-p256", "secp384r1": "ec-p384", "secp521r1": "ec-p521", "secp224r1": "ec-p224"}
Canonical = tuple[frozenset[tuple[str, bytes]], ...]
"""A distinguished name in a form that is equal for names OpenSSL takes for one."""

_MODULE_LATTICE = mldsa.MLDSA44PublicKey | mldsa.MLDSA65PublicKey | mldsa.MLDSA87PublicKey
_RARE = (
    (mldsa.MLDSA44PublicKey, mldsa.MLDSA44PrivateKey, "ml-dsa-44"),
    (mldsa.MLDSA65PublicKey, mldsa.MLDSA65PrivateKey, "ml-dsa-65"),
    (mldsa.MLDSA87PublicKey, mldsa.MLDSA87PrivateKey, "ml-dsa-87"),
    (x25519.X25519PublicKey, x25519.X25519PrivateKey, "x25519"),
    (x448.X448PublicKey, x448.X448PrivateKey, "x448"),
)
_LONGEST_EXPONENT = 256
_Extension = TypeVar("_Extension", bound=x509.ExtensionType)


def certificate(der: bytes, what: str = "certificate") -> x509.Certificate:
    """The certificate in this DER; `what` names it. Raises KonnectError `not-a-certificate`."""
    with _quiet():
        try:
            return x509.load_der_x509_certificate(der)
        except UNREADABLE as problem:
            raise KonnectError("not-a-certificate", f"The {what} cannot be read as X.509.") from problem


@contextmanager
def _quiet() -> Iterator[None]:
    """RFC 5280 forbids more than TLS refuses, such as the serial 0 of `kong hybrid gen_cert`: no reason to murmur.

    cryptography warns of it on stderr, by subclasses of UserWarning and by that itself.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


def serial(certificate: x509.Certificate) -> int:
    """The serial number, positive or not."""
    with _quiet():
        return certificate.serial_number


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 over the DER, 64 lower-case hex digits."""
    return sha256(encoded(certificate)).hexdigest()


def encoded(certificate: x509.Certificate) -> bytes:
    """The DER the certificate was read from."""
    return certificate.public_bytes(serialization.Encoding.DER)


def extension(certificate: x509.Certificate, kind: type[_Extension]) -> _Extension | None:
    """That extension's value; None where there is none or it cannot be read."""
    try:
        with _quiet():
            return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
    except UNREADABLE:
        return _by_itself(certificate, kind)


def _by_itself(certificate: x509.Certificate, kind: type[_Extension]) -> _Extension | None:
    """The extension, though one of the others is damaged."""
    from konnect_tui.pki.one_extension import reduced

    try:
        with _quiet():
            alone = reduced(encoded(certificate), kind.oid)
            return alone.extensions.get_extension_for_class(kind).value if alone is not None else None
    except (x509.ExtensionNotFound, *UNREADABLE):
        return None


def extensions_readable(certificate: x509.Certificate) -> bool:
    """Whether each extension can be read and stands there once."""
    try:
        return all(each.oid for each in certificate.extensions)
    except UNREADABLE:
        return False


def public_key(certificate: x509.Certificate) -> object | None:
    """The certified key; None for a type or form that cannot be read."""
    try:
        return certificate.public_key()
    except UNREADABLE:
        return None


def public_bytes(certificate: x509.Certificate) -> bytes | None:
    """The certified key as SubjectPublicKeyInfo, DER; None where it cannot be read."""
    try:
        return certificate.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    except UNREADABLE:
        return None


def public_half(key: object) -> bytes | None:
    """The public half of a private key, in the form of `public_bytes`."""
    public: PublicKeyTypes | None = getattr(key, "public_key", lambda: None)()
    if public is None:
        return None
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def key_label(key: object | None) -> str:
    """A key's type as `[certificate] key` writes it, else `ed25519`, `rsa-1024`, `ec-secp256k1`, `unknown`, …"""
    if isinstance(key, ec.EllipticCurvePublicKey | ec.EllipticCurvePrivateKey):
        return _CURVES.get(key.curve.name, f"ec-{key.curve.name.lower()}")
    if isinstance(key, rsa.RSAPublicKey | rsa.RSAPrivateKey):
        return f"rsa-{key.key_size}"
    if isinstance(key, dsa.DSAPublicKey | dsa.DSAPrivateKey):
        return f"dsa-{key.key_size}"
    if isinstance(key, ed25519.Ed25519PublicKey | ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(key, ed448.Ed448PublicKey | ed448.Ed448PrivateKey):
        return "ed448"
    for public, private, label in _RARE:
        if isinstance(key, public | private):
            return label
    return "unknown"


def distinguished_name(certificate: x509.Certificate, part: str) -> str:
    """`subject` or `issuer` in RFC 4514 form, as it is: not yet safe to print."""
    try:
        return _name(certificate, part).rfc4514_string()
    except UNREADABLE:
        return ""


def called(certificate: x509.Certificate, part: str = "subject") -> str:
    """How messages name a certificate or, by `part`, its issuer: the common name, else all of it. Printable."""
    try:
        common = _name(certificate, part).get_attributes_for_oid(NameOID.COMMON_NAME)
    except UNREADABLE:
        common = []
    text = str(common[-1].value) if common else distinguished_name(certificate, part)
    return f"“{printable(text)}”" if text else "the certificate without a name"


def called_in_full(certificate: x509.Certificate, part: str = "subject") -> str:
    """As `called`, with every part of the name: where the common name does not tell two apart."""
    return f"“{printable(distinguished_name(certificate, part))}”"


def organisation(certificate: x509.Certificate, part: str) -> str:
    """The organisation in the subject or, by `part`, the issuer; empty where there is none. Not yet safe to print."""
    try:
        found = _name(certificate, part).get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    except UNREADABLE:
        return ""
    return str(found[0].value) if found else ""


@lru_cache(maxsize=2)  # subject and issuer of one: each is asked for several times, and may have 60,000 parts
def _name(certificate: x509.Certificate, part: str) -> x509.Name:
    with _quiet():
        name: x509.Name = getattr(certificate, part)
        return name


def canonical_name(certificate: x509.Certificate, part: str) -> Canonical | None:
    """`subject` or `issuer` as OpenSSL compares names; None where it cannot be read.

    Equal for names that differ in the case of ASCII letters, in spaces or in string type only (RFC 5280 §7.1).
    """
    try:
        return _canonical(_name(certificate, part))
    except UNREADABLE:
        return None


def _canonical(name: x509.Name) -> Canonical:
    return tuple(frozenset((each.oid.dotted_string, _folded(each.value)) for each in group) for group in name.rdns)


def _folded(value: str | bytes) -> bytes:
    return b" ".join(value.encode("utf-8", "surrogatepass").lower().split()) if isinstance(value, str) else value


def names_issuer(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether the issuer's name is the one the certificate gives."""
    wanted = canonical_name(certificate, "issuer")
    return wanted is not None and wanted == canonical_name(issuer, "subject")


def signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether the issuer's key made the certificate's signature, whatever the names say."""
    return signed_with(certificate, public_key(issuer))


def signed_with(certificate: x509.Certificate, key: object) -> bool:
    """Whether this public key's other half made the certificate's signature."""
    signature, signed = certificate.signature, certificate.tbs_certificate_bytes
    try:
        algorithm = certificate.signature_hash_algorithm
        parameters = certificate.signature_algorithm_parameters
        if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(parameters, ec.ECDSA):
            key.verify(signature, signed, parameters)
        elif isinstance(key, rsa.RSAPublicKey) and algorithm is not None and not isinstance(parameters, ec.ECDSA):
            if not _quick(key):
                return False
            key.verify(signature, signed, parameters or padding.PKCS1v15(), algorithm)  # None comes with MD5
        elif isinstance(key, dsa.DSAPublicKey) and algorithm is not None:
            key.verify(signature, signed, algorithm)
        elif isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey | _MODULE_LATTICE):
            key.verify(signature, signed)
        else:
            return False
    except (InvalidSignature, *UNREADABLE):
        return False
    return True


def _quick(key: rsa.RSAPublicKey) -> bool:
    """Whether using it takes no longer than with any honest exponent, which has 17 bits."""
    return key.public_numbers().e.bit_length() <= _LONGEST_EXPONENT


def signed_otherwise(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether the issuer's key certainly made this signature, but over other content. Only RSA can tell."""
    key = public_key(issuer)
    if not isinstance(key, rsa.RSAPublicKey) or signed_by(certificate, issuer):
        return False
    try:
        key.recover_data_from_signature(certificate.signature, padding.PKCS1v15(), None)
    except (InvalidSignature, *UNREADABLE):
        return False
    return True


def weakly_signed(certificate: x509.Certificate) -> bool:
    """Whether the hash that was signed is one OpenSSL refuses at security level 2: MD5 or SHA-1."""
    try:
        algorithm = certificate.signature_hash_algorithm
    except UNREADABLE:
        return False
    return algorithm is not None and algorithm.name in ("md5", "sha1")


def self_signed(certificate: x509.Certificate) -> bool:
    """Whether the certificate is its own issuer, by name and by signature."""
    return names_issuer(certificate, certificate) and signed_by(certificate, certificate)


def self_issued(certificate: x509.Certificate) -> bool:
    """What OpenSSL takes for self-signed without looking at the signature: by name and key identifier."""
    return names_issuer(certificate, certificate) and not names_another_key(certificate, certificate)


def is_ca(certificate: x509.Certificate) -> bool:
    """Whether it says CA:TRUE."""
    constraints = extension(certificate, x509.BasicConstraints)
    return constraints is not None and constraints.ca


def key_id(certificate: x509.Certificate) -> bytes | None:
    """The subject key identifier."""
    found = extension(certificate, x509.SubjectKeyIdentifier)
    return found.digest if found is not None else None


def issuer_key_id(certificate: x509.Certificate) -> bytes | None:
    """The key identifier of the issuer, as the certificate gives it."""
    found = extension(certificate, x509.AuthorityKeyIdentifier)
    return found.key_identifier if found is not None else None


def names_another_key(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether the authority key identifier excludes this issuer: by key, serial number or the name of its issuer."""
    found = extension(certificate, x509.AuthorityKeyIdentifier)
    if found is None:
        return False
    own = key_id(issuer)
    if found.key_identifier is not None and own is not None and found.key_identifier != own:
        return True
    if found.authority_cert_serial_number not in (None, serial(issuer)):
        return True
    named = (each.value for each in found.authority_cert_issuer or () if isinstance(each, x509.DirectoryName))
    above = next(named, None)
    return above is not None and _canonical(above) != canonical_name(issuer, "issuer")
