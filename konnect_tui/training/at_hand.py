"""The embedded organisation for a command: the server that runs, else one in a thread of this process."""

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Final

from msgspec.structs import replace

from konnect_tui.draft import Draft
from konnect_tui.errors import KonnectError
from konnect_tui.training import running
from konnect_tui.training.addresses import Wanted
from konnect_tui.training.organisation import Clock
from konnect_tui.training.running import Running
from konnect_tui.training.server import serving

_PATIENCE: Final = 30.0
"""Seconds to wait for another command that has the state to itself."""

_BETWEEN: Final = 0.1
_LOOK: Final = 0.5
"""Seconds between two looks whether the server of somebody else still runs."""


_PASSING: Final = Wanted(passing=True)


@contextmanager
def at_hand(folder: str, now: Clock, wanted: Wanted = _PASSING) -> Iterator[Running]:
    """The server that holds the state in `folder`. Where none does, one runs as `wanted` as long as the context is
    open: then its `pid` is this process. While another command has one of its own, this one waits.

    Raises KonnectError as `serving`.
    """
    end = time.monotonic() + _PATIENCE
    while True:
        found = running.find(folder)
        if found is not None:
            yield found
            return
        thread = _Thread(folder, now, wanted)
        thread.start()
        try:
            about = thread.ready.result()
        except KonnectError as fault:
            thread.join()
            if fault.code != "training-running" or time.monotonic() > end:
                raise
            time.sleep(_BETWEEN)
            continue
        try:
            yield about
            return
        finally:
            thread.end()


@contextmanager
def staying(folder: str, now: Clock, *, listener: int | None = None) -> Iterator[Running]:
    """The same, and others find it. Where the server that ran ends meanwhile, one takes its place here.

    `listener` is a port that nodes shall connect to from now on, in place of the one that was kept; 0 is any.

    Address and token are the state's and stay. Raises KonnectError as `at_hand`.
    """
    over, first = threading.Event(), Future[Running]()

    def stay() -> None:
        while not over.is_set():
            try:
                with at_hand(folder, now, Wanted() if first.done() else Wanted(listener=listener)) as found:
                    if not first.done():
                        first.set_result(found)
                    while not over.wait(_LOOK) and running.find(folder) == found:
                        pass
            except KonnectError as fault:
                if not first.done():
                    first.set_exception(fault)
                    return
                over.wait(_LOOK)

    thread = threading.Thread(target=stay, name="training organisation, kept", daemon=True)
    thread.start()
    try:
        yield first.result()
    finally:
        over.set()
        thread.join(_PATIENCE)


def again(folder: str) -> Running:
    """The server that runs now, for whoever has opened `staying`: after one was killed it takes a moment.

    Raises KonnectError `training-ended`.
    """
    end = time.monotonic() + _PATIENCE
    while (found := running.find(folder)) is None:
        if time.monotonic() > end:
            raise KonnectError("training-ended", f"The training organisation in {folder} runs no more.")
        time.sleep(_BETWEEN)
    return found


def trusting(draft: Draft, running: Running) -> Draft:
    """The draft with the CA of the organisation's control planes, unless it names another."""
    section = draft.control_plane
    if section.trusted_ca is not None:
        return draft
    return replace(draft, control_plane=replace(section, trusted_ca=running.ca))


class _Thread(threading.Thread):
    """A server in its own loop, so that the command stays sync and no handshake holds it up."""

    def __init__(self, folder: str, now: Clock, wanted: Wanted) -> None:
        super().__init__(name="training organisation", daemon=True)
        self.ready: Future[Running] = Future()
        self._folder = folder
        self._now = now
        self._wanted = wanted
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()

    def run(self) -> None:
        """Serve until `end`, or end at once with why it can't."""
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            try:
                runner.run(self._serve())
            except Exception as fault:  # noqa: BLE001 - it is raised where it is waited for
                if not self.ready.done():
                    self.ready.set_exception(fault)

    def end(self) -> None:
        """Stop serving, and wait until all is closed."""
        self._loop.call_soon_threadsafe(self._over.set)
        self.join()

    async def _serve(self) -> None:
        async with serving(self._folder, self._wanted, self._now) as about:
            self.ready.set_result(about)
            await self._over.wait()
