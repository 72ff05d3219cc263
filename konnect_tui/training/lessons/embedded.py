"""The embedded organisation as lessons see it: written to by its API, looked at in its own record."""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from hashlib import sha256
from typing import Final

import msgspec

from konnect_tui import draft
from konnect_tui.konnect.address import parse
from konnect_tui.konnect.client import Client
from konnect_tui.konnect.hosts import Hosts, hosts
from konnect_tui.konnect.models import AUTH_TYPES, NewControlPlane
from konnect_tui.konnect.target import Target
from konnect_tui.konnect.training_hosts import server_name_of
from konnect_tui.konnect.transport import Transport, unheard
from konnect_tui.konnect.wire import Request
from konnect_tui.pki.pem import certificate_der
from konnect_tui.secret import Secret
from konnect_tui.training.held import Certificates
from konnect_tui.training.lessons.organisation import Placed, Shaken
from konnect_tui.training.lessons.progress import Recorded, kept
from konnect_tui.training.planes import Planes
from konnect_tui.training.record import Handshake, Record
from konnect_tui.training.running import Running, find
from konnect_tui.training.store import FILE, Store, unusable

_JUDGED: Final = ("accepted", "refused")


class EmbeddedOrganisation:
    """The one that runs on the state in `folder`."""

    def __init__(self, folder: str, running: Running) -> None:
        self._folder = folder
        self._running = running
        self._token = Secret(running.token.encode())

    async def create(self, region: str, name: str, auth_mode: str) -> Placed:
        """A new control plane, empty. One of that name is a lesson's, and is deleted first."""
        kind = AUTH_TYPES[auth_mode]
        async with self._client() as client:
            if (old := await client.named(region, name)) is not None:
                await self._delete(region, old.id)
            wanted = NewControlPlane(name, kind, "Belongs to a lesson.")  # type: ignore[arg-type]  # one of the two
            made = await client.create(region, wanted)
            target = Target(region, await client.organization(), made)
        endpoint, ca = made.config.control_plane_endpoint, self._running.ca
        section = draft.ControlPlane(
            source="training", region=region, name=name, auth_mode=auth_mode, id=made.id, trusted_ca=ca
        )
        named = server_name_of(parse(endpoint)) or ""
        return Placed(made.id, region, name, auth_mode, section, endpoint, named, ca, target)

    async def hold(self, placed: Placed, der: bytes, title: str) -> None:
        """Give it a certificate, unless it has it."""
        from konnect_tui.pki.pem import certificate_pem

        if der not in self.held(placed):
            async with self._client() as client:
                await client.pin(placed.region, placed.id, certificate_pem(der).decode(), title)

    async def release(self, placed: Placed, der: bytes) -> None:
        """Take a certificate from it: nodes that came in with it lose their connection."""
        wanted = sha256(der).hexdigest()
        async with self._client() as client:
            for each in await client.certificates(placed.region, placed.id):
                held = certificate_der(each.cert.encode())
                if held is not None and sha256(held).hexdigest() == wanted:
                    await client.unpin(placed.region, placed.id, each.id)

    def held(self, placed: Placed) -> tuple[bytes, ...]:
        """What it has, DER."""
        with self._store() as store:
            listed = Certificates(store).list(placed.id)
        return tuple(der for each in listed if (der := certificate_der(each.pem.encode())) is not None)

    def runs(self) -> bool:
        """Whether the very server still runs."""
        return self._running.pid == os.getpid() or find(self._folder) == self._running

    def has(self, placed: Placed) -> bool:
        """Whether it knows it by its id, as the next of that name is another one, and nodes connect where they did."""
        with self._store() as store:
            return (
                placed.endpoint.startswith(f"{self._running.control_plane}/")
                and Planes(store).by_id(placed.id) is not None
            )

    def last(self) -> int:
        """The number of the last handshake."""
        with self._store() as store:
            return Record(store).last()

    def handshakes(self, placed: Placed, after: int) -> tuple[Shaken, ...]:
        """Those for configuration that were judged after that one."""
        with self._store() as store:
            found = Record(store).after(after, placed.id)
        return tuple(
            _shaken(number, each) for number, each in found if each.link == "config" and each.verdict in _JUDGED
        )

    def acknowledged(self, placed: Placed) -> frozenset[str]:
        """The nodes that have reported the hash of its configuration."""
        with self._store() as store:
            plane = Planes(store).by_id(placed.id)
            statement = "SELECT hostname FROM node WHERE control_plane = ? AND config_hash = ?"
            rows = store.rows(statement, placed.id, plane.config_hash) if plane is not None else []
        return frozenset(row["hostname"] for row in rows)

    # --- its parts

    def _hosts(self) -> Hosts:
        return hosts(self._running.api_url)

    def _client(self) -> Client:
        return Client(self._hosts(), self._token, environ={})

    async def _delete(self, region: str, id: str) -> None:  # noqa: A002 - Konnect's word
        """Delete a control plane of a lesson. The product's own client can't, on purpose: nobody deletes a real one."""
        transport = Transport(self._token, environ={}, waiting=unheard)
        await transport.open()
        try:
            path, doing = f"/v2/control-planes/{id}", "delete the control plane of an earlier attempt"
            await transport.ask(Request("DELETE", self._hosts().base(region), path, doing))
        finally:
            await transport.close()

    def _store(self) -> AbstractContextManager[Store]:
        return _reading(self._folder)


@contextmanager
def _reading(folder: str) -> Iterator[Store]:
    """What the organisation remembers. Raises KonnectError `training-state`, whatever has become of the file."""
    store = Store(folder)
    try:
        yield store
    except (sqlite3.Error, msgspec.MsgspecError) as fault:
        raise unusable(store.path, str(fault)) from None
    finally:
        store.close()


def _shaken(number: int, each: Handshake) -> Shaken:
    return Shaken(number, each.at, each.chain, each.verdict == "accepted", each.cause, each.message, each.hint)


def recorded(folder: str, numbers: Iterable[int]) -> dict[int, Recorded]:
    """What the record of the organisation in that folder has of these handshakes, by number: it need not run."""
    if not os.path.exists(f"{folder}/{FILE}"):
        return {}
    with _reading(folder) as store:
        found = Record(store).numbered(numbers)
    return {number: Recorded(each.control_plane or "", kept(_shaken(number, each))) for number, each in found.items()}
