"""Practice nodes on the last page, in training: they run in the wizard, from the bundle's own files."""

import asyncio
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from textual.content import Content

from konnect_tui.errors import KonnectError
from konnect_tui.ui.theme import COLOURS, DONE, SIGNS, TODO
from konnect_tui.words import printable, wrap

if TYPE_CHECKING:
    from konnect_tui.converge import Result
    from konnect_tui.services import Services
    from konnect_tui.training.practice.node import PracticeNode

_MOST = 4


class Practising:
    """The practice nodes of one bundle. `heard` is called when there is more to show."""

    def __init__(self, services: "Services", result: "Result", heard: Callable[[], None]) -> None:
        self._services = services
        self._result = result
        self._heard = heard
        self._stop = asyncio.Event()
        self.running = False
        self.nodes: tuple[PracticeNode, ...] = ()
        self.fault: KonnectError | None = None

    async def run(self) -> None:
        """Run all nodes until `stop`, or until the page is left."""
        from konnect_tui.training.practice.fleet import Fleet
        from konnect_tui.training.practice.given import given

        plan = self._result.plan
        self._stop, self.fault = asyncio.Event(), None
        try:
            told = [
                given(self._result.bundle, node.name, version=plan.version, environ=self._services.environ)
                for node in plan.nodes
            ]
        except KonnectError as fault:
            self.fault = fault
            self._heard()
            return
        fleet = Fleet(told, lambda name, line: self._heard())
        self.nodes, self.running = fleet.nodes, True
        self._heard()
        try:
            await fleet.run(self._stop)
        finally:
            self.running = False
            self._heard()

    def stop(self) -> None:
        """Let them end."""
        self._stop.set()

    def lines(self, width: int) -> Iterator[Content]:
        """How they fare; first those that would not start, with the reason in Kong's own words."""
        if self.fault:
            yield from _worded(f"{SIGNS['error']} {self.fault.message} {self.fault.hint}", COLOURS["error"], width)
            return
        if not self.nodes:
            return
        serving = sum(node.reached.serving for node in self.nodes)
        count = "1 practice node runs" if serving == 1 else f"{serving:,} practice nodes run"
        if self.running:
            yield Content.assemble((f"{DONE} ", "$success"), (f"{count} here, in place of Kong", "bold"))
        else:
            yield Content.styled(f"{TODO} The practice nodes have stopped.", "$muted")
        for node in [each for each in self.nodes if each.reached.refused][:_MOST]:
            yield from _worded(f"{SIGNS['error']} {node.name}: {node.reached.refused}", COLOURS["error"], width)
        for node in [each for each in self.nodes if self.running and each.reached.error][:_MOST]:
            yield from _worded(f"  {node.name} says: {node.reached.error}", "$muted", width)


def _worded(said: str, style: str, width: int) -> Iterator[Content]:
    return (Content.styled(line, style) for line in wrap(printable(said), width))
