"""Read the certificates and keys in a file, and name what is in it instead where there are none.

PEM, tolerant of what people's files have: a byte order mark, CRLF, indentation, text around and between blocks.
"""

import os
import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Iterator
from typing import NamedTuple

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from msgspec import Struct

from konnect_tui.errors import KonnectError
from konnect_tui.pki import parse
from konnect_tui.pki.material import Secret
from konnect_tui.pki.opening import read_bytes
from konnect_tui.pki.pem import pem
from konnect_tui.pki.pss import pss_only
from konnect_tui.words import printable


class Key(Struct, frozen=True):
    """A private key as found. `type` and `public` (DER) are None while it is locked by a passphrase.

    `secret` is the key as unencrypted PKCS#8 PEM, as a node needs it; None while it is locked.
    """

    type: str | None
    encrypted: bool
    public: bytes | None = None
    secret: Secret | None = None


class Reading(Struct, frozen=True):
    """What one file holds, in its order. Certificates are DER."""

    certificates: tuple[bytes, ...] = ()
    keys: tuple[Key, ...] = ()


_BEGIN = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,48})-----")
_CERTIFICATES = frozenset({"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"})
_KEYS = frozenset({"PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY"})
_OTHERS = {
    "CERTIFICATE REQUEST": ("is-csr", "a certificate request (CSR)"),
    "NEW CERTIFICATE REQUEST": ("is-csr", "a certificate request (CSR)"),
    "X509 CRL": ("is-crl", "a revocation list"),
    "PUBLIC KEY": ("is-public-key", "a bare public key"),
    "RSA PUBLIC KEY": ("is-public-key", "a bare public key"),
    "OPENSSH PRIVATE KEY": ("is-ssh", "an SSH key"),
    "EC PARAMETERS": ("is-parameters", "key parameters"),
    "DSA PARAMETERS": ("is-parameters", "key parameters"),
    "DH PARAMETERS": ("is-parameters", "key parameters"),
}
_SSH = (b"ssh-", b"ecdsa-sha2-", b"sk-ssh-", b"sk-ecdsa-", b"---- BEGIN SSH2")
_UTF8_MARK = b"\xef\xbb\xbf"


class _Block(NamedTuple):
    label: str
    headers: bytes
    data: bytes
    what: str


def read_file(path: str | os.PathLike[str], passphrase: Secret | None = None) -> Reading:
    """Every certificate and key in the file. An encrypted key without a passphrase is there, but locked.

    Raises KonnectError: what the file is instead, or why it cannot be read.
    """
    return read(read_bytes(path), printable(os.fspath(path)), passphrase)


def read(data: bytes, name: str, passphrase: Secret | None = None) -> Reading:
    """As `read_file`, of bytes that came from elsewhere; `name` is how messages call them."""
    data = data.removeprefix(_UTF8_MARK)
    if not data.strip():
        raise KonnectError("empty", f"{name} is empty.")
    blocks = list(_blocks(data, name))
    certificates = tuple(_certificate(block) for block in blocks if block.label in _CERTIFICATES)
    keys = tuple(_key(block, passphrase) for block in blocks if block.label in _KEYS)
    if certificates or keys:
        return Reading(certificates, keys)
    raise _something_else(data, name, blocks)


def certificates_of(data: bytes) -> tuple[bytes, ...]:
    """The certificates in PEM that this product wrote, as DER; none where it can no longer be read."""
    try:
        return read(data, "it").certificates
    except KonnectError:
        return ()


def certificates_in(path: str | os.PathLike[str]) -> tuple[bytes, ...]:
    """The certificates in a file that has to have some. Raises as `read_file` does, and `is-private-key`."""
    found = read_file(path).certificates
    if not found:
        raise KonnectError("is-private-key", f"{printable(os.fspath(path))} holds a private key and no certificate.")
    return found


def key_of(path: str | os.PathLike[str], passphrase: Secret | None = None) -> Secret:
    """The private key in a file that has to have one, unencrypted.

    Raises as `read_file` does, `is-certificate` and `passphrase-needed`.
    """
    reading = read_file(path, passphrase)
    shown = printable(os.fspath(path))
    if not reading.keys:
        raise KonnectError("is-certificate", f"{shown} holds certificates and no private key.")
    secret = reading.keys[0].secret
    if secret is None:
        raise KonnectError("passphrase-needed", f"The key in {shown} is encrypted and no passphrase was given.")
    return secret


