"""A node's connection to its control plane: Kong's hybrid mode, version 1.

Source: Kong/kong, `kong/clustering/data_plane.lua`.
"""

import asyncio
import json
from time import monotonic
from typing import Any

from konnect_tui.training.practice.broken import Broken
from konnect_tui.training.practice.configuration import NO_HASH, Refused, understood, usable
from konnect_tui.training.practice.dialling import Dialler
from konnect_tui.training.practice.introduction import basic_info
from konnect_tui.training.practice.log import Log
from konnect_tui.training.practice.pace import Pace
from konnect_tui.training.practice.prefix import Cached, Prefix
from konnect_tui.training.practice.reached import Reached
from konnect_tui.training.practice.settings import Peer, Settings
from konnect_tui.training.practice.websocket import Message, Socket, connected


def query(settings: Settings, node_id: str) -> str:
    """Who asks, as Kong puts it behind the path: nothing of it is escaped."""
    given = settings.given
    return f"?node_id={node_id}&node_hostname={given.hostname}&node_version={given.version}"


class Outlet:
    """Connects, and connects again, for as long as it runs."""

    def __init__(
        self, settings: Settings, node_id: str, dialler: Dialler, prefix: Prefix, reached: Reached, log: Log, pace: Pace
    ) -> None:
        self._settings = settings
        self._peer: Peer = settings.control_plane
        self._target = f"{self._peer.path}/v1/outlet{query(settings, node_id)}"
        self._dialler = dialler
        self._prefix = prefix
        self._reached = reached
        self._log = log
        self._pace = pace
        self._number = 0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            delay = self._pace.delay()
            await self._communicate(delay)
            await asyncio.sleep(delay)

    async def _communicate(self, delay: int) -> None:
        """One connection, from its first try to its end."""
        self._number = self._log.next_number()
        self._reached.note(attempts=self._reached.attempts + 1)
        opened = False
        most = self._settings.max_payload
        try:
            async with connected(
                self._dialler, self._peer, self._target, patience=self._pace.step, most=most
            ) as socket:
                opened = True
                await self._converse(socket)
        except Broken as fault:
            self._tell(fault, opened, delay)
        finally:
            self._reached.note(connected=False)

    def _tell(self, fault: Broken, opened: bool, delay: int) -> None:
        self._reached.note(error=fault.words)
        if not opened:
            uri = f"wss://{self._peer.address}{self._target[len(self._peer.path) :]}"
            words = f"connection to control plane {uri} broken: {fault.words} (retrying after {delay} seconds)"
            self._say("warn", words)
        elif fault.words.endswith(": closed"):
            self._say("info", "connection to control plane closed")
        else:
            self._say("error", fault.words)

    async def _converse(self, socket: Socket) -> None:
        """Introduction, then pings and whatever comes, until a close frame. Raises Broken."""
        await self._introduce(socket)
        self._reached.note(connected=True, error="")
        seen, due = monotonic(), monotonic()
        while True:
            if monotonic() >= due:
                due = monotonic() + self._pace.ping
                await self._ping(socket)
            message = await self._next(socket, min(due, seen + self._pace.silence))
            if message is None:
                if monotonic() - seen >= self._pace.silence:
                    seconds = f"{self._pace.silence:g}"
                    raise Broken(f"did not receive pong frame from control plane within {seconds} seconds")
                continue
            seen = monotonic()
            if message.kind == "close":
                self._say("debug", "received close frame from control plane")
                return
            if message.kind == "binary" and await self._take(socket, message.data):
                due = monotonic()

    async def _next(self, socket: Socket, deadline: float) -> Message | None:
        """The next message; None where none comes in time. Raises Broken."""
        try:
            async with asyncio.timeout(max(deadline - monotonic(), 0)):
                return await socket.receive()
        except TimeoutError:
            return None
        except Broken as fault:
            raise Broken(f"error while receiving frame from control plane: {fault.words}") from None

    async def _introduce(self, socket: Socket) -> None:
        try:
            await socket.send(basic_info(self._settings))
        except Broken as fault:
            raise Broken(f"unable to send basic information to control plane: {fault.words}") from None

    async def _ping(self, socket: Socket) -> None:
        """Tell the hash of what is served. That it could not be told is said; reading finds out what is wrong."""
        config_hash = self._reached.hash
        try:
            await socket.ping(config_hash.encode())
        except Broken as fault:
            self._say("warn", f"unable to send ping frame to control plane: {fault.words}")
        else:
            self._say("info", f"sent ping frame to control plane with hash: {config_hash}")

    async def _take(self, socket: Socket, data: bytes) -> bool:
        """Take what the control plane sends; whether a ping is due for it. Raises Broken."""
        offered = understood(data)
        if offered is None:
            return False
        self._say("debug", "received reconfigure frame from control plane")
        try:
            found = usable(offered)
        except Refused as refusal:
            self._say("error", f"unable to update running config: {refusal.words}")
            if self._settings.konnect_mode:
                await socket.send(_error(refusal.report))
            return False
        if found.config_hash == self._reached.hash != NO_HASH:
            self._say("debug", "same config received from control plane, no need to reload")
        else:
            self._keep(found)
        self._reached.note(hash=found.config_hash, stale=False)
        return True

    def _keep(self, found: Cached) -> None:
        try:
            self._prefix.keep(found)
        except OSError as fault:
            self._say("error", f"unable to open config cache file: {fault.strerror}")

    def _say(self, level: str, words: str) -> None:
        self._log.clustering(self._number, level, f"{words} [{self._peer.address}]")


def _error(report: Any) -> bytes:
    return json.dumps({"type": "error", "error": report}).encode()
