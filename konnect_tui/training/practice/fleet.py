"""Practice nodes side by side in one process."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from konnect_tui.training.practice.given import Given
from konnect_tui.training.practice.node import PracticeNode
from konnect_tui.training.practice.pace import KONG, Pace

_LAST_LINES: Final = 20

Said = Callable[[str, str], None]
"""Gets the name of a node and a line of its log."""


class Report(Struct, frozen=True):
    """How far a node has come. `code` and `refused` say why it did not start; both are empty where it did.

    `log` are the last lines of its log.
    """

    name: str
    platform: str
    files: tuple[str, ...]
    connected: bool
    telemetry: bool
    hash: str
    stale: bool
    error: str
    refused: str
    code: str
    log: tuple[str, ...]


class Fleet:
    """Nodes that run together. `said` gets every line of every log."""

    def __init__(self, nodes: Sequence[Given], said: Said, pace: Pace = KONG) -> None:
        self.nodes = tuple(PracticeNode(each, heard=_heard(said, each.node), pace=pace) for each in nodes)

    async def run(self, stop: asyncio.Event) -> tuple[Report, ...]:
        """Run all until `stop` is set, or until none is left that has started. What each reached by then.

        Nothing of them runs any more and no port is open when this returns.
        """
        running, ending = asyncio.create_task(self._all()), asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([ending, running], return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()  # a fault of ours in any of them is one of all
            return tuple(map(_report, self.nodes))
        finally:
            ending.cancel()
            running.cancel()
            await asyncio.gather(ending, running, return_exceptions=True)

    async def _all(self) -> None:
        # A group ends with the last of its tasks, where a cancelled gather() ends with the first.
        async with asyncio.TaskGroup() as group:
            for node in self.nodes:
                group.create_task(node.run())


def _heard(said: Said, name: str) -> Callable[[str], None]:
    return lambda line: said(name, line)


def _report(node: PracticeNode) -> Report:
    reached = node.reached
    return Report(
        name=node.name,
        platform=node.given.platform,
        files=node.given.files,
        connected=reached.connected,
        telemetry=reached.telemetry,
        hash=reached.hash,
        stale=reached.stale,
        error=reached.error,
        refused=reached.refused,
        code=reached.code,
        log=tuple(node.log.lines)[-_LAST_LINES:],
    )
