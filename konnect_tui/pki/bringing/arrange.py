"""Which certificate goes where: what Konnect is given, and what each node presents behind its leaf.

Chosen among everything that was given, in whatever order. Every choice is judged, so that of cross-signed twins
and CAs of one name the right ones are taken; where none is accepted, the likeliest is kept for the judge to refuse
and explain.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from cryptography import x509

from konnect_tui.pki import parse
from konnect_tui.pki.judging.case import climb
from konnect_tui.pki.judging.repair import presentation

_MOST_TOPS = 8


Arrangement = tuple[bytes | None, tuple[tuple[bytes, ...], ...]]
"""The CA that Konnect is given, None where there is none, and the list that each node presents. All are DER."""


def alone(leaves: Sequence[bytes]) -> Arrangement:
    """Pinned: Konnect is given the leaves themselves, and each comes alone."""
    return None, tuple((leaf,) for leaf in leaves)


def arrange(leaves: Sequence[bytes], pool: Sequence[bytes], upload: str, now: datetime) -> Arrangement:
    """The CA to upload, and the list that each node of a PKI control plane presents. All are DER.

    `upload` is `root`, the topmost that was given, or `intermediate`, the one that issued the first leaf. The CA is
    None where none was given: a leaf that issued itself may be its own.
    """
    others = tuple(der for der in pool if der not in leaves)
    anchor = _anchor(leaves, [parse.certificate(der) for der in others], upload, now)
    if anchor is None:
        return alone(leaves)
    present = _presenter(anchor, others, now)
    return anchor, tuple(present(leaf) for leaf in leaves)


def _anchor(leaves: Sequence[bytes], pool: Sequence[x509.Certificate], upload: str, now: datetime) -> bytes | None:
    if not leaves:
        return _end_of_longest(pool, upload)
    leaf = parse.certificate(leaves[0])
    issuers = [each for each in pool if _issued(leaf, each)]
    tops = _tops(issuers[:_MOST_TOPS], pool) if upload == "root" else issuers
    candidates = [parse.encoded(each) for each in dict.fromkeys(tops)]
    if not candidates and parse.self_signed(leaf):
        return leaves[0]
    encoded = tuple(parse.encoded(each) for each in pool)
    accepted = (each for each in candidates if presentation(leaves[0], (each,), encoded, now) is not None)
    return next(accepted, candidates[0] if candidates else _end_of_longest(pool, upload))


def _tops(issuers: Sequence[x509.Certificate], pool: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """The ends of the ways up: roots first, and behind them those of which a CA above is missing."""
    tops = [climb(each, pool)[-1] for each in issuers]
    return sorted(tops, key=lambda each: not parse.self_signed(each))


def _end_of_longest(pool: Sequence[x509.Certificate], upload: str) -> bytes | None:
    """Without a leaf that says which: the end of the longest way up, its upper or its lower one."""
    longest = max((climb(each, pool) for each in pool), key=len, default=None)
    return parse.encoded(longest[-1 if upload == "root" else 0]) if longest else None


def _presenter(anchor: bytes, pool: tuple[bytes, ...], now: datetime) -> Callable[[bytes], tuple[bytes, ...]]:
    """What a leaf needs behind it. Leaves of one issuer need the same: only the first is searched for."""
    read = [parse.certificate(der) for der in pool]
    known: list[tuple[x509.Certificate, tuple[bytes, ...]]] = []

    def present(leaf: bytes) -> tuple[bytes, ...]:
        certificate = parse.certificate(leaf)
        for issuer, behind in known:
            if _issued(certificate, issuer):
                return (leaf, *behind)
        found = presentation(leaf, (anchor,), pool, now)
        if found is not None:
            if leaf != anchor:
                known.append((parse.certificate((*found, anchor)[1]), found[1:]))
            return found
        way = [parse.encoded(each) for each in climb(certificate, read)]
        return tuple(way[: way.index(anchor)] if anchor in way[1:] else way)

    return present


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    return parse.names_issuer(certificate, issuer) and parse.signed_by(certificate, issuer)