def _blocks(data: bytes, name: str) -> Iterator[_Block]:
    begins = list(_BEGIN.finditer(data))
    for number, begin in enumerate(begins):
        label = begin[1].decode()
        what = f"the {label.lower()} in {name}" if len(begins) == 1 else f"block {number + 1} ({label}) in {name}"
        limit = begins[number + 1].start() if number + 1 < len(begins) else len(data)
        end = data.find(b"-----END " + begin[1] + b"-----", begin.end(), limit)
        if end < 0:
            raise KonnectError("truncated", f"There is no END line for {what}.")
        headers, body = _split_headers(data[begin.end() : end])
        try:
            yield _Block(label, headers, a2b_base64(b"".join(body.split()), strict_mode=True), what)
        except Base64Error as problem:
            if label in _CERTIFICATES | _KEYS:
                raise KonnectError("bad-base64", f"In {what} something is not base64.") from problem
            yield _Block(label, headers, b"", what)


def _split_headers(content: bytes) -> tuple[bytes, bytes]:
    """RFC 1421 headers, as traditional encrypted keys have them, and the body."""
    lines = content.strip().replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    count = 0
    while count < len(lines) and b":" in lines[count]:
        count += 1
    return b"\n".join(line.strip() for line in lines[:count]), b"\n".join(lines[count:])


def _certificate(block: _Block) -> bytes:
    der = _first_element(block.data) if block.label == "TRUSTED CERTIFICATE" else block.data
    return parse.encoded(parse.certificate(der, block.what.removeprefix("the ")))


def _first_element(der: bytes) -> bytes:
    """OpenSSL puts its trust settings behind the certificate."""
    if len(der) < 2 or der[1] < 0x80:
        return der
    size = der[1] & 0x7F
    return der[: 2 + size + int.from_bytes(der[2 : 2 + size], "big")]


def _key(block: _Block, passphrase: Secret | None) -> Key:
    encrypted = block.label == "ENCRYPTED PRIVATE KEY" or b"ENCRYPTED" in block.headers
    if encrypted and passphrase is None:
        return Key(type=None, encrypted=True)
    password = passphrase.reveal() if encrypted and passphrase is not None else None
    try:
        key = serialization.load_pem_private_key(_clean(block), password)
        public = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        plain = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    except UnsupportedAlgorithm as problem:
        raise KonnectError("unsupported-key", f"The type of {block.what} is none that TLS can use here.") from problem
    except (ValueError, TypeError) as problem:
        if encrypted:
            raise KonnectError("wrong-passphrase", f"The passphrase does not open {block.what}.") from problem
        raise KonnectError("damaged-key", f"There is damage in {block.what}.") from problem
    if block.label == "PRIVATE KEY" and pss_only(block.data):
        plain = pem(block.label, block.data)  # cryptography would have written it as plain RSA
    return Key(parse.key_label(key), encrypted, public, Secret(plain))


def _clean(block: _Block) -> bytes:
    clean = pem(block.label, block.data)
    if not block.headers:
        return clean
    begin, _, rest = clean.partition(b"\n")
    return b"\n".join((begin, block.headers, b"", rest))


def _something_else(data: bytes, name: str, blocks: list[_Block]) -> KonnectError:
    for block in blocks:
        if block.label in _OTHERS:
            code, words = _OTHERS[block.label]
            return KonnectError(code, f"{name} holds {words}, not a certificate or TLS key.")
        if block.label.startswith("PGP "):
            return KonnectError("is-pgp", f"{name} holds PGP data, not a certificate or TLS key.")
    if data.lstrip().startswith(_SSH):
        return KonnectError("is-ssh", f"{name} holds an SSH key, not a certificate or TLS key.")
    if b"-----BEGIN PGP" in data:
        return KonnectError("is-pgp", f"{name} holds PGP data, not a certificate or TLS key.")
    if b"-----END " in data:
        return KonnectError("truncated", f"{name} has an END line, but no BEGIN line.")
    return KonnectError("not-a-certificate", f"Nothing in {name} is a PEM certificate or key.")
