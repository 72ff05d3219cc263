"""Whether what a bundle already holds is what the plan wants: read from the certificates, never assumed."""

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from konnect_tui.errors import KonnectError
from konnect_tui.pki.make import PrivateKey, PublicKey, general_name
from konnect_tui.pki.material import Secret
from konnect_tui.pki.wishes import Signatory, Wanted


def held_certificate(der: bytes, what: str) -> x509.Certificate:
    """The certificate of `what`. Raises KonnectError `not-a-certificate`."""
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError as problem:
        raise KonnectError("not-a-certificate", f"{what} is damaged.") from problem


def kind_of(key: object) -> str | None:
    """The key type as `[certificate] key` writes it; None for one that is never made here."""
    if isinstance(key, ec.EllipticCurvePublicKey | ec.EllipticCurvePrivateKey):
        return {"secp256r1": "ec-p256", "secp384r1": "ec-p384"}.get(key.curve.name)
    if isinstance(key, rsa.RSAPublicKey | rsa.RSAPrivateKey):
        return f"rsa-{key.key_size}"
    return None


def public_key(certificate: x509.Certificate) -> PublicKey | None:
    """The key that is certified, if it is of a type made here."""
    key = certificate.public_key()
    return key if isinstance(key, PublicKey) else None


def says(certificate: x509.Certificate, wanted: Wanted, issuer: Signatory | None) -> bool:
    """Whether the certificate says exactly this and is signed by `issuer` (None: by its own key)."""
    own = public_key(certificate)
    if own is None or kind_of(own) != wanted.kind or certificate.subject != wanted.subject:
        return False
    if certificate.not_valid_after_utc != wanted.not_after:
        return False
    if _constraints(certificate) != x509.BasicConstraints(wanted.path_length is not None, wanted.path_length):
        return False
    if _alternatives(certificate) != [general_name(san) for san in wanted.sans]:
        return False
    return _signed_by(certificate, issuer or Signatory(wanted.subject, own))


def _constraints(certificate: x509.Certificate) -> x509.BasicConstraints | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (x509.ExtensionNotFound, ValueError):
        return None


def _alternatives(certificate: x509.Certificate) -> list[x509.GeneralName]:
    try:
        return list(certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    except (x509.ExtensionNotFound, ValueError):
        return []


def _signed_by(certificate: x509.Certificate, issuer: Signatory) -> bool:
    if certificate.issuer != issuer.name or certificate.signature_hash_algorithm is None:
        return False
    signature, signed = certificate.signature, certificate.tbs_certificate_bytes
    try:
        if isinstance(issuer.key, ec.EllipticCurvePublicKey):
            issuer.key.verify(signature, signed, ec.ECDSA(certificate.signature_hash_algorithm))
        else:
            issuer.key.verify(signature, signed, padding.PKCS1v15(), certificate.signature_hash_algorithm)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def matches(key: PrivateKey, certificate: x509.Certificate) -> bool:
    """Whether the certificate certifies this key."""
    return key.public_key() == certificate.public_key()


def require_key(stored: Secret | None, certificate: x509.Certificate, what: str) -> None:
    """That an unencrypted key is there and belongs to its certificate; else KonnectError `key-missing`."""
    if stored is None:
        raise KonnectError("key-missing", f"The private key for {what} is gone.")
    try:
        key = serialization.load_pem_private_key(stored.reveal(), None)
    except (ValueError, TypeError) as problem:
        raise KonnectError("key-missing", f"The private key for {what} is damaged.") from problem
    if not isinstance(key, PrivateKey) or not matches(key, certificate):
        raise KonnectError("key-missing", f"The private key beside {what} does not belong to it.")
