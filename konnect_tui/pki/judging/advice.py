"""A repair in one sentence: what to upload, what to present, and which side stays as it is."""

from collections.abc import Sequence
from typing import Literal

from cryptography import x509

from konnect_tui.pki import parse
from konnect_tui.pki.describe import validity

_MOST_NAMES = 6
Certificates = Sequence[x509.Certificate]
Both = tuple[Certificates, Certificates]
"""What is uploaded, and what is presented, leaf first."""


def sentence(side: Literal["node", "konnect", "both"], before: Both, after: Both) -> str:
    """How to get from `before` to `after`, for whoever has to do it."""
    everyone = _Names((*before[0], *before[1], *after[0], *after[1]))
    if side == "node":
        return f"On the node: {_node(before[1], after[1], everyone)}; nothing to upload."
    konnect = f"In Konnect: {_konnect(before[0], after[0], everyone)}"
    if side == "konnect":
        return f"{konnect}; nothing to change on the node."
    return f"{konnect}; on the node: {_node(before[1], after[1], everyone)}."


class _Names:
    """Certificates by name; where two here share one, by who issued them or when they end as well."""

    def __init__(self, certificates: Certificates) -> None:
        self._all = list(dict.fromkeys(certificates))

    def of(self, certificate: x509.Certificate) -> str:
        name = parse.called(certificate)
        twins = [each for each in self._all if each != certificate and parse.called(each) == name]
        if not twins:
            return name
        issuer = parse.called(certificate, "issuer")
        if all(parse.called(each, "issuer") != issuer for each in twins):
            return f"{name} issued by {issuer}"
        end = f"{validity(certificate)[1]:%Y-%m-%d}"
        if all(f"{validity(each)[1]:%Y-%m-%d}" != end for each in twins):
            return f"{name} that ends {end}"
        return f"{name} with serial number {parse.serial(certificate):x}"

    def listed(self, certificates: Certificates) -> str:
        names = [self.of(each) for each in certificates[:_MOST_NAMES]]
        if len(certificates) > _MOST_NAMES:
            names.append(f"{len(certificates) - _MOST_NAMES} more")
        return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _node(before: Certificates, after: Certificates, names: _Names) -> str:
    leaf = after[0]
    added = [each for each in after if each not in before]
    dropped = list(dict.fromkeys(each for each in before if each not in after))
    kept = [each for each in before if each in after]
    if leaf in added or kept != [each for each in after if each in before]:
        order = ", then ".join(names.of(each) for each in after)
        return f"present {order}" + (", and nothing else" if dropped else "")
    behind = f"present {names.listed(added)} behind {names.of(after[after.index(added[0]) - 1])}" if added else ""
    without = f"no longer present {names.listed(dropped)}" if dropped else ""
    return " and ".join(filter(None, (behind, without)))


def _konnect(before: Certificates, after: Certificates, names: _Names) -> str:
    added = [each for each in after if each not in before]
    dropped = list(dict.fromkeys(each for each in before if each not in after))
    if not added:
        return f"take away {names.listed(dropped)}"
    return f"upload {names.listed(added)}" + (f" in place of {names.listed(dropped)}" if dropped else "")
