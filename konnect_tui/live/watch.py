"""Watch the nodes of a bundle arrive: look again and again until all are connected and in sync, or time is up."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from konnect_tui.errors import ExitCode, KonnectError, Problem, warning
from konnect_tui.konnect import kinds
from konnect_tui.konnect.client import Client
from konnect_tui.konnect.models import GroupStatus, Node
from konnect_tui.konnect.pem import fingerprints
from konnect_tui.live.arrival import Expected, NodeState, Subject, arrivals
from konnect_tui.manifest import Kept, KeptUpload
from konnect_tui.plan import SHARED

PACE: Final = ((60.0, 2.0), (600.0, 5.0))
"""Until so many seconds have passed, so many lie between two looks; after that `SLOWEST`."""
SLOWEST: Final = 15.0
BREATH: Final = 3.0
"""Times as long as a look took is waited before the next: of thousands of nodes one look is dozens of requests."""
LAST_LOOK: Final = 10.0
"""Seconds a look may take that begins when the time is nearly up."""

_CERTIFICATES: Final = (
    "The token may not list the certificates of the control plane: nodes are known by the ids that the bundle "
    "remembers, and whether Konnect still has their certificates can't be known."
)
_HASH: Final = (
    "The token may not read which configuration Konnect expects: of a node that is connected it can't be known "
    "whether it is in sync."
)
_GROUP: Final = "The token may not read how the control plane group fares, which may be why nodes wait."

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]


class Sight(Struct, frozen=True):
    """One look at all nodes. `changed` are those that have come further, or less far, since the look before.

    `expected_hash` is None where it can't be read, and `untold` says what that keeps from being known. `moved` says
    that Konnect expects another configuration than before. `group` is how a control plane group fares,
    asked only where that may be why nodes wait. Where the look failed, `fault` says why and the states are older.
    """

    states: tuple[NodeState, ...]
    changed: tuple[NodeState, ...] = ()
    expected_hash: str | None = None
    moved: bool = False
    group: GroupStatus | None = None
    fault: KonnectError | None = None
    untold: tuple[Problem, ...] = ()

    @property
    def settled(self) -> bool:
        """Whether nothing more can come: each node is in sync, or connected while it can't be known how it fares."""
        return all(state.in_sync or state.stage == "untold" for state in self.states)

    @property
    def ready(self) -> bool:
        """Whether all nodes are connected and in sync."""
        return all(state.in_sync for state in self.states)


Told = Callable[[Sight], None]
"""Hears of every look."""


def subject(kept: Kept) -> Subject:
    """What of a bundle is watched: its nodes whose certificates are there.

    Raises KonnectError `control-plane-needed` for a bundle that does not know its control plane in Konnect.
    """
    manifest, draft = kept.manifest, kept.draft
    if manifest.konnect is None:
        message = "The bundle was made without Konnect, so it can't be looked up where its nodes are to arrive."
        raise KonnectError("control-plane-needed", message, hint=LOOK_YOURSELF)
    uploads = {upload.file: upload for upload in manifest.uploads}
    pinned = draft.control_plane.auth_mode != "pki"
    hosts = {each.name: each.hostname for each in draft.node.each or ()}
    nodes = []
    for name in manifest.nodes:
        if name in manifest.pending or SHARED in manifest.pending:
            continue
        own = f"upload/{name}.crt" if pinned else next(iter(uploads), "")
        file = own if own in uploads else f"upload/{SHARED}.crt"
        known = uploads.get(file) or KeptUpload(file, "")
        nodes.append(Expected(name, hosts.get(name) or name, file, known.sha256, known.id))
    same = pinned and len({node.sha256 for node in nodes}) < len(nodes)  # imports may name one file for all
    return Subject(
        manifest.konnect.region,
        manifest.konnect.id,
        "pinned" if pinned else "pki",
        tuple(nodes),
        shared=same or draft.certificate.per == "bundle",
    )


LOOK_YOURSELF: Final = (
    "`konnect-tui upload BUNDLE --control-plane ID` makes its control plane known. Without an account look in a node's "
    "log for `sent ping frame to control plane with hash:` and a hash that is not all zeros, at `configuration_hash` "
    "in /status on its status port, and in Konnect under Data Plane Nodes for Connected and In sync."
)


