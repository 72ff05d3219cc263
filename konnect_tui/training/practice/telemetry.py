"""A node's second connection, for what it measures. A practice node measures nothing: it only keeps it open.

Sources: Kong Gateway's `kong/clustering/telemetry_dispatcher.lua` (words). What is sent is not published.
"""

import asyncio

from konnect_tui.training.practice.broken import Broken
from konnect_tui.training.practice.dialling import Dialler
from konnect_tui.training.practice.log import Log
from konnect_tui.training.practice.outlet import query
from konnect_tui.training.practice.pace import Pace
from konnect_tui.training.practice.reached import Reached
from konnect_tui.training.practice.settings import Settings
from konnect_tui.training.practice.websocket import Socket, connected

_WHERE = "telemetry_dispatcher.lua:95"


class Telemetry:
    """Connects, and connects again, for as long as it runs."""

    def __init__(
        self, settings: Settings, node_id: str, dialler: Dialler, reached: Reached, log: Log, pace: Pace
    ) -> None:
        self._peer = settings.telemetry
        self._target = f"{self._peer.path}/v1/analytics/reqlog{query(settings, node_id)}"
        self._most = settings.max_payload
        self._dialler = dialler
        self._reached = reached
        self._log = log
        self._pace = pace
        self._number = 0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._number = self._log.next_number()
            try:
                async with connected(
                    self._dialler, self._peer, self._target, patience=self._pace.step, most=self._most
                ) as socket:
                    self._tell("connected")
                    self._reached.note(telemetry=True, telemetry_error="")
                    await self._stay(socket)
            except Broken as fault:
                self._reached.note(telemetry_error=fault.words)
            finally:
                if self._reached.telemetry:
                    self._tell("disconnected")
                self._reached.note(telemetry=False)
            await asyncio.sleep(self._pace.delay())

    async def _stay(self, socket: Socket) -> None:
        while True:
            await socket.ping(b"")
            try:
                async with asyncio.timeout(self._pace.ping):
                    while (await socket.receive()).kind != "close":
                        pass
                return
            except TimeoutError:
                continue

    def _tell(self, what: str) -> None:
        uri = f"wss://{self._peer.address}{self._target[len(self._peer.path) :]}"
        words = f"[analytics] worker id: 0. analytics websocket is {what}: {uri}"
        self._log.lua(self._number, "info", _WHERE, words, "context: ngx.timer")
