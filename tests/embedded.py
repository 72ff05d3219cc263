"""The embedded organisation in a thread of its own, so that the product may ask it from this process or another."""

import asyncio
import threading
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import msgspec
from certificate_maker import Made

from konnect_tui.konnect.client import Client
from konnect_tui.konnect.hosts import hosts
from konnect_tui.konnect.models import ControlPlane, NewControlPlane, Node
from konnect_tui.secret import Secret
from konnect_tui.training.addresses import Ports, Wanted
from konnect_tui.training.record import Handshake, Record
from konnect_tui.training.server import serving
from konnect_tui.training.store import Store


class Embedded:
    """`with Embedded(folder) as organisation:` it runs, and `running` says where."""

    def __init__(self, folder: Path, wanted: Wanted | None = None) -> None:
        self.folder = folder
        self.wanted = msgspec.structs.replace(wanted or Wanted(), usual=Ports(0, 0))  # other tests run beside these
        self._loop = asyncio.new_event_loop()
        self._stack = AsyncExitStack()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self.running = self._wait(self._stack.enter_async_context(serving(str(self.folder), self.wanted, now)))
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._wait(self._stack.aclose())
        finally:
            self._stop()

    @property
    def rest_port(self) -> int:
        """Where the API is."""
        return int(self.running.api_url.split(":")[2].split("/")[0])

    @property
    def node_port(self) -> int:
        """Where nodes connect to."""
        return int(self.running.control_plane.rsplit(":", 1)[1])

    def client(self) -> Client:
        """The product's own client of it."""
        return Client(hosts(self.running.api_url), Secret(self.running.token.encode()), environ={})

    def create(self, name: str, mode: str) -> "EmbeddedPlane":
        """A new control plane in region eu."""
        kind: Any = "pki_client_certs" if mode == "pki" else "pinned_client_certs"

        async def creating() -> ControlPlane:
            async with self.client() as client:
                return await client.create("eu", NewControlPlane(name, kind))

        return EmbeddedPlane(self, asyncio.run(creating()))

    def _wait(self, coroutine):  # type: ignore[no-untyped-def]
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(20)

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


class EmbeddedPlane(NamedTuple):
    """A control plane of its, made for one test."""

    embedded: Embedded
    made: ControlPlane

    @property
    def prefix(self) -> str:
        """What its hosts and paths begin with."""
        return self.made.config.control_plane_endpoint.rpartition("/")[2]

    @property
    def address(self) -> str:
        """Where nodes connect to."""
        return self.embedded.running.control_plane

    @property
    def ca(self) -> str:
        """The file of the CA that signed its certificate."""
        return self.embedded.running.ca

    async def given(self, *certificates: Made) -> list[str]:
        """Upload these; their ids."""
        async with self.embedded.client() as client:
            return [(await client.pin("eu", self.made.id, each.pem.decode(), "")).id for each in certificates]

    def give(self, *certificates: Made) -> list[str]:
        """Upload these, where nothing else is going on; their ids."""
        return asyncio.run(self.given(*certificates))

    async def nodes(self) -> tuple[Node, ...]:
        """What the API tells of its nodes."""
        async with self.embedded.client() as client:
            return await client.nodes("eu", self.made.id)

    def record(self) -> tuple[Handshake, ...]:
        """The control plane's own record of handshakes."""
        store = Store(str(self.embedded.folder))
        try:
            return Record(store).since(now() - timedelta(days=1), self.made.id)
        finally:
            store.close()


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)