async def watch(
    client: Client,
    subject: Subject,
    *,
    limit: float,
    told: Told,
    now: Callable[[], float] = time.time,
    passed: Callable[[], float] = time.monotonic,
    sleep: Sleep = asyncio.sleep,
) -> Sight:
    """Look until all nodes are connected and in sync or `limit` seconds are over; the last look.

    A network that fails for a while is waited for; where the token may read nodes, and not certificates or the expected
    hash, it goes on with what it is told. Raises KonnectError `not-in-konnect` where the control plane is
    gone, `token-refused` and `not-permitted`; and why no look succeeded, where none did.
    """
    looking = _Looking(client, subject, now)
    begun = passed()
    while True:
        looked = passed()
        sight = await looking.look(max(begun + limit - looked, LAST_LOOK))
        told(sight)
        took, left = passed() - looked, begun + limit - passed()
        if sight.settled and sight.fault is None:
            return sight
        if left <= 0:
            if not looking.seen and sight.fault is not None:
                raise sight.fault
            return sight
        await sleep(min(left, max(_pace(passed() - begun), BREATH * took)))


def _pace(passed: float) -> float:
    return next((between for until, between in PACE if passed < until), SLOWEST)


class _Looking:
    """Looks, and remembers what the look before saw. `seen` says whether one has succeeded."""

    def __init__(self, client: Client, subject: Subject, now: Callable[[], float]) -> None:
        self._client = client
        self._subject = subject
        self._now = now
        self._held: dict[str, frozenset[str]] | None = None
        self._is_group: bool | None = None
        self._untold: dict[str, Problem] = {}
        self._last = Sight(arrivals(subject, (), None, None, 0.0))
        self.seen = False

    async def look(self, patience: float) -> Sight:
        """Ask once; what fails for a reason that may pass is part of the sight."""
        try:
            async with asyncio.timeout(patience):
                found = await self._look()
        except KonnectError as fault:
            if fault.exit_code != ExitCode.WORLD:
                raise
            return replace(self._last, changed=(), moved=False, fault=fault)
        except TimeoutError:
            late = KonnectError("timed-out", f"Konnect has not answered for {patience:.0f} s.")
            return replace(self._last, changed=(), moved=False, fault=late)
        self._last, self.seen = found, True
        return found

    async def _look(self) -> Sight:
        region, plane = self._subject.region, self._subject.control_plane
        if self._is_group is None:
            self._is_group = await self._grouped()
        if self._held is None or any(node.sha256 not in self._held for node in self._subject.nodes):
            self._held = await self._allowed(_CERTIFICATES, self._certificates)
        records = await self._client.nodes(region, plane)
        expected_hash = await self._allowed(_HASH, lambda: self._client.expected_hash(region, plane))
        now = self._now() - self._client.ahead
        states = arrivals(self._subject, _gateways(records), expected_hash, self._held, now)
        waiting = self._is_group and any(state.stage in ("empty", "behind") for state in states)
        return Sight(
            states,
            tuple(new for old, new in zip(self._last.states, states, strict=True) if _differ(old, new)),
            expected_hash,
            moved=self.seen and None is not expected_hash != self._last.expected_hash,
            group=await self._allowed(_GROUP, lambda: self._client.group_status(region, plane)) if waiting else None,
            untold=tuple(self._untold.values()),
        )

    async def _allowed(self, untold: str, ask: Callable[[], Awaitable[T]]) -> T | None:
        """What Konnect answers; None, with `untold` for the reason, where the token may not ask. Then not again."""
        if untold in self._untold:
            return None
        try:
            return await ask()
        except KonnectError as fault:
            if fault.code != "not-permitted":
                raise
        self._untold[untold] = warning("", "not-told", untold)
        return None

    async def _grouped(self) -> bool:
        region, plane = self._subject.region, self._subject.control_plane
        found = await self._client.control_plane(region, plane)
        if found is None:
            message = f"The control plane {plane} is not in the region {region} any more."
            raise KonnectError("not-in-konnect", message)
        return found.config.cluster_type == kinds.GROUP

    async def _certificates(self) -> dict[str, frozenset[str]]:
        held: dict[str, frozenset[str]] = {}
        for each in await self._client.certificates(self._subject.region, self._subject.control_plane):
            for digest in fingerprints(each.cert):
                held[digest] = held.get(digest, frozenset()) | {each.id}
        return held


def _gateways(records: tuple[Node, ...]) -> tuple[Node, ...]:
    """The records of gateways; other kinds of nodes there may be have types of their own."""
    return tuple(each for each in records if each.type in ("", "kong-proxy"))


def _differ(old: NodeState, new: NodeState) -> bool:
    before, after = ((each.stage, each.version, each.refusals, len(each.strangers)) for each in (old, new))
    return before != after
