"""The lists a node could present, and the one that a control plane accepts."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from cryptography import x509

from konnect_tui.pki import parse
from konnect_tui.pki.judging import keyless
from konnect_tui.pki.judging.handshake import ControlPlane
from konnect_tui.pki.judging.issuers import Issuers

DEEPEST = 10
_TRIALS = 48
_WIDEST = 512


def presentation(
    leaf: bytes, anchors: Sequence[bytes], pool: Sequence[bytes], now: datetime | None = None
) -> tuple[bytes, ...] | None:
    """The list (DER) a node must present: the leaf, then exactly the intermediates up to the first uploaded anchor.

    None where no list of certificates in `pool` is accepted. The shortest comes first. `now` is for judging at
    another time than this. Raises KonnectError `not-a-certificate`.
    """
    control_plane = ControlPlane("pki", anchors, now)
    given = Issuers(parse.certificate(der) for der in anchors)
    paths = _paths(parse.certificate(leaf), given, Issuers(parse.certificate(der) for der in pool))
    lists = (tuple(parse.encoded(each) for each in path) for path in islice(paths, _TRIALS))
    return next((each for each in lists if keyless.refusal(each, control_plane) is None), None)


def _paths(leaf: x509.Certificate, anchors: Issuers, pool: Issuers) -> Iterator[list[x509.Certificate]]:
    """Every path from the leaf to below an anchor, the shortest first."""
    if leaf in anchors:
        yield [leaf]
    paths = [[leaf]]
    for _ in range(DEEPEST):
        yield from (path for path in paths if path[-1] not in anchors and anchors.of(path[-1]))
        longer = ([*path, above] for path in paths for above in pool.of(path[-1]) if above not in path)
        paths = list(islice((path for path in longer if path[-1] not in anchors), _WIDEST))
