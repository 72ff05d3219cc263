"""Who could have issued a certificate, among many: by name, then by key identifier, then by signature."""

from collections.abc import Iterable

from cryptography import x509

from konnect_tui.pki import parse

_SIGNATURES = 512


class Issuers:
    """Certificates by the name they would issue under.

    However many share one name, no more than a bounded number of signatures is looked at over its life.
    """

    def __init__(self, certificates: Iterable[x509.Certificate]) -> None:
        self._by_name: dict[parse.Canonical, dict[x509.Certificate, None]] = {}
        self._known: dict[x509.Certificate, tuple[x509.Certificate, ...]] = {}
        self._left = _SIGNATURES
        for certificate in certificates:
            name = parse.canonical_name(certificate, "subject")
            if name is not None:
                self._by_name.setdefault(name, {})[certificate] = None

    def __contains__(self, certificate: x509.Certificate) -> bool:
        name = parse.canonical_name(certificate, "subject")
        return name is not None and certificate in self._by_name.get(name, ())

    def named(self, certificate: x509.Certificate) -> list[x509.Certificate]:
        """Those of the issuer's name, itself aside; the ones that its key identifier names come first."""
        wanted = parse.issuer_key_id(certificate)
        name = parse.canonical_name(certificate, "issuer")
        found = [each for each in self._by_name.get(name, ()) if each != certificate] if name is not None else []
        return sorted(found, key=lambda each: parse.key_id(each) != wanted) if len(found) > 1 else found

    def of(self, certificate: x509.Certificate) -> tuple[x509.Certificate, ...]:
        """Those whose key made its signature as well. A self-signed one has no other issuer, whoever shares its key."""
        if certificate not in self._known:
            named = [] if parse.self_signed(certificate) else self.named(certificate)[: max(self._left, 0)]
            self._left -= len(named)
            self._known[certificate] = tuple(each for each in named if parse.signed_by(certificate, each))
        return self._known[certificate]
