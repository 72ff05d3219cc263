"""The wizard as a newcomer meets it: the first page, and the last one with a practice node that came in."""

import asyncio
from collections.abc import Callable

from practised import free_ports
from textual.pilot import Pilot

from konnect_tui.flow.step import write
from konnect_tui.services import Services
from konnect_tui.ui.app import KonnectApp

Shoot = Callable[[KonnectApp, str], None]
_PATIENCE = 20.0
_LOOK = 0.05
_REDRAWN = 0.4


async def walk(services: Services, size: tuple[int, int], shoot: Shoot) -> None:
    """From Start to the node in sync. Ports and addresses differ from run to run, so no page with one is taken."""
    app = KonnectApp(services)
    async with app.run_test(size=size) as pilot:
        await _until(pilot, lambda: "Set up a first node" in _seen(app))
        shoot(app, "start-newcomer")
        for seen in (
            "control plane exists in one region",
            "first-steps",
            "decides how Konnect knows",
            "on this machine",
        ):
            await pilot.press("enter")
            await _until(pilot, lambda seen=seen: seen in _seen(app))
        for name, port in zip(("http_port", "https_port", "status_port"), free_ports(3), strict=True):
            app.change(write(app.draft, f"node.{name}", port))
        await pilot.press("f9")
        await _until(pilot, lambda: "Enter Create" in _seen(app))
        await pilot.press("enter")
        await _until(pilot, lambda: "Press p" in _seen(app))
        await pilot.press("p")
        await _until(pilot, lambda: "1 of 1 connected and in sync" in _seen(app))
        await pilot.pause(_REDRAWN)
        shoot(app, "create-training")


def _seen(app: KonnectApp) -> str:
    """What is on the screen, as one line."""
    strips = app.screen._compositor.render_strips()  # noqa: SLF001 - what is seen is known nowhere else
    return " ".join("".join(segment.text for strip in strips for segment in strip).split())


async def _until(pilot: Pilot[int], there: Callable[[], bool]) -> None:
    async with asyncio.timeout(_PATIENCE):
        while not there():
            await pilot.pause(_LOOK)
