"""The wizard as a newcomer meets it: the first page, the last one with a practice node that came in, a lesson."""

import re
from collections.abc import Callable
from unittest.mock import patch

from practised import free_ports

from konnect_tui.flow.step import write
from konnect_tui.services import Services
from konnect_tui.training.lessons import gateway_log
from konnect_tui.ui.app import KonnectApp
from screenshots.waiting import BEFORE_A_PICTURE, quiet, seen, until

Shoot = Callable[[KonnectApp, str], None]


async def walk(services: Services, size: tuple[int, int], shoot: Shoot) -> None:
    """From Start to the node in sync. Ports and addresses differ from run to run, so no page with one is taken."""
    app = KonnectApp(services)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: "Set up a first node" in seen(app))
        shoot(app, "start-newcomer")
        for words in (
            "control plane exists in one region",
            "first-steps",
            "decides how Konnect knows",
            "on this machine",
        ):
            await pilot.press("enter")
            await until(pilot, lambda words=words: words in seen(app))
        for name, port in zip(("http_port", "https_port", "status_port"), free_ports(3), strict=True):
            app.change(write(app.draft, f"node.{name}", port))
        await pilot.press("f9")
        await until(pilot, lambda: "Enter Create" in seen(app))
        await pilot.press("enter")
        await until(pilot, lambda: "Press p" in seen(app))
        await pilot.press("p")
        await until(pilot, lambda: "1 of 1 connected and in sync" in seen(app))
        await quiet(app, pilot, BEFORE_A_PICTURE)
        shoot(app, "create-training")


async def learn(services: Services, size: tuple[int, int], shoot: Shoot) -> None:
    """Lesson 6 from the list to its debrief. Of what the gateway writes, only numbers are made the same each time."""
    with patch.object(gateway_log, "_line", _steady):
        app = KonnectApp(services, training=True)
        async with app.run_test(size=size) as pilot:
            await pilot.press("down", "down", "enter")
            await until(pilot, lambda: "lessons, 0 solved" in seen(app))
            await pilot.press(*["down"] * 5)
            shoot(app, "lessons")
            for keys, words, name in (
                (("enter",), "Enter Begin", ""),
                (("enter",), "A digit answers", ""),
                (("2", "1"), "Lock it in", "lesson-prediction"),
                (("enter",), "is locked", ""),
                (("enter",), "nothing else", "lesson-log"),
                (("enter", "enter"), "Without the lesson", ""),
                (("down", "down"), "konnect-tui upload", "lesson-repair"),
                (("enter",), "Done: Give", ""),
                (("down", "enter"), "Done: Start edge-1", ""),
                (("c",), "another disguise", "lesson-check"),
                (("d",), "The gateway wrote", "lesson-debrief"),
            ):
                await pilot.press(*keys)
                await until(pilot, lambda words=words: words in seen(app))
                if name:
                    await quiet(app, pilot, BEFORE_A_PICTURE)
                    shoot(app, name)


_WRITTEN = gateway_log._line  # noqa: SLF001 - what is varied there has to be the same on every picture
_STEADY = (
    (r"^\S+ \S+", "2026/11/23 12:00:00"),
    (r"\] \d+#0", "] 2417#0"),
    (r"127\.0\.0\.1:\d+/cp/\w+", "127.0.0.1:8791/cp/3f9c21ab07"),
    (r"node_id=[0-9a-f-]+", "node_id=5d0e6a52-8f1b-5c1e-9a77-20c4be9d3f10"),
    (r"retrying after \d+", "retrying after 7"),
)


def _steady(level: str, words: str) -> str:
    line = _WRITTEN(level, words)
    for varies, same in _STEADY:
        line = re.sub(varies, same, line)
    return line
