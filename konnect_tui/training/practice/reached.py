"""What a node has reached so far, and a way to wait until it has reached more."""

import asyncio
from collections.abc import Callable

from konnect_tui.training.practice.configuration import NO_HASH


class Reached:
    """Read by whoever watches a node, changed by the node alone.

    `serving` says that it has started; `refused` is why it did not, and `code` what that is called in the register.
    `error` and `telemetry_error` are the last that the two connections broke with. `hash` is that of the
    configuration it serves, 32 zeros without any; `stale` says that it is one from before its start.
    """

    def __init__(self) -> None:
        self.serving = False
        self.connected = False
        self.telemetry = False
        self.hash = NO_HASH
        self.stale = False
        self.error = ""
        self.telemetry_error = ""
        self.attempts = 0
        self.refused = ""
        self.code = ""
        self._changed = asyncio.Event()

    def note(self, **changes: object) -> None:
        """Change these, and wake whoever waits."""
        for name, value in changes.items():
            if not hasattr(self, name):
                raise AttributeError(name)
            setattr(self, name, value)
        self._changed.set()
        self._changed = asyncio.Event()

    async def until(self, wanted: Callable[["Reached"], bool], seconds: float | None = None) -> None:
        """Wait until that holds, so many seconds at most. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while not wanted(self):
                await self._changed.wait()
