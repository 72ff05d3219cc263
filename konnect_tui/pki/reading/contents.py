"""Sort the blocks of one file into certificates, keys and what is of no use."""

from konnect_tui.errors import KonnectError
from konnect_tui.pki import parse
from konnect_tui.pki.reading import asn1, keys, kinds
from konnect_tui.pki.reading.costs import Budget
from konnect_tui.pki.reading.found import Key, Reading
from konnect_tui.pki.reading.kinds import BY_LABEL, Kind, kind_of
from konnect_tui.pki.reading.layers import Block
from konnect_tui.pki.reading.markers import MOST_BLOCKS
from konnect_tui.pki.reading.mends import Mends
from konnect_tui.secret import Secret
from konnect_tui.words import printable

_OTHERS: dict[str, tuple[str, str]] = {
    "request": ("is-csr", "a certificate request (CSR)"),
    "revocation list": ("is-crl", "a revocation list"),
    "public key": ("is-public-key", "a bare public key"),
    "parameters": ("is-parameters", "key parameters"),
}


class Contents:
    """What was taken from one file so far. `mends` is for everybody who reads it to write on."""

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
        expected = BY_LABEL.get(block.label)
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
        if any(key.encrypted for key in self._keys):
            self.mends.add("Its key is encrypted.")
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
        if block.label in BY_LABEL:
            _whole(block)
        if block.label in BY_LABEL and kind != BY_LABEL[block.label]:
            self.mends.add(f"A block with the label {block.label} holds something else ({kind}).")
        if kind == "certificate":
            self._certificates.append(self._certificate(block))
        elif kind in (*kinds.KEYS, "encrypted PKCS#8 key") and not block.data.startswith(asn1.START):
            self._no_keys.append(block.what)
        elif kind in kinds.KEYS:
            self._keys.append(keys.plain_key(self._first(block), block.what))
        elif kind == "encrypted PKCS#8 key":
            self._keys.append(keys.encrypted_key(self._first(block), block.what, self._passphrase, self._budget))
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
        what = block.what.removeprefix("the ") if block.label else f"certificate in {block.what}"
        return parse.encoded(parse.certificate(self._first(block), what))

    def _first(self, block: Block) -> bytes:
        """The structure, without what stands behind it; in a TRUSTED CERTIFICATE that is what OpenSSL trusts it for."""
        try:
            der = asn1.element(block.data).raw
        except asn1.MalformedError:
            return block.data
        if len(der) < len(block.data) and block.label != "TRUSTED CERTIFICATE":
            self.mends.add(f"Something stands behind the structure in {block.what}.")
        return der

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
