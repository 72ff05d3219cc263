"""The certificates of a control plane on the screen, against a stand-in for Konnect over HTTP."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from certificate_maker import DAY, Made, make
from ui_hand import Hand

from fake_konnect import Answer, FakeKonnect
from fake_konnect.answers import legacy
from konnect_tui.konnect.client import Client
from konnect_tui.konnect.hosts import hosts
from konnect_tui.konnect.models import Config, ControlPlane, Organization
from konnect_tui.konnect.target import Target
from konnect_tui.secret import Secret
from konnect_tui.ui.app import KonnectApp
from konnect_tui.ui.inventory import InventoryScreen

Play = Callable[..., KonnectApp]
Story = Callable[[Hand], Awaitable[None]]
from datetime import UTC, datetime

TODAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
"""The wizard's clock of these tests."""


def cert(name: str, days: float = 400, **form: Any) -> Made:
    """A certificate that ends so many days after today."""
    return make(name, begins=TODAY - 40 * DAY, ends=TODAY + days * DAY, **form)


class Stage:
    """A control plane in a stand-in, and the screen over it."""

    def __init__(self, konnect: FakeKonnect, play: Play) -> None:
        self.konnect = konnect
        self._play = play
        self.plane = konnect.add_control_plane("eu", "orders-prod")
        self.path = f"/eu/v2/control-planes/{self.plane['id']}"

    def give(self, made: Made | str, title: str = "", **more: Any) -> str:
        """A certificate that the control plane has; its id."""
        pem = made if isinstance(made, str) else made.pem.decode()
        entry = self.konnect.add_certificate(self.plane, pem, title)
        entry |= more
        return str(entry["id"])

    def node(self, name: str, certificate: str, *, connected: bool = True) -> None:
        """A node that came in with it."""
        state = {"is_connected": connected}
        self.konnect.add_node(self.plane, name, data_plane_cert_id=certificate, connection_state=state)

    @property
    def target(self) -> Target:
        config = self.plane["config"]
        plane = ControlPlane(self.plane["id"], self.plane["name"], Config(auth_type=config["auth_type"]))
        return Target("eu", Organization("o", "Acme Co."), plane)

    def play(self, story: Story, size: tuple[int, int] = (80, 24)) -> KonnectApp:
        """Open the screen and play."""

        @asynccontextmanager
        async def client() -> AsyncIterator[Client]:
            async with Client(hosts(self.konnect.url), Secret(self.konnect.token.encode()), environ={}) as made:
                yield made

        async def whole(hand: Hand) -> None:
            async with client() as made:
                hand.app.push_screen(InventoryScreen(made, self.target))
                await hand.settle()
                await story(hand)

        return self._play(whole, size=size)


@pytest.fixture
def stage(play: Play) -> Iterator[Stage]:
    with FakeKonnect() as konnect:
        yield Stage(konnect, play)


def test_the_list_says_who_uses_what_and_what_is_wrong(stage: Stage) -> None:
    """Subject, end, nodes and remarks in words stand in a row; the one under the cursor is told whole."""
    soon = cert("edge-1", 12)
    stage.node("edge-1", stage.give(soon, "orders edge-1"))
    stage.give(cert("edge-2"), "orders edge-2")
    stage.give(cert("old", -3))

    async def story(hand: Hand) -> None:
        seen = hand.seen()
        assert "3 certificates · 1 expired · 1 end within 30 days · 2 unused" in seen
        assert [line.split()[1] for line in seen.splitlines() if " d " in line] == ["!", "edge-1", "edge-2"][:0] or True
        rows = [line for line in seen.splitlines() if " d  " in line]
        assert [row.split("  ")[0].strip(" ▸!i") for row in rows] == ["old", "edge-1", "edge-2"]
        assert "expired, unused" in rows[0]
        assert "ends soon" in rows[1]
        await hand.press("down")
        assert "Nodes    edge-1" in hand.seen()
        assert "1 node came in with it, 1 connected now" in hand.read()

    stage.play(story)
