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

from konnect_tui.pki import parse
from konnect_tui.pki.describe import validity
from konnect_tui.pki.judging.advice import sentence
from konnect_tui.pki.judging.handshake import private_key
from konnect_tui.pki.judging.issuers import Issuers
from konnect_tui.pki.judging.judge import judge
from konnect_tui.pki.judging.paths import DEEPEST, presentation
from konnect_tui.pki.judging.verdict import Mode
from konnect_tui.secret import Secret

__all__ = ["Fix", "fix", "presentation"]

_TRIALS = 48
_UPLOAD_AT_FAULT = frozenset(("same-named-ca", "wrong-upload"))
_WORK = 2000  # certificates loaded in all trials together
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
    verdict = judge(mode, uploaded, presented, key, now)
    if verdict.accepted:
        return None
    upload_at_fault = any(each.code in _UPLOAD_AT_FAULT and each.severity == "error" for each in verdict.findings)
    search = _Search(mode, tuple(uploaded), tuple(presented), tuple(pool), key, now, roots_only=not upload_at_fault)
    return next(search.fixes(), None)


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
        *,
        roots_only: bool,
    ) -> None:
        self._mode: Mode = mode
        self._uploaded = uploaded
        self._presented = presented
        self._all = tuple(dict.fromkeys((*presented, *pool, *uploaded)))
        self._read = {der: parse.certificate(der) for der in self._all}
        self._issuers = Issuers(self._read.values())
        self._key = key
        self._now = now
        self._roots_only = roots_only
        self._trials = max(2, min(_TRIALS, _WORK // (1 + len(uploaded) + len(presented))))

    def fixes(self) -> Iterator[Fix]:
        """Those that the control plane accepts, the smallest first."""
        for leaf in islice(self._leaves(), _LEAVES):
            yield from self._accepted(self._uploaded, self._lists(leaf, self._uploaded))
            if leaf == self._presented[0]:
                for uploads in islice(self._uploads(leaf), self._trials):
                    yield from self._accepted(uploads, [self._presented])
            for uploads in islice(self._uploads(leaf), min(self._trials, _LEAVES)):
                yield from self._accepted(uploads, self._lists(leaf, uploads))

    def _accepted(self, uploads: tuple[bytes, ...], lists: Iterable[tuple[bytes, ...]]) -> Iterator[Fix]:
        for shown in lists:
            if judge(self._mode, uploads, shown, self._key, self._now).accepted:
                yield self._fix(uploads, shown)

    def _leaves(self) -> Iterator[bytes]:
        """What could be the node's own certificate: by the key, else the one that issued no other."""
        if self._key is not None:
            own = parse.public_half(private_key(self._key))
            found = [der for der in self._all if own is not None and parse.public_bytes(self._read[der]) == own]
            if self._mode == "pinned":  # of a renewed pin the newest is meant
                found.sort(key=lambda der: validity(self._read[der])[0], reverse=True)
            yield from found
            return
        shown = [self._read[der] for der in dict.fromkeys(self._presented)]
        crowd = Issuers(shown)
        issuers = {id(above) for each in shown for above in crowd.of(each)}
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
        """Who could be uploaded so that the leaf is below it: roots first, then CAs from the top down.

        A lesser CA stands in only for an upload that has nothing to do with the leaf. Where the chain itself has a
        fault, to trust what stands below the fault would hide it: a forged intermediate would be waved through.
        """
        level, above = [self._read[leaf]], list[x509.Certificate]()
        for _ in range(DEEPEST):
            level = [each for one in level for each in self._issuers.of(one) if each not in above][:_TRIALS]
            above += dict.fromkeys(level)
        if parse.self_signed(self._read[leaf]):
            yield leaf
        roots = [each for each in above if parse.self_signed(each)]
        others = [] if self._roots_only else [each for each in above if each not in roots]
        yield from (parse.encoded(each) for each in (*reversed(roots), *reversed(others)))

    def _fix(self, uploads: tuple[bytes, ...], shown: tuple[bytes, ...]) -> Fix:
        konnect, node = set(uploads) != set(self._uploaded), shown != self._presented
        side: Literal["node", "konnect", "both"] = "both" if konnect and node else "konnect" if konnect else "node"
        read = self._read
        before = [read[der] for der in self._uploaded], [read[der] for der in self._presented]
        after = [read[der] for der in uploads], [read[der] for der in shown]
        return Fix(sentence(side, before, after), side, uploads, shown)
