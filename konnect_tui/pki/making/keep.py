"""Whether what a bundle already holds is what the plan wants: read from the certificates, never assumed."""

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from konnect_tui.errors import KonnectError
from konnect_tui.pki import parse
from konnect_tui.pki.making.make import PrivateKey, PublicKey, general_name
from konnect_tui.pki.making.wishes import Signatory, Wanted
from konnect_tui.secret import Secret


def public_key(certificate: x509.Certificate) -> PublicKey | None:
    """The key that is certified, if it is of a type made here."""
    key = certificate.public_key()
    return key if isinstance(key, PublicKey) else None


def says(certificate: x509.Certificate, wanted: Wanted, issuer: Signatory | None) -> bool:
    """Whether the certificate says exactly this and is signed by `issuer` (None: by its own key)."""
    own = public_key(certificate)
    if own is None or parse.key_label(own) != wanted.kind or certificate.subject != wanted.subject:
        return False
    if certificate.not_valid_after_utc != wanted.not_after:
        return False
    if parse.extension(certificate, x509.BasicConstraints) != x509.BasicConstraints(
        wanted.path_length is not None, wanted.path_length
    ):
        return False
    names = parse.extension(certificate, x509.SubjectAlternativeName)
    if list(names or ()) != [general_name(san) for san in wanted.sans]:
        return False
    return _signed_by(certificate, issuer or Signatory(wanted.subject, own))


def _signed_by(certificate: x509.Certificate, issuer: Signatory) -> bool:
    return certificate.issuer == issuer.name and parse.signed_with(certificate, issuer.key)


def matches(key: PrivateKey, certificate: x509.Certificate) -> bool:
    """Whether the certificate certifies this key."""
    return key.public_key() == certificate.public_key()


def require_key(stored: Secret | None, certificate: x509.Certificate, what: str) -> None:
    """That an unencrypted key is there and belongs to its certificate; else KonnectError `key-missing`."""
    key = _load(stored, what)
    if not isinstance(key, PrivateKey) or not matches(key, certificate):
        raise KonnectError("key-missing", f"The private key beside {what} does not belong to it.")


def kind_of(stored: Secret | None, what: str) -> str:
    """The type of an unencrypted key that has no certificate; KonnectError `key-missing` where it is gone."""
    return parse.key_label(_load(stored, what))


def _load(stored: Secret | None, what: str) -> object:
    if stored is None:
        raise KonnectError("key-missing", f"The private key for {what} is gone.")
    try:
        # OpenSSL's test of an RSA key takes a tenth of a second. Whose the key is, its public half says; whether the
        # file is the one that was written, the manifest.
        return serialization.load_pem_private_key(stored.reveal(), None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm) as problem:
        raise KonnectError("key-missing", f"The private key for {what} is damaged.") from problem
