"""What would make the control plane accept the node: a search among the certificates at hand, each find judged.

Nothing is concluded from names and identifiers alone. They order the search; the control plane decides, so that
cross-signed twins, CAs of one name and expired twins come out right. The search is bounded: what people paste may
hold thousands of certificates of one name.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Literal

from cryptography import x509
from msgspec import Struct

from konnect_tui.pki import keyless, parse
from konnect_tui.pki.advice import sentence
from konnect_tui.pki.handshake import ControlPlane, private_key
from konnect_tui.pki.issuers import Issuers
from konnect_tui.pki.judge import judge
from konnect_tui.pki.material import Secret
from konnect_tui.pki.verdict import Mode

_DEEPEST = 10
_WIDEST = 512
_TRIALS = 48
_LEAVES = 4


class Fix(Struct, frozen=True):
    """What would make the control plane accept the node.

    `sentence` says it: “On the node: present “I1” behind “edge-1”; nothing to upload.” `uploaded` and `presented`
    (DER) are both sides as they would be then; only those of `side` differ from what was.
    """

    sentence: str
    side: Literal["node", "konnect", "both"]
    uploaded: tuple[bytes, ...]
    presented: tuple[bytes, ...]


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


def fix(
    mode: Mode,
    uploaded: Sequence[bytes],
    presented: Sequence[bytes],
    pool: Sequence[bytes],
    key: Secret | None,
    now: datetime | None = None,
) -> Fix | None:
    """The smallest change on the side that should change. `pool` are all other certificates at hand (DER).

    The node comes first if the upload can stay as it is, else the upload. None where the node is accepted already,
    or where nothing at hand helps. Raises KonnectError as `judge` does.
    """
    if judge(mode, uploaded, presented, key, now).accepted:
        return None
    search = _Search(mode, tuple(uploaded), tuple(presented), tuple(pool), key, now)
    return next(search.fixes(), None)


def _paths(leaf: x509.Certificate, anchors: Issuers, pool: Issuers) -> Iterator[list[x509.Certificate]]:
    """Every path from the leaf to below an anchor, the shortest first."""
    if leaf in anchors:
        yield [leaf]
    paths = [[leaf]]
    for _ in range(_DEEPEST):
        yield from (path for path in paths if path[-1] not in anchors and anchors.of(path[-1]))
        longer = ([*path, above] for path in paths for above in pool.of(path[-1]) if above not in path)
        paths = list(islice((path for path in longer if path[-1] not in anchors), _WIDEST))


class _Search:
    """One search for a fix, and what it goes by."""

    def __init__(
        self,
        mode: Mode,
        uploaded: tuple[bytes, ...],
        presented: tuple[bytes, ...],
        pool: tuple[bytes, ...],
        key: Secret | None,
        now: datetime | None,
    ) -> None:
        self._mode: Mode = mode
        self._uploaded = uploaded
        self._presented = presented
        self._all = tuple(dict.fromkeys((*presented, *pool, *uploaded)))
        self._read = {der: parse.certificate(der) for der in self._all}
        self._issuers = Issuers(self._read.values())
        self._key = key
        self._now = now

    def fixes(self) -> Iterator[Fix]:
        """Those that the control plane accepts, the smallest first."""
        leaves = list(islice(self._leaves(), _LEAVES))
        for leaf in leaves:
            yield from self._accepted(self._uploaded, self._lists(leaf, self._uploaded))
        if self._presented[0] in leaves:
            for uploads in islice(self._uploads(self._presented[0]), _TRIALS):
                yield from self._accepted(uploads, [self._presented])
        for leaf in leaves:
            for uploads in islice(self._uploads(leaf), _LEAVES):
                yield from self._accepted(uploads, self._lists(leaf, uploads))

    def _accepted(self, uploads: tuple[bytes, ...], lists: Iterable[tuple[bytes, ...]]) -> Iterator[Fix]:
        for shown in lists:
            if judge(self._mode, uploads, shown, self._key, self._now).accepted:
                yield self._fix(uploads, shown)

    def _leaves(self) -> Iterator[bytes]:
        """What could be the node's own certificate: by the key, else the one that issued no other."""
        if self._key is not None:
            own = parse.public_half(private_key(self._key))
            yield from (der for der in self._all if own is not None and parse.public_bytes(self._read[der]) == own)
            return
        shown = [self._read[der] for der in dict.fromkeys(self._presented)]
        issuers = {id(above) for each in shown for above in Issuers(shown).of(each)}
        ends = [each for each in shown if not parse.is_ca(each) and id(each) not in issuers]
        yield parse.encoded(ends[0]) if len(ends) == 1 else self._presented[0]

    def _lists(self, leaf: bytes, uploads: tuple[bytes, ...]) -> Iterator[tuple[bytes, ...]]:
        if self._mode == "pinned":
            yield (leaf,)
            return
        found = presentation(leaf, uploads, self._all, self._now)
        if found is not None:
            yield found

    def _uploads(self, leaf: bytes) -> Iterator[tuple[bytes, ...]]:
        """What could be uploaded instead. One upload that does not help is replaced; several get one more."""
        others = self._uploaded if len(self._uploaded) > 1 else ()
        wanted = (leaf,) if self._mode == "pinned" else self._anchors(leaf)
        for anchor in wanted:
            yield (*(each for each in others if each != anchor), anchor)
        for spare in self._uploaded[:_TRIALS] if len(self._uploaded) > 1 else ():
            yield tuple(each for each in self._uploaded if each != spare)

    def _anchors(self, leaf: bytes) -> Iterator[bytes]:
        """Who could be uploaded so that the leaf is below it: roots first, then CAs from the top down."""
        level, above = [self._read[leaf]], list[x509.Certificate]()
        for _ in range(_DEEPEST):
            level = [each for one in level for each in self._issuers.of(one) if each not in above][:_TRIALS]
            above += dict.fromkeys(level)
        if parse.self_signed(self._read[leaf]):
            yield leaf
        above.sort(key=parse.self_signed)
        yield from (parse.encoded(each) for each in reversed(above))

    def _fix(self, uploads: tuple[bytes, ...], shown: tuple[bytes, ...]) -> Fix:
        konnect, node = set(uploads) != set(self._uploaded), shown != self._presented
        side: Literal["node", "konnect", "both"] = "both" if konnect and node else "konnect" if konnect else "node"
        read = self._read
        before = [read[der] for der in self._uploaded], [read[der] for der in self._presented]
        after = [read[der] for der in uploads], [read[der] for der in shown]
        return Fix(sentence(side, before, after), side, uploads, shown)
