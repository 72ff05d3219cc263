"""The control planes of a region while they come from Konnect, and what was found out about single ones."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from konnect_tui.errors import KonnectError
from konnect_tui.flow.planes import Listing, connected

if TYPE_CHECKING:
    from konnect_tui.konnect.client import Client

_AT_ONCE: Final = 100
"""Control planes taken in before keys are looked after again: a millisecond's work."""


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

    async def load(self) -> None:
        """Ask for all of them. What was there before is shown until the new list is whole."""
        self.loading, self.fault = True, None
        fresh = Listing(self.listing.order)
        if not self.loaded:
            fresh.typed, self.listing = self.listing.typed, fresh
        try:
            async for page in self.client.control_planes(self.region):
                fresh.total = page.total
                for at in range(0, len(page.control_planes), _AT_ONCE):
                    fresh.add(page.control_planes[at : at + _AT_ONCE])
                    self.hear()
                    await asyncio.sleep(0)
            self._settle(fresh)
        except KonnectError as fault:
            self.fault = fault
        finally:
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

    async def count(self, id: str, now: float) -> None:  # noqa: A002 - Konnect's word
        """Ask how many nodes of a control plane are connected. Konnect's refusal is an answer, too."""
        try:
            found = await self.client.nodes(self.region, id)
        except KonnectError:
            self.nodes[id] = None
        else:
            self.nodes[id] = connected(found, now), len(found)

    async def learn_membership(self, id: str) -> None:  # noqa: A002 - Konnect's word
        """Ask whether a control plane is a member of a group, once. Raises KonnectError."""
        if id not in self.members:
            self.members[id] = await self.client.is_member(self.region, id)
