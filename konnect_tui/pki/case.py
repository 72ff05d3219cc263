"""What is judged, read once: the certificates on both sides and the node's key."""

from typing import NamedTuple

from cryptography import x509

from konnect_tui.errors import Severity
from konnect_tui.pki import parse
from konnect_tui.pki.verdict import Finding, Mode


class Case(NamedTuple):
    """`presented` is leaf first. `key` is the node's private key, or None where it is not at hand."""

    mode: Mode
    uploaded: tuple[x509.Certificate, ...]
    presented: tuple[x509.Certificate, ...]
    key: object | None

    @property
    def leaf(self) -> x509.Certificate:
        """The node's own certificate."""
        return self.presented[0]

    @property
    def key_differs(self) -> bool:
        """Whether the key at hand is not the one that the leaf certifies."""
        if self.key is None:
            return False
        own = getattr(self.key, "public_key", lambda: None)()
        return own is not None and own != parse.public_key(self.leaf)

    def __repr__(self) -> str:
        return f"Case({self.mode}, {len(self.uploaded)} uploaded, {len(self.presented)} presented)"


def finding(severity: Severity, code: str, certificate: x509.Certificate | None, message: str, hint: str) -> Finding:
    """A finding about one certificate, or about none in particular."""
    return Finding(severity, code, parse.fingerprint(certificate) if certificate is not None else None, message, hint)
