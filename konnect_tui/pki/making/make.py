"""Make keys and certificates: explicit dates, nothing left to a library's default.

A leaf is CA:FALSE with digitalSignature, serverAuth and clientAuth; a CA is CA:TRUE with a path length,
keyCertSign and cRLSign. Konnect documents clientAuth for data plane nodes; Kong's koko verifies with Go's
defaults, which ask for serverAuth as soon as there is an extended key usage, hence both.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from ipaddress import ip_address
from secrets import randbits
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from konnect_tui.errors import KonnectError
from konnect_tui.pki.names import visible

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey
SigningKey = PrivateKey | ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey
"""What a CA may sign with. Those made here are of the first two kinds, an operator's own may be of any."""
VerifyingKey = PublicKey | ed25519.Ed25519PublicKey | ed448.Ed448PublicKey

KEY_TYPES = ("ec-p256", "ec-p384", "rsa-2048", "rsa-3072", "rsa-4096")
_SERIAL_BITS = 128
_ATTRIBUTES = {
    "C": NameOID.COUNTRY_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
}
_LEAF_CONSTRAINTS = x509.BasicConstraints(ca=False, path_length=None)
_LEAF_PURPOSES = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])


def _key_usage(*, signs_data: bool, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs_data,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


_LEAF_USAGE = _key_usage(signs_data=True, signs_certificates=False)
_CA_USAGE = _key_usage(signs_data=False, signs_certificates=True)


class Dates(NamedTuple):
    """When a certificate begins and ends; aware, whole seconds."""

    not_before: datetime
    not_after: datetime

    def within(self, issuer_end: datetime) -> "Dates":
        """The same dates, ending no later than the issuer does."""
        return Dates(self.not_before, min(self.not_after, issuer_end))


class Issuer(NamedTuple):
    """Who signs. `key` is None where nothing has to be signed any more.

    `key_id` is the subject key identifier of a CA that was made elsewhere: it need not be the hash of the key.
    """

    name: x509.Name
    public_key: VerifyingKey
    not_after: datetime
    key: SigningKey | None
    key_id: bytes | None = None

    @property
    def identifier(self) -> x509.AuthorityKeyIdentifier:
        """How certificates name it. OpenSSL refuses one that names another key identifier than the CA has."""
        if self.key_id is not None:
            return x509.AuthorityKeyIdentifier(self.key_id, None, None)
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(self.public_key)


def new_key(kind: str) -> PrivateKey:
    """A private key of one of `KEY_TYPES`. RSA takes tens of milliseconds to seconds and lets other threads run."""
    if kind == "ec-p256":
        return ec.generate_private_key(ec.SECP256R1())
    if kind == "ec-p384":
        return ec.generate_private_key(ec.SECP384R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=int(kind.removeprefix("rsa-")))


def key_pem(key: PrivateKey) -> bytes:
    """The key as PKCS#8 PEM, not encrypted: Kong cannot read an encrypted one without a terminal."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def name(common_name: str, attributes: Iterable[tuple[str, str]] = ()) -> x509.Name:
    """A distinguished name: C, O, OU in that order, then the common name."""
    given = dict(attributes)
    parts = [x509.NameAttribute(oid, visible(given[key])) for key, oid in _ATTRIBUTES.items() if key in given]
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def ca_certificate(subject: x509.Name, key: PublicKey, dates: Dates, path_length: int, issuer: Issuer) -> bytes:
    """A CA certificate, DER. A root is its own issuer. Ends no later than `issuer` does."""
    builder = (
        _common(dates.within(issuer.not_after), issuer)
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(_CA_USAGE, critical=True)
    )
    return _sign(builder, subject, key, issuer.key)


def leaf_extensions(sans: Iterable[str]) -> Iterator[tuple[x509.ExtensionType, bool]]:
    """What a leaf says of itself, and whether that is critical."""
    yield _LEAF_CONSTRAINTS, True
    yield _LEAF_USAGE, True
    yield _LEAF_PURPOSES, False
    if names := [general_name(san) for san in sans]:
        yield x509.SubjectAlternativeName(names), False


class LeafForm:
    """What all leaves of one issuer have in common, prepared once: a bundle may have a thousand of them."""

    def __init__(self, dates: Dates, sans: Iterable[str] = ()) -> None:
        self._dates = dates
        self._extensions = tuple(leaf_extensions(sans))
        self._prepared: tuple[Issuer, x509.CertificateBuilder] | None = None

    def self_signed(self, subject: x509.Name, key: PrivateKey) -> bytes:
        """A leaf that is its own issuer, for pinning. DER."""
        itself = Issuer(subject, key.public_key(), self._dates.not_after, key)
        return _sign(self._builder(itself), subject, itself.public_key, key)

    def issued(self, subject: x509.Name, key: PublicKey, issuer: Issuer) -> bytes:
        """A leaf issued by a CA, ending no later than it does. DER."""
        if self._prepared is None or self._prepared[0] is not issuer:
            self._prepared = (issuer, self._builder(issuer))
        return _sign(self._prepared[1], subject, key, issuer.key)

    def _builder(self, issuer: Issuer) -> x509.CertificateBuilder:
        builder = _common(self._dates.within(issuer.not_after), issuer)
        for value, critical in self._extensions:
            builder = builder.add_extension(value, critical=critical)
        return builder


def _common(dates: Dates, issuer: Issuer) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer.name)
        .not_valid_before(dates.not_before.astimezone(UTC))
        .not_valid_after(dates.not_after.astimezone(UTC))
        .add_extension(issuer.identifier, critical=False)
    )


def _sign(
    builder: x509.CertificateBuilder, subject: x509.Name, key: VerifyingKey, signing_key: SigningKey | None
) -> bytes:
    if signing_key is None:
        raise ValueError("an issuer without its key cannot sign")
    certificate = (
        builder.subject_name(subject)
        .public_key(key)
        .serial_number(randbits(_SERIAL_BITS) or 1)  # RFC 5280 §4.1.2.2: positive, at most 20 octets
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .sign(signing_key, hash_for(signing_key))
    )
    return certificate.public_bytes(serialization.Encoding.DER)


def hash_for(key: SigningKey) -> hashes.SHA256 | hashes.SHA384 | None:
    """As strong as the key (NIST SP 800-57 part 1, table 3): SHA-384 from P-384 on, else SHA-256.

    None for Edwards curves, which have a hash of their own (RFC 8410).
    """
    if isinstance(key, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey):
        return None
    return hashes.SHA384() if isinstance(key, ec.EllipticCurvePrivateKey) and key.key_size > 256 else hashes.SHA256()


def general_name(text: str) -> x509.GeneralName:
    """A subject alternative name: `DNS:…`, `IP:…`, `URI:…`, `email:…`, or a bare host name or address.

    Raises KonnectError `invalid-value`.
    """
    kind, separator, rest = text.partition(":")
    try:
        match kind.lower() if separator else "":
            case "dns":
                return x509.DNSName(_ascii_host(rest))
            case "ip":
                return x509.IPAddress(ip_address(rest))
            case "uri":
                return x509.UniformResourceIdentifier(rest)
            case "email":
                return x509.RFC822Name(rest)
        return _bare(text)
    except ValueError as problem:
        raise KonnectError(
            "invalid-value",
            f"The subject alternative name {text!r} is not one.",
            hint="Write DNS:host, IP:address, URI:uri or email:address.",
        ) from problem


def _bare(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(_ascii_host(text))


def _ascii_host(host: str) -> str:
    wildcard = "*." if host.startswith("*.") else ""
    ascii_form = host.removeprefix("*.").encode("idna").decode()
    if not ascii_form or not all(part.replace("-", "").replace("_", "").isalnum() for part in ascii_form.split(".")):
        raise ValueError("not a host name")
    return wildcard + ascii_form
