"""Let somebody connect to a control plane once, as a gateway does: TLS, introduction, configuration, its hash, goodbye.

For a node that stays there is the practice node; it is made of the same parts.
"""

import json
import uuid
from typing import Final

import msgspec

from konnect_tui.bundle import SECRET_MODE
from konnect_tui.training.lessons import gateway_log
from konnect_tui.training.lessons.destination import destination
from konnect_tui.training.lessons.making import empty_folder, write
from konnect_tui.training.lessons.organisation import Party, Placed
from konnect_tui.training.lessons.stage import CERTIFICATE, KEY
from konnect_tui.training.practice.broken import Broken
from konnect_tui.training.practice.configuration import understood, usable
from konnect_tui.training.practice.dialling import Dialler
from konnect_tui.training.practice.pace import KONG
from konnect_tui.training.practice.presenting import Presenting
from konnect_tui.training.practice.refusals import WouldNotStart
from konnect_tui.training.practice.settings import Peer
from konnect_tui.training.practice.websocket import Socket, connected

_NODES: Final = uuid.UUID("0f3a1c5e-8a8b-4b8e-9d0c-6f0f5b6f4f11")
_PEER: Final = "peer.json"
_LARGEST: Final = 1024 * 1024
"""Bytes that are read of a certificate's or a key's file."""

_MOST: Final = 16 * 1024 * 1024
"""Bytes of a configuration: Kong's default for `cluster_max_payload`."""


class Connecting:
    """Everybody who connects in lessons. What somebody read at its start is kept in its own folder until the next."""

    async def start(self, party: Party, placed: Placed) -> tuple[str, ...]:
        """Read the files, and connect with them. Raises KonnectError as `destination`."""
        empty_folder(party.memory)
        try:
            for name in (CERTIFICATE, KEY):
                write(f"{party.memory}/{name}", _content(f"{party.folder}/{name}"), SECRET_MODE)
        except OSError:
            return (gateway_log.not_started(party.name),)
        try:
            peer = destination(party, placed)
        except WouldNotStart as fault:
            return (gateway_log.would_not_start(fault.reason),)
        write(f"{party.memory}/{_PEER}", msgspec.json.encode(peer), SECRET_MODE)
        return await self.reconnect(party, placed)

    async def reconnect(self, party: Party, placed: Placed) -> tuple[str, ...]:
        """Connect with what was read at the start."""
        try:
            peer = msgspec.json.decode(_content(f"{party.memory}/{_PEER}"), type=Peer)
        except (OSError, msgspec.DecodeError):
            return (gateway_log.not_started(party.name),)
        node_id = str(uuid.uuid5(_NODES, f"{placed.id}/{party.name}"))
        try:
            files = (f"{party.memory}/{CERTIFICATE}", f"{party.memory}/{KEY}")
            presenting = Presenting(*files, (placed.ca,))
            if presenting.fault:
                return (gateway_log.not_started(party.name),)
            dialler = Dialler(presenting, patience=KONG.step, handshake=gateway_log.HANDSHAKE)
            target = f"{peer.path}/v1/outlet{gateway_log.query(node_id, party.name)}"
            async with connected(dialler, peer, target, patience=KONG.step, most=_MOST) as socket:
                config_hash = await _converse(socket, party)
        except WouldNotStart:
            return (gateway_log.not_started(party.name),)
        except Broken as fault:
            return (gateway_log.broken(peer.address, node_id, party.name, fault.words),)
        return (gateway_log.accepted(config_hash, peer.address),)


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(_LARGEST)


async def _converse(socket: Socket, party: Party) -> str:
    """Say who it is, take the configuration, tell its hash, and leave. Raises Broken."""
    info = {"type": "basic_info", "plugins": [], "process_conf": {}, "filters": {}, "labels": {"node": party.name}}
    await socket.send(json.dumps(info).encode())
    offered = None
    while offered is None:
        message = await socket.receive()
        if message.kind == "close":
            raise Broken("connection to control plane closed")
        offered = understood(message.data) if message.kind == "binary" else None
    config_hash = usable(offered).config_hash
    await socket.ping(config_hash.encode())
    await socket.receive()
    await socket.close()
    return config_hash
