"""Leaving while the bundle is being made: it is stopped, or it is there, and what is said is what is true."""

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ui_hand import HOST, Hand

from konnect_tui import converge
from konnect_tui.draft import ControlPlane, Draft
from konnect_tui.services import Services
from konnect_tui.ui.app import KonnectApp

Play = Callable[..., KonnectApp]

ORDERS = Draft(
    control_plane=ControlPlane(
        source="manual", region="eu", name="orders", auth_mode="pinned", endpoint=f"https://{HOST}"
    )
)


class Slow:
    """A deed that waits, at a stage, until it is told to go on, or is stopped there."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, stage: str, *, done: bool) -> None:
        self.go_on = threading.Event()
        self.reached = threading.Event()
        self._stage = (stage, done)
        self._real = converge.carry_out
        monkeypatch.setattr(converge, "carry_out", self._carry_out)

    def _carry_out(self, services: Services, wish: Any, *, progress: Any) -> Any:
        def slow(stage: str, done: int, total: int) -> None:
            if (stage, done == total) == self._stage:
                self.reached.set()
                self.go_on.wait(10)
            progress(stage, done, total)

        return self._real(services, wish, progress=slow)


async def _to_create(hand: Hand, slow: Slow) -> None:
    await hand.app.screen_stack[0].go("review")
    await hand.settle()
    await hand.pilot.press("enter")
    for _ in range(1000):
        if slow.reached.is_set():
            return
        await hand.pilot.pause(0.01)
    raise TimeoutError(hand.seen())


@pytest.mark.parametrize("way", ["ctrl+q", "ctrl+c twice", "sigterm over a dialog"])
def test_leaving_while_it_is_made(play: Play, services: Services, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """However the wizard is left before the files are written: nothing is written, the draft is kept, 130."""
    slow = Slow(monkeypatch, "files", done=False)

    async def story(hand: Hand) -> None:
        await _to_create(hand, slow)
        if way == "ctrl+q":
            await hand.pilot.press("ctrl+q")
        else:
            await hand.pilot.press("ctrl+c")
        if way == "ctrl+c twice":
            await hand.pilot.press("ctrl+c")
        if way == "sigterm over a dialog":
            os.kill(os.getpid(), signal.SIGTERM)
        await hand.pilot.pause(0.1)
        slow.go_on.set()
        await hand.pilot.pause(0.3)

    app = play(story, start=ORDERS)
    assert app.return_code == 130
    assert "draft is kept" in app.farewell.text()
    assert not (Path(services.root) / "orders-eu").exists()
    assert services.drafts.latest() is not None


def test_too_late_to_stop(play: Play, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stop that comes when the bundle is already there is not called one: the bundle is told of, and 0."""
    slow = Slow(monkeypatch, "files", done=True)

    async def story(hand: Hand) -> None:
        await _to_create(hand, slow)
        await hand.pilot.press("ctrl+q")
        slow.go_on.set()
        await hand.pilot.pause(0.3)

    app = play(story, start=ORDERS)
    assert (Path(services.root) / "orders-eu").exists()
    assert app.return_code == 0
    assert str(Path(services.root) / "orders-eu") in app.farewell.text()
