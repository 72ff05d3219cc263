"""The control planes of a region while they come from Konnect, and what was found out about single ones."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Final

from konnect_tui.errors import KonnectError
from konnect_tui.flow.planes import Listing, Row, connected

if TYPE_CHECKING:
    from konnect_tui.konnect.client import Client

_AT_ONCE: Final = 100
"""Control planes taken in before keys are looked after again: a millisecond's work."""
_LINGER: Final = 0.2
"""Seconds that nothing else may come into sight before Konnect is asked: not while somebody types or scrolls."""
_ASKERS: Final = 3
"""Questions about single control planes at the same time."""


def _nobody() -> None:
    pass


class Planes:
    """One region's control planes. Whoever shows them sets `hear`, which is called when there is more to show.

    `nodes` is by control plane's id: how many are connected of how many; None where Konnect did not say.
    `members` says of an id whether it is a member of a control plane group.
    """

    def __init__(self, client: "Client", region: str) -> None:
        self.client = client
        self.region = region
        self.listing = Listing()
        self.loading = False
        self.loaded = False
        self.fault: KonnectError | None = None
        self.hear: Callable[[], None] = _nobody
        self.nodes: dict[str, tuple[int, int] | None] = {}
        self.members: dict[str, bool] = {}
        self._loads = 0
        self._queue: list[Row] = []
        self._first: Row | None = None
        self._askers = 0
        self._seen: tuple[str, ...] = ()
        self._since = 0.0
        self._under_way: set[str] = set()

    async def load(self) -> None:
        """Ask for all of them. What was there before is shown until the new list is whole."""
        self.loading, self.fault = True, None
        self._loads += 1
        fresh, mine = Listing(self.listing.order), self._loads
        if not self.loaded:
            fresh.typed, self.listing = self.listing.typed, fresh
        self.hear()
        try:
            async with aclosing(self.client.control_planes(self.region)) as pages:
                async for page in pages:
                    fresh.total = page.total
                    for at in range(0, len(page.control_planes), _AT_ONCE):
                        fresh.add(page.control_planes[at : at + _AT_ONCE])
                        self.hear()
                        await asyncio.sleep(0)
            self._settle(fresh)
        except KonnectError as fault:
            self.fault = fault
        finally:
            if mine == self._loads:  # else another took its place, which goes on
                self.loading = False
                self.hear()

    def _settle(self, fresh: Listing) -> None:
        if self.listing is not fresh:
            fresh.sift(self.listing.typed)
            if fresh.order != self.listing.order:
                fresh.sort(self.listing.order)
            self.listing = fresh
            self.nodes.clear()
            self.members.clear()
        fresh.total = len(fresh.rows)
        self.loaded = True

    def want(self, seen: Sequence[Row], first: Row | None) -> bool:
        """Something is to be found out about these: how many nodes, and of the first whether it is a group's member.

        What was wanted before and is not seen any more is not asked about. Whether another `learn` is to be started.
        """
        here = tuple(row.id for row in seen)
        if here != self._seen:
            self._seen, self._since = here, time.monotonic()
        self._first = first
        self._queue = [row for row in ((first, *seen) if first else seen) if not row.refusal and self._open(row)]
        return bool(self._queue) and self._askers < _ASKERS

    def _open(self, row: Row) -> bool:
        asks_membership = row is self._first and row.may_be_member and row.id not in self.members
        return row.id not in self._under_way and (row.id not in self.nodes or asks_membership)

    async def learn(self, now: float) -> None:
        """Find out what is wanted, until nothing is. `now` is in Unix seconds."""
        self._askers += 1
        try:
            while self._queue:
                if (left := self._since + _LINGER - time.monotonic()) > 0:
                    await asyncio.sleep(left)
                    continue
                row = self._queue.pop(0)
                if self._open(row):
                    await self._learn(row, now)
        finally:
            self._askers -= 1

    async def _learn(self, row: Row, now: float) -> None:
        """Konnect's refusal is an answer, too: it is not asked again and again."""
        self._under_way.add(row.id)
        try:
            if row is self._first and row.may_be_member and row.id not in self.members:
                with suppress(KonnectError):
                    self.members[row.id] = await self.client.is_member(self.region, row.id)
            if row.id not in self.nodes:
                found = await self.client.nodes(self.region, row.id)
                self.nodes[row.id] = connected(found, now - self.client.ahead), len(found)
        except KonnectError:
            self.nodes[row.id] = None
        finally:
            self._under_way.discard(row.id)
            self.hear()
