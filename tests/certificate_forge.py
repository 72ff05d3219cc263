"""Certificates as only others make them: any version, serial number, signature and set of extensions.

Built from DER by hand, since cryptography's builder rightly refuses most of this.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from certificate_maker import CLIENT, DAY, NOW, Made
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa, x25519
from cryptography.x509.oid import NameOID

from konnect_tui.pki import parse
from konnect_tui.pki.pem import pem
from konnect_tui.secret import Secret

Extensions = Mapping[str, tuple[x509.ExtensionType, bool] | None]
_HASHES = {
    "md5": hashes.MD5(),  # noqa: S303  # the very point
    "sha1": hashes.SHA1(),  # noqa: S303
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_NULL = b"\x05\x00"
_ALGORITHMS = {
    "rsa-md5": "1.2.840.113549.1.1.4",
    "rsa-sha1": "1.2.840.113549.1.1.5",
    "rsa-sha224": "1.2.840.113549.1.1.14",
    "rsa-sha256": "1.2.840.113549.1.1.11",
    "rsa-sha384": "1.2.840.113549.1.1.12",
    "rsa-sha512": "1.2.840.113549.1.1.13",
    "ec-sha1": "1.2.840.10045.4.1",
    "ec-sha224": "1.2.840.10045.4.3.1",
    "ec-sha256": "1.2.840.10045.4.3.2",
    "ec-sha384": "1.2.840.10045.4.3.3",
    "ec-sha512": "1.2.840.10045.4.3.4",
    "dsa-sha256": "2.16.840.1.101.3.4.3.2",
    "ed25519": "1.3.101.112",
    "ed448": "1.3.101.113",
    "pss": "1.2.840.113549.1.1.10",
}
_PSS_ONLY = bytes.fromhex("300b06092a864886f70d01010a")
_KEYS = {
    "rsa-1024": lambda: rsa.generate_private_key(65537, 1024),  # noqa: S505
    "rsa-2047": lambda: rsa.generate_private_key(65537, 2047),  # noqa: S505
    "rsa-2048": lambda: rsa.generate_private_key(65537, 2048),
    "rsa-3072": lambda: rsa.generate_private_key(65537, 3072),
    "rsa-e3": lambda: rsa.generate_private_key(3, 2048),
    "dsa-1024": lambda: dsa.generate_private_key(1024),  # noqa: S505
    "dsa-2048": lambda: dsa.generate_private_key(2048),
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "p224": lambda: ec.generate_private_key(ec.SECP224R1()),
    "p192": lambda: ec.generate_private_key(ec.SECP192R1()),
    "secp256k1": lambda: ec.generate_private_key(ec.SECP256K1()),
    "brainpool": lambda: ec.generate_private_key(ec.BrainpoolP256R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "x25519": x25519.X25519PrivateKey.generate,
    "ed448": ed448.Ed448PrivateKey.generate,
}


@cache
def key(kind: str, number: int = 0) -> Any:
    """A key of that kind; another for each number. Made once: some take long."""
    return _KEYS[kind]()


def distinguished(name: str | x509.Name) -> x509.Name:
    """A name of one common name, or as it is."""
    return name if isinstance(name, x509.Name) else x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def usage(*names: str) -> tuple[x509.KeyUsage, bool]:
    """A critical key usage: `sign`, `encipher`, `agree`, `certify`."""
    return (
        x509.KeyUsage(
            "sign" in names,
            False,
            "encipher" in names,
            False,
            "agree" in names,
            "certify" in names,
            "certify" in names,
            False,
            False,
        ),
        True,
    )


def purposes(*oids: x509.ObjectIdentifier, critical: bool = False) -> tuple[x509.ExtendedKeyUsage, bool]:
    """An extended key usage."""
    return x509.ExtendedKeyUsage(list(oids)), critical


def constraints(ca: bool, path_length: int | None = None) -> tuple[x509.BasicConstraints, bool]:
    """Critical basic constraints."""
    return x509.BasicConstraints(ca, path_length), True


def names(*general: x509.GeneralName) -> tuple[x509.SubjectAlternativeName, bool]:
    """A subject alternative name."""
    return x509.SubjectAlternativeName(list(general)), False


def unknown(oid: str = "1.3.6.1.4.1.99999.1", *, critical: bool = True) -> tuple[x509.UnrecognizedExtension, bool]:
    """An extension nobody knows."""
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), _NULL), critical


def key_identifier(key: Any) -> bytes:
    """The usual one: SHA-1 over the key, RFC 5280 §4.2.1.2."""
    return x509.SubjectKeyIdentifier.from_public_key(key.public_key()).digest


def issuer_identifier(
    digest: bytes | None = None, name: x509.Name | None = None, serial: int | None = None
) -> tuple[x509.AuthorityKeyIdentifier, bool]:
    """An authority key identifier by key, or by issuer and serial number."""
    issuer = [x509.DirectoryName(name)] if name is not None else None
    return x509.AuthorityKeyIdentifier(digest, issuer, serial), False


def forge(
    name: str | x509.Name,
    issuer: Made | None = None,
    *,
    ca: bool = False,
    by: Any = None,
    own: Any = "p256",
    version: int = 3,
    serial: int | None = None,
    begins: datetime = NOW - DAY,
    ends: datetime = NOW + 365 * DAY,
    digest: str = "sha256",
    issuer_name: x509.Name | None = None,
    identifiers: bool = True,
    put: Extensions | None = None,
    twice: Sequence[str] = (),
    tamper: str = "",
    pss_only: bool = False,
) -> Made:
    """One certificate. A CA has BC, KU, SKI, AKI; a leaf EKU as well. `put` replaces or (None) drops them by name.

    `own` is its key, or the kind of a new one; `by` the signing key where it is not the issuer's. `twice` extensions
    stand there two times. `pss_only` marks an RSA key so. `tamper`: `signature` flips a bit of it, `content` changes
    what was signed.
    """
    private = _fresh(own) if isinstance(own, str) else own
    subject = distinguished(name)
    signer = by or (issuer.key if issuer else private)
    above = issuer_name or (issuer.certificate.subject if issuer else subject)
    found: dict[str, tuple[x509.ExtensionType, bool] | None] = {}
    if version == 3:
        found["bc"] = constraints(ca)
        found["ku"] = usage("certify") if ca else usage("sign")
        found["eku"] = None if ca else purposes(*CLIENT)
        if identifiers:
            found["ski"] = x509.SubjectKeyIdentifier(key_identifier(private)), False
            found["aki"] = issuer_identifier(_key_id(issuer) if issuer else key_identifier(private))
    found.update(put or {})
    listed = [(kind, each) for kind, each in found.items() if each is not None for _ in range(1 + (kind in twice))]
    algorithm = _algorithm(signer, digest)
    content = [
        _element(0xA0, _integer(version - 1)) if version > 1 else b"",
        _integer(x509.random_serial_number() if serial is None else serial),
        algorithm,
        above.public_bytes(),
        _element(0x30, _time(begins), _time(ends)),
        subject.public_bytes(),
        _public(private, pss_only=pss_only),
        _element(0xA3, _element(0x30, *(_extension(*each) for _, each in listed))) if listed else b"",
    ]
    signed = _element(0x30, *content)
    signature = bytearray(_sign(signer, digest, signed))
    if tamper == "signature":
        signature[-1] ^= 1
    if tamper == "content":
        content[1] = _integer(x509.random_serial_number())
        signed = _element(0x30, *content)
    der = _element(0x30, signed, algorithm, _element(0x03, b"\x00" + bytes(signature)))
    return Forged(der, private, pss_only=pss_only)


class Forged(Made):
    """A forged certificate. The key of a `pss_only` one is written as OpenSSL writes such keys."""

    def __init__(self, der: bytes, key: Any, *, pss_only: bool) -> None:
        super().__init__(parse.certificate(der), key)
        self._pss_only = pss_only

    @property
    def secret(self) -> Secret:
        if not self._pss_only:
            return super().secret
        traditional = self.key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        return Secret(pem("PRIVATE KEY", _element(0x30, _integer(0), _PSS_ONLY, _element(0x04, traditional))))


def _public(private: Any, *, pss_only: bool) -> bytes:
    public = private.public_key()
    if not pss_only:
        return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    numbers = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    return _element(0x30, _PSS_ONLY, _element(0x03, b"\x00", numbers))


_made: dict[str, int] = {}


def _fresh(kind: str) -> Any:
    if kind == "p256":
        return ec.generate_private_key(ec.SECP256R1())
    _made[kind] = _made.get(kind, 0) + 1
    return key(kind, _made[kind] % 4 + 1)


def _key_id(issuer: Made) -> bytes:
    return parse.key_id(issuer.certificate) or key_identifier(issuer.key)


def _extension(value: x509.ExtensionType, critical: bool) -> bytes:
    mark = b"\x01\x01\xff" if critical else b""
    return _element(0x30, _oid(value.oid.dotted_string), mark, _element(0x04, value.public_bytes()))


def _kind(signer: Any, digest: str) -> str:
    if digest.startswith("pss"):
        return "pss"
    if isinstance(signer, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(signer, ed448.Ed448PrivateKey):
        return "ed448"
    prefix = {rsa.RSAPrivateKey: "rsa", dsa.DSAPrivateKey: "dsa", ec.EllipticCurvePrivateKey: "ec"}
    return next(name for kind, name in prefix.items() if isinstance(signer, kind)) + f"-{digest}"


def _algorithm(signer: Any, digest: str) -> bytes:
    kind = _kind(signer, digest)
    if kind == "pss":
        sha256 = _element(0x30, _oid("2.16.840.1.101.3.4.2.1"), _NULL)
        mask = _element(0x30, _oid("1.2.840.113549.1.1.8"), sha256)
        parameters = _element(0x30, _element(0xA0, sha256), _element(0xA1, mask), _element(0xA2, _integer(32)))
        return _element(0x30, _oid(_ALGORITHMS[kind]), parameters)
    return _element(0x30, _oid(_ALGORITHMS[kind]), _NULL if kind.startswith("rsa") else b"")


def _sign(signer: Any, digest: str, data: bytes) -> bytes:
    if digest.startswith("pss"):
        return bytes(signer.sign(data, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256()))
    if isinstance(signer, rsa.RSAPrivateKey):
        return signer.sign(data, padding.PKCS1v15(), _HASHES[digest])
    if isinstance(signer, ec.EllipticCurvePrivateKey):
        return signer.sign(data, ec.ECDSA(_HASHES[digest]))
    if isinstance(signer, dsa.DSAPrivateKey):
        return signer.sign(data, _HASHES[digest])
    return bytes(signer.sign(data))


def _element(tag: int, *content: bytes) -> bytes:
    body = b"".join(content)
    if len(body) < 0x80:
        return bytes((tag, len(body))) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + body


def _integer(value: int) -> bytes:
    return _element(0x02, value.to_bytes((value + (value < 0)).bit_length() // 8 + 1, "big", signed=True))


def _time(moment: datetime) -> bytes:
    if moment.year < 2050:
        return _element(0x17, moment.strftime("%y%m%d%H%M%SZ").encode())
    return _element(0x18, moment.strftime("%Y%m%d%H%M%SZ").encode())


def _oid(dotted: str) -> bytes:
    first, second, *rest = (int(part) for part in dotted.split("."))
    encoded = b""
    for arc in (first * 40 + second, *rest):
        chunk = [arc & 0x7F]
        while arc := arc >> 7:
            chunk.insert(0, 0x80 | arc & 0x7F)
        encoded += bytes(chunk)
    return _element(0x06, encoded)
