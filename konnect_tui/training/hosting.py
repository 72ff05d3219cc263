"""The organisation for whoever needs one now: the server that runs already, else one in a thread of this process.

A thread with a loop of its own: a command asks Konnect in several phases, and the wizard's loop has keys to answer.
"""

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Final

from konnect_tui.errors import KonnectError
from konnect_tui.training import running
from konnect_tui.training.organisation import Clock
from konnect_tui.training.running import Running

_STARTING: Final = 10.0
"""Seconds that a server which another process has just begun to start is waited for."""
_ENDING: Final = 10.0
_AGAIN: Final = 0.05


class Hosting:
    """The organisation on the state in `folder`, for as long as it is needed here. `own`: it runs in this process."""

    def __init__(self, folder: str, now: Clock) -> None:
        self._folder = folder
        self._now = now
        self._thread: threading.Thread | None = None
        self._ready: Future[Running] = Future()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()

    @property
    def own(self) -> bool:
        """Whether it was started here, and ends here."""
        return self._thread is not None

    def begin(self) -> Running:
        """Where it is, once it can be asked. Raises KonnectError as `serving`; blocks until then."""
        deadline = time.monotonic() + _STARTING
        while True:
            found = running.find(self._folder)
            if found is not None:
                return found
            try:
                return self._start()
            except KonnectError as fault:
                if fault.code != "training-running" or time.monotonic() > deadline:
                    raise
            time.sleep(_AGAIN)

    def _start(self) -> Running:
        self._ready = Future()
        self._thread = threading.Thread(target=self._run, name="training", daemon=True)
        self._thread.start()
        try:
            return self._ready.result()
        except Exception:
            self._thread.join(_ENDING)
            self._thread = None
            raise

    def _run(self) -> None:
        try:
            with asyncio.Runner() as runner:
                self._loop = runner.get_loop()
                runner.run(self._serve())
        except BaseException as fault:  # whoever waits for it is told; there is nobody else
            if self._ready.done():
                raise
            self._ready.set_exception(fault)

    async def _serve(self) -> None:
        from konnect_tui.training.server import Wanted, serving  # brings aiohttp's server: not where one runs already

        async with serving(self._folder, Wanted(), self._now) as about:
            self._ready.set_result(about)
            await self._stop.wait()

    def end(self) -> None:
        """End the one that was started here; nothing is lost. One that ran before goes on."""
        if self._thread is None:
            return
        try:
            self._ready.exception(_STARTING)
        except TimeoutError:
            return  # it hangs, and goes with the process
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(_ENDING)
        self._thread = None


@contextmanager
def hosted(folder: str, now: Clock) -> Iterator[Running]:
    """The organisation, running, as long as the context is open. Raises KonnectError as `Hosting.begin`."""
    hosting = Hosting(folder, now)
    try:
        yield hosting.begin()
    finally:
        hosting.end()
