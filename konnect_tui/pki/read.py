"""Read the certificates and keys in a file, whatever its form, and name what is in it instead where there are none.

One fault fails a file: Kong refuses a file with one broken block, and a chain that was read in part would be judged as
another chain. Passed over, and told in `mends`, is only what cannot be missed where there is something to use: what is
whole but neither certificate nor private key (a request, parameters), and beside certificates a key block with
something else in it, as where a key was blacked out.
"""

import os

from konnect_tui.errors import KonnectError
from konnect_tui.pki import parse
from konnect_tui.pki.material import Secret
from konnect_tui.pki.opening import read_bytes
from konnect_tui.pki.reading import asn1, keys, kinds
from konnect_tui.pki.reading.costs import Budget
from konnect_tui.pki.reading.found import HOW_TO_UNLOCK, Key, Reading
from konnect_tui.pki.reading.kinds import Kind, kind_of
from konnect_tui.pki.reading.layers import Block, blocks
from konnect_tui.pki.reading.markers import MOST_BLOCKS
from konnect_tui.pki.reading.mends import Mends
from konnect_tui.words import printable

__all__ = ["Key", "Reading", "certificates_in", "certificates_of", "key_of", "read", "read_file"]

_BY_LABEL: dict[str, Kind] = {
    "CERTIFICATE": "certificate",
    "X509 CERTIFICATE": "certificate",
    "TRUSTED CERTIFICATE": "certificate",
    "PRIVATE KEY": "PKCS#8 key",
    "ENCRYPTED PRIVATE KEY": "encrypted PKCS#8 key",
    "RSA PRIVATE KEY": "RSA key",
    "EC PRIVATE KEY": "EC key",
    "DSA PRIVATE KEY": "DSA key",
    "PKCS7": "PKCS#7",
    "CMS": "PKCS#7",
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
_BLANK = b" \t\r\n\f\v\0\xef\xbb\xbf\xfe\xff"  # with the marks of UTF-8 and UTF-16
_OTHERS: dict[str, tuple[str, str]] = {
    "request": ("is-csr", "a certificate request (CSR)"),
    "revocation list": ("is-crl", "a revocation list"),
    "public key": ("is-public-key", "a bare public key"),
    "parameters": ("is-parameters", "key parameters"),
}


def read_file(path: str | os.PathLike[str], passphrase: Secret | None = None) -> Reading:
    """Every certificate and key in the file. An encrypted key without a passphrase is there, but locked.

    Raises KonnectError: what the file is instead, or why it cannot be read.
    """
    return read(read_bytes(path), printable(os.fspath(path)), passphrase)


def read(data: bytes, name: str, passphrase: Secret | None = None) -> Reading:
    """As `read_file`, of bytes that came from elsewhere; `name` is how messages call them."""
    if not data.strip(_BLANK) and (data.strip(b"\0") or not data):
        raise KonnectError("empty", f"{name} is empty.")
    contents = _Contents(name, passphrase)
    for block in blocks(data, name, contents.mends):
        contents.take(block)
    return contents.reading()


def certificates_of(data: bytes) -> tuple[bytes, ...]:
    """The certificates in PEM that this product wrote, as DER; none where it can no longer be read."""
    try:
        return read(data, "it").certificates
    except KonnectError:
        return ()


def certificates_in(path: str | os.PathLike[str], passphrase: Secret | None = None) -> tuple[bytes, ...]:
    """The certificates in a file that has to have some. Raises as `read_file` does, and `is-private-key`."""
    found = read_file(path, passphrase).certificates
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
        message = f"The key in {shown} is encrypted and no passphrase was given."
        raise KonnectError("passphrase-needed", message, hint=HOW_TO_UNLOCK)
    return secret


class _Contents:
    """Sorts the blocks of one file."""

    def __init__(self, name: str, passphrase: Secret | None) -> None:
        self.mends = Mends()
        self._name = name
        self._passphrase = passphrase
        self._budget = Budget(name)
        self._certificates: list[bytes] = []
        self._keys: list[Key] = []
        self._others: list[tuple[str, str]] = []
        self._no_keys: list[str] = []

    def take(self, block: Block) -> None:
        """Raises KonnectError for a block that is broken."""
        expected = _BY_LABEL.get(block.label)
        if block.damaged and (expected is not None and expected not in _OTHERS):
            raise KonnectError("bad-base64", f"In {block.what} something is not base64.")
        if block.dek is not None and expected in kinds.KEYS:
            self._keys.append(keys.traditional_key(block.label, block.data, block.dek, block.what, self._passphrase))
        elif expected in _OTHERS:
            self._others.append(_OTHERS[expected])
        elif block.label.startswith("PGP "):
            self._others.append(("is-pgp", "PGP data"))
        elif "SSH" in block.label:
            self._others.append(("is-ssh", "an SSH key"))
        else:
            self._sort(block, kind_of(block.data) or expected)
        if len(self._keys) > keys.MOST_KEYS:
            raise KonnectError("too-large", f"{self._name} holds more than {keys.MOST_KEYS} private keys.")
        self._bounded(len(self._certificates))

    def reading(self) -> Reading:
        """Everything taken. Raises KonnectError where none of it is a certificate or private key."""
        if self._no_keys and not self._certificates:
            raise KonnectError("damaged-key", f"There is damage in {self._no_keys[0]}.")
        for what in self._no_keys:
            self.mends.add(printable(f"There is no key in {what}."))
        if self._certificates or self._keys:
            for _, words in self._others:
                self.mends.add(f"It also holds {words}, which is of no use here.")
            return Reading(tuple(self._certificates), tuple(self._keys), self.mends.told())
        if self._others:
            code, words = self._others[0]
            raise KonnectError(code, f"{self._name} holds {words}, not a certificate or TLS key.")
        raise KonnectError("not-a-certificate", f"Nothing in {self._name} is a certificate or TLS key.")

    def _sort(self, block: Block, kind: Kind | None) -> None:
        if block.label and block.label in _BY_LABEL:
            _whole(block)
        if kind == "certificate":
            self._certificates.append(self._certificate(block))
        elif kind in kinds.KEYS and not block.data.startswith(asn1.START):
            self._no_keys.append(block.what)
        elif kind in kinds.KEYS:
            self._keys.append(keys.plain_key(block.data, block.what))
        elif kind == "encrypted PKCS#8 key":
            self._keys.append(keys.encrypted_key(block.data, block.what, self._passphrase, self._budget))
        elif kind == "PKCS#7":
            self._pkcs7(block)
        elif kind == "PKCS#12":
            self._pkcs12(block)
        elif kind is not None:
            self._others.append(_OTHERS[kind])

    def _bounded(self, count: int) -> None:
        if count > MOST_BLOCKS:
            raise KonnectError("too-large", f"{self._name} holds more than {MOST_BLOCKS} certificates.")

    def _certificate(self, block: Block) -> bytes:
        if block.label not in ("", "CERTIFICATE"):
            self.mends.add(f"Its label is {block.label}.")
        try:
            der = asn1.element(block.data).raw  # OpenSSL puts its trust settings behind the certificate
        except asn1.MalformedError:
            der = block.data
        what = block.what.removeprefix("the ") if block.label else f"certificate in {block.what}"
        return parse.encoded(parse.certificate(der, what))

    def _pkcs7(self, block: Block) -> None:
        from konnect_tui.pki.reading.pkcs7 import certificates

        self.mends.add("It is PKCS#7.")
        found = certificates(block.data, block.what)
        self._bounded(len(found))
        read = [parse.certificate(der, f"certificate in {block.what}") for der in found]
        # a SET has no order that means anything (RFC 5652 §5.1): the lowest first, as a node presents them
        issuers = {parse.canonical_name(each, "issuer") for each in read if not parse.names_issuer(each, each)}
        read.sort(key=lambda each: parse.canonical_name(each, "subject") in issuers)
        self._certificates += map(parse.encoded, read)

    def _pkcs12(self, block: Block) -> None:
        from konnect_tui.pki.reading.pkcs12 import open_store

        self.mends.add("It is PKCS#12.")
        certificates, found = open_store(block.data, block.what, self._passphrase, self._budget)
        self._certificates += certificates
        self._keys += found


def _whole(block: Block) -> None:
    """Refuse a block that is empty, or whose structure goes on behind its end: lines are missing."""
    if not block.data:
        raise KonnectError("truncated", f"There is nothing in {block.what}.")
    if not block.data.startswith(asn1.START):
        return
    try:
        asn1.element(block.data)
    except asn1.CutError as problem:
        raise KonnectError("truncated", f"Lines are missing in {block.what}.") from problem
    except asn1.MalformedError:
        return
