"""A person at the wizard: keys in, the text of the screen out."""

import time
from contextlib import suppress

from textual.events import Key, Paste
from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from konnect_tui.draft import Draft
from konnect_tui.ui.app import KonnectApp

WORK = ("propose", "create", "chain", "list", "look", "konnect", "planes", "check")
_NAMES = {" ": "space", ".": "full_stop", "\r": "enter", "\t": "tab"}

HOST = "7f3c0a9b21.eu.cp0.konghq.com"


class Hand:
    """One person at the wizard."""

    def __init__(self, app: KonnectApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def draft(self) -> Draft:
        return self.app.draft

    @property
    def step(self) -> str:
        return self.app.screen_stack[0].key

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    async def type(self, text: str) -> None:
        """At once, as a paste: typing key by key takes Pilot a tenth of a second each."""
        (self.app.focused or self.app.screen).post_message(Paste(text))
        await self.settle()

    async def burst(self, text: str, *keys: str) -> None:
        """Characters and then keys with no time between them, as a slow connection or a terminal's own paste."""
        typed = [Key(_NAMES.get(character, character), character) for character in text]
        for event in [*typed, *(Key(key, None) for key in keys)]:
            self.app.post_message(event)
        await self.settle()

    async def settle(self) -> None:
        """Until what was begun is done. Workers that wait for an answer are no work."""
        await self.pilot.pause()
        while busy := [worker for worker in self.app.workers if worker.group in WORK and not worker.is_finished]:
            with suppress(WorkerCancelled):  # a newer one took its place
                await self.app.workers.wait_for_complete(busy)
            await self.pilot.pause()
        await self.pilot.pause()

    async def until(self, text: str, *, seconds: float = 15) -> None:
        """Until this is read: for what comes over a network."""
        end = time.monotonic() + seconds
        while text not in self.read():
            if time.monotonic() > end:
                raise TimeoutError(f"{text!r} never came; this did:\n{self.seen()}")
            await self.pilot.pause(0.02)

    def seen(self) -> str:
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)

    def read(self) -> str:
        """What is seen, as one line: for sentences that are wrapped."""
        return " ".join(self.seen().split())

    async def to_planes(self, region: str = "eu") -> None:
        """In Konnect, with the token of the environment, to the list of a region that has something."""
        await self.press("enter")
        await self.until("Step 2 of 9")
        await self.press(*["down"] * (1 + ("au", "eu", "in", "me", "sg", "us").index(region)), "enter")
        await self.until("› type to filter")

    async def to_control_plane(self) -> None:
        await self.press("enter", "down", "down", "enter")

    async def to_source(self, turns: int, *, pki: bool = False) -> None:
        """On Certificates, with another source: 1 issue, 2 import, 3 csr."""
        await self.to_authentication()
        await self.press(*(["down"] if pki else []), "enter", *["right"] * turns)

    async def to_authentication(self, name: str = "orders") -> None:
        await self.to_control_plane()
        await self.type(HOST)
        await self.press("tab")
        await self.type(name)
        await self.press("enter")
