"""A connection to Konnect for as long as the wizard runs: whose it is, and what it has told so far."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from konnect_tui.konnect.regions import REGIONS, Region

if TYPE_CHECKING:
    from konnect_tui.konnect.client import Client
    from konnect_tui.konnect.models import Organization
    from konnect_tui.konnect.transport import Waiting
    from konnect_tui.secret import Secret
    from konnect_tui.services import Services


class Session:
    """An open client and the organisation its token belongs to. The app closes it.

    `origin` says in words where the token came from. `regions` is this release's table until Konnect's own list
    is there. `faults` says of a region, by its code, why it could not be listed when that was last tried.
    """

    def __init__(self, client: "Client", organization: "Organization", origin: str) -> None:
        self.client = client
        self.organization = organization
        self.origin = origin
        self.regions: tuple[Region, ...] = REGIONS
        self.faults: dict[str, str] = {}
        self._open = AsyncExitStack()

    @property
    def elsewhere(self) -> str:
        """Which API this is, where it is not Konnect's own; else empty."""
        hosts = self.client.hosts
        return "" if hosts.live else hosts.domain

    def others(self, region: str) -> Mapping[str, Region]:
        """All regions but this one, by code."""
        return {each.code: each for each in self.regions if each.code != region}

    async def close(self) -> None:
        """Let go of all connections."""
        await self._open.aclose()

    def on_close(self, held: AsyncExitStack) -> None:
        """What has to be closed then."""
        self._open = held


async def begin(services: "Services", token: "Secret", origin: str, waiting: "Waiting") -> Session:
    """Connect, and ask whose token it is. `waiting` hears why a request is tried again.

    Raises KonnectError, as the client does; nothing stays open then, nor when this is cancelled.
    """
    from konnect_tui.konnect.transport import load

    await asyncio.to_thread(load)
    async with AsyncExitStack() as held:
        client = await held.enter_async_context(services.konnect(token, waiting))
        session = Session(client, await client.organization(), origin)
        session.on_close(held.pop_all())
    return session
