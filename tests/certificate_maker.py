"""Certificates as others make them, well and badly: what tests of reading and judging are fed."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from konnect_tui.secret import Secret

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
Purposes = Sequence[x509.ObjectIdentifier] | None
CLIENT = (ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH)
SERVER = (ExtendedKeyUsageOID.SERVER_AUTH,)


class Made:
    """A certificate and its key; `issue` makes one below it."""

    def __init__(self, certificate: x509.Certificate, key: Any) -> None:
        self.certificate = certificate
        self.key = key

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def secret(self) -> Secret:
        return Secret(
            self.key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )

    def issue(self, name: str, **form: Any) -> "Made":
        return make(name, issuer=self, **form)


def make(
    name: str,
    *,
    issuer: Made | None = None,
    ca: bool = False,
    path_length: int | None = None,
    key: Any = None,
    purposes: Purposes = CLIENT,
    certifies: bool | None = None,
    begins: datetime = NOW - DAY,
    ends: datetime = NOW + 365 * DAY,
    digest: hashes.HashAlgorithm | None = None,
    identifiers: bool = True,
    issuer_key_id: Any = None,
    critical: bool = False,
    sans: Sequence[str] = (),
    permitted: Sequence[str] = (),
) -> Made:
    """One certificate. `certifies` overrides keyCertSign, `critical` adds an extension nobody knows.

    `issuer_key_id` is a key to name as the issuer's instead of the one that signs.
    """
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer = issuer.key if issuer else key
    certifies = ca if certifies is None else certifies
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=path_length if ca else None), critical=True)
        .add_extension(_usage(not ca, certifies), critical=True)
    )
    if purposes and not ca:
        builder = builder.add_extension(x509.ExtendedKeyUsage(list(purposes)), critical=False)
    if identifiers:
        above = issuer_key_id or signer
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key()), critical=False
        )
    if critical:
        unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00")
        builder = builder.add_extension(unknown, critical=True)
    if sans:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(san) for san in sans]), critical=False
        )
    if permitted:
        names = [x509.DNSName(each) for each in permitted]
        builder = builder.add_extension(x509.NameConstraints(names, None), critical=True)
    return Made(builder.sign(signer, digest or hashes.SHA256()), key)


def small_rsa(bits: int = 1024) -> rsa.RSAPrivateKey:
    """A key that is too short."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def _usage(signs: bool, certifies: bool) -> x509.KeyUsage:
    return x509.KeyUsage(signs, False, False, False, False, certifies, certifies, False, False)
