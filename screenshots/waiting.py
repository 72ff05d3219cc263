"""Until a page is drawn: nobody tells, so it is looked at until it stays the same."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from konnect_tui.ui.app import KonnectApp

BEFORE_A_PICTURE = 8
"""So many looks in a row have to find the same."""
_LOOK = 0.03
"""Seconds between two looks."""
_PATIENCE = 20.0
_WORK = (
    "propose",
    "create",
    "chain",
    "list",
    "look",
    "tokens",
    "probe",
    "regions",
    "planes",
    "nodes",
    "check",
    "konnect",
)
"""The groups of workers whose end changes what is seen."""


def seen(app: KonnectApp) -> str:
    """What is on the screen, as one line."""
    strips = app.screen._compositor.render_strips()  # noqa: SLF001 - what is seen is known nowhere else
    return " ".join("".join(segment.text for strip in strips for segment in strip).split())


async def quiet(app: KonnectApp, pilot: Pilot[int], looks: int = 2) -> None:
    """Wait until nothing works and so many looks find the same."""
    last, same = "", 0
    while same < looks:
        await pilot.pause(_LOOK)
        await _work(app)
        now = seen(app)
        last, same = now, same + 1 if now == last else 0


async def until(pilot: Pilot[int], there: Callable[[], bool]) -> None:
    """Wait until it is there."""
    async with asyncio.timeout(_PATIENCE):
        while not there():
            await pilot.pause(_LOOK)


async def _work(app: KonnectApp) -> None:
    while busy := [worker for worker in app.workers if worker.group in _WORK and not worker.is_finished]:
        with suppress(WorkerCancelled):  # a newer one took its place
            await app.workers.wait_for_complete(busy)
