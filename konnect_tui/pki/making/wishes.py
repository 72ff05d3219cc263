"""What a plan wants every certificate of its bundle to say: subjects, ends, key types, who signs whom."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from cryptography import x509

from konnect_tui.pki.making.make import VerifyingKey, name
from konnect_tui.pki.names import authority_common_names
from konnect_tui.plan import SHARED, Plan


class Wanted(NamedTuple):
    """What a certificate has to say. `path_length` is None for a leaf."""

    subject: x509.Name
    not_after: datetime
    kind: str
    sans: tuple[str, ...] = ()
    path_length: int | None = None


class Signatory(NamedTuple):
    """Whose signature a certificate has to bear."""

    name: x509.Name
    key: VerifyingKey


class Wishes:
    """The plan's certificates. `authorities` is by file stem, root first; empty where no CA is made here.

    `issued` says that a CA signs the leaves, one made here or the operator's own; else they sign themselves.
    """

    def __init__(self, plan: Plan) -> None:
        certificate = plan.certificate
        self._certificate = certificate
        self.source = certificate.source
        made_here = certificate.source == "generate" and plan.control_plane.auth_mode == "pki"
        self.issued = made_here or certificate.source == "issue"
        self.ca_key = certificate.ca_key
        self.identities = ((SHARED,) if plan.nodes else ()) if plan.shared else tuple(node.name for node in plan.nodes)
        self.authorities: dict[str, Wanted] = {}
        if made_here:
            taken = certificate.common_names.values()
            names = authority_common_names(plan.control_plane.name, certificate.intermediates, taken)
            for depth, (stem, common_name) in enumerate(names.items()):
                self.authorities[stem] = Wanted(
                    subject=name(common_name, certificate.subject),
                    not_after=certificate.ca_not_after,
                    kind=certificate.key,
                    path_length=certificate.intermediates - depth,
                )

    @property
    def issuing(self) -> str:
        """The authority that issues leaves."""
        return tuple(self.authorities)[-1]

    def issuers(self) -> Iterator[tuple[str, str]]:
        """Every authority with its issuer, root first; the root is its own."""
        issuer = "root"
        for stem in self.authorities:
            yield stem, issuer
            issuer = stem

    def leaf(self, identity: str) -> Wanted:
        """What the leaf of that identity has to say. It never outlives its issuer."""
        certificate = self._certificate
        end = min(certificate.not_after, certificate.ca_not_after) if self.issued else certificate.not_after
        subject = name(certificate.common_names[identity], certificate.subject)
        return Wanted(subject, end, certificate.key, certificate.sans)
