"""Was an intermediate forgotten, or the wrong certificate uploaded? Where the issuer is nowhere, clues have to tell.

No certificate here proves either. What an experienced eye goes by is weighed: whether what is presented knows the
upload, how long a path the upload allows, whether the issuer that is named sounds like a root, who shares an
organisation.
"""

import re
from collections.abc import Iterator, Sequence

from cryptography import x509

from konnect_tui.pki import parse
from konnect_tui.pki.describe import validity
from konnect_tui.pki.judging.case import Case
from konnect_tui.pki.judging.issuers import Issuers

_ROOT = re.compile(r"root|anchor|\br\d*\b", re.IGNORECASE)
_INTERMEDIATE = re.compile(r"inter|issuing|sub|signing|\bmid|\bint|\bica\b|\bi\d*\b", re.IGNORECASE)
_KIND = re.compile(
    r"root|anchor|intermediate|inter|int|issuing|issuer|subordinate|sub|signing|middle|mid|authority|certificate|tls|ca|\d"
)
_TELLS = 3
_STEM = re.compile(r"^(.*?)(\d+)\D*$", re.DOTALL)


def likeliest(case: Case, path: Sequence[x509.Certificate]) -> x509.Certificate | None:
    """The upload below which an issuer of the last of `path` (leaf first) was likely forgotten.

    None where it is likelier that the wrong certificate was uploaded.
    """
    anchors = [each for each in case.uploaded if _may_issue(each)]
    weighed = [(sum(_weights(case, path, anchor)), anchor) for anchor in anchors]
    weight, anchor = max(weighed, key=lambda each: each[0], default=(0, None))
    return anchor if weight > 0 else None


def _may_issue(certificate: x509.Certificate) -> bool:
    """A CA, or too old a form to say so."""
    return parse.is_ca(certificate) or (
        parse.extension(certificate, x509.BasicConstraints) is None and parse.self_signed(certificate)
    )


def _weights(case: Case, path: Sequence[x509.Certificate], anchor: x509.Certificate) -> Iterator[float]:
    """For (above 0) and against an intermediate that was forgotten between the path and this upload."""
    last = path[-1]
    yield _by_serial(last, anchor)
    yield _by_length(path, anchor)
    if anchor in case.presented or any(Issuers([anchor]).of(each) for each in case.presented if each not in path):
        yield 8  # the node presents what belongs to this very upload
    if validity(anchor)[0] > validity(last)[0]:
        yield -3  # an issuer is not younger
    if parse.self_signed(anchor):
        yield from _below_root(path, anchor)
    else:
        yield from _below_intermediate(path, anchor)


def _by_serial(last: x509.Certificate, anchor: x509.Certificate) -> float:
    """An authority key identifier may name the issuer's issuer (RFC 5280 §4.2.1.1)."""
    found = parse.extension(last, x509.AuthorityKeyIdentifier)
    named = (
        [each.value for each in found.authority_cert_issuer or () if isinstance(each, x509.DirectoryName)]
        if found
        else []
    )
    if not named:
        return 0
    try:
        return -8 if named[0] == last.issuer else 8 if named[0] == anchor.subject else -2
    except parse.UNREADABLE:
        return 0


def _by_length(path: Sequence[x509.Certificate], anchor: x509.Certificate) -> float:
    constraints = parse.extension(anchor, x509.BasicConstraints)
    if constraints is None or constraints.path_length is None:
        return 0
    needed = len(path)  # the CAs presented, and the one that is absent
    return -8 if constraints.path_length < needed else 3 if constraints.path_length == needed else 0


def _below_root(path: Sequence[x509.Certificate], root: x509.Certificate) -> Iterator[float]:
    issuer = parse.called(path[-1], "issuer")
    yield -4 if _ROOT.search(issuer) else 3 if _INTERMEDIATE.search(issuer) else 0
    own, others = parse.organisation(path[-1], "issuer"), parse.organisation(root, "subject")
    if own and others:
        yield 1.5 if own == others else -5
    yield _by_words(issuer, parse.called(root))
    yield 1.5 if len(path) == 1 else -1.5


def _below_intermediate(path: Sequence[x509.Certificate], anchor: x509.Certificate) -> Iterator[float]:
    """Whoever uploads an intermediate means the issuing one: another is a wrong one, unless numbers say otherwise."""
    yield -2
    uncle = parse.canonical_name(anchor, "issuer")
    if any(uncle in (parse.canonical_name(each, "issuer"), parse.canonical_name(each, "subject")) for each in path):
        yield -6
    upper, lower = _STEM.match(parse.called(anchor)), _STEM.match(parse.called(path[-1], "issuer"))
    if upper and lower and upper[1] == lower[1] and int(upper[2]) < int(lower[2]):
        yield 3


def _by_words(issuer: str, root: str) -> float:
    """Names of one organisation share words other than those that any CA's name has."""
    own, others = (set(re.findall(r"[^\W_]+", _KIND.sub("", name.lower()))) for name in (issuer, root))
    if own & others:
        return 2
    telling = (any(len(word) >= _TELLS for word in words) for words in (own, others))
    return -5 if all(telling) else -1
