"""What is judged, read once: the certificates on both sides and the node's key."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cryptography import x509

from konnect_tui.errors import Severity
from konnect_tui.pki import parse
from konnect_tui.pki.judging.handshake import private_key
from konnect_tui.pki.judging.verdict import Finding, Mode
from konnect_tui.secret import Secret


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

    def path(self) -> list[x509.Certificate]:
        """From the leaf up to the first uploaded certificate, or as far as issuers are at hand."""
        anchors = {parse.encoded(each) for each in self.uploaded}
        path = climb(self.leaf, (*self.uploaded, *self.presented[1:]))
        ends = (at for at, each in enumerate(path, start=1) if parse.encoded(each) in anchors)
        return path[: next(ends, len(path))]

    def __repr__(self) -> str:
        return f"Case({self.mode}, {len(self.uploaded)} uploaded, {len(self.presented)} presented)"


def read_case(mode: Mode, uploaded: Sequence[bytes], presented: Sequence[bytes], key: Secret | None) -> Case:
    """The case that these certificates (DER, leaf first) and this key (PEM) make.

    Raises KonnectError `not-a-certificate`, `damaged-key`, `passphrase-needed`, `unsupported-key`.
    """
    return Case(
        mode=mode,
        uploaded=tuple(parse.certificate(der, "uploaded certificate") for der in uploaded),
        presented=tuple(parse.certificate(der, "presented certificate") for der in presented),
        key=private_key(key) if key is not None else None,
    )


def climb(start: x509.Certificate, others: Iterable[x509.Certificate]) -> list[x509.Certificate]:
    """`start`, who issued it, who issued that, and so on, each once: as far as `others` go."""
    left = list(others)
    path = [start]
    while (above := _issuer(path[-1], left)) is not None:
        path.append(above)
        left = [each for each in left if parse.encoded(each) != parse.encoded(above)]
    return path


def _issuer(certificate: x509.Certificate, others: Iterable[x509.Certificate]) -> x509.Certificate | None:
    """A self-signed certificate has none, whoever shares its key."""
    if parse.self_signed(certificate):
        return None
    return next((each for each in others if _issued(certificate, each)), None)


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    if parse.encoded(certificate) == parse.encoded(issuer):
        return False
    return parse.names_issuer(certificate, issuer) and parse.signed_by(certificate, issuer)


def finding(severity: Severity, code: str, certificate: x509.Certificate | None, message: str, hint: str) -> Finding:
    """A finding about one certificate, or about none in particular."""
    return Finding(severity, code, parse.fingerprint(certificate) if certificate is not None else None, message, hint)
