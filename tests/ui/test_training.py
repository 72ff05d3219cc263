"""The wizard in training: an organisation behind the first frame, no account, and a node that comes in."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from ui_hand import Hand

from fake_konnect import FakeKonnect
from konnect_tui.services import Services
from konnect_tui.ui.app import KonnectApp

MARKED = "kpat_" + "MARKEDrealTOKEN" * 3
Play = Callable[..., KonnectApp]


def free_ports(count: int) -> list[int]:
    """Ports that nobody has."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [each.getsockname()[1] for each in held]
    finally:
        for each in held:
            each.close()


@pytest.fixture
def careless(tmp_path: Path, konnect: FakeKonnect) -> Services:
    """The real clock, and a shell that has a real token, address and proxy set: none of them may be used."""

    def no_keyring() -> None:
        raise AssertionError("the keyring was asked")

    environ = {"KONNECT_TOKEN": MARKED, "KONNECT_API_URL": konnect.url, "HTTPS_PROXY": konnect.url}
    return Services(
        str(tmp_path / "dp"),
        environ=environ,
        state=str(tmp_path / "state"),
        config=str(tmp_path / "config"),
        data=str(tmp_path / "data"),
        keyring=no_keyring,
    )


@pytest.fixture
def train(careless: Services, konnect: FakeKonnect) -> Play:
    """Plays a story in the wizard of `--training`; the real Konnect is never asked."""

    def run(story, *, size: tuple[int, int] = (80, 24), **more) -> KonnectApp:
        async def whole() -> KonnectApp:
            app = KonnectApp(more.get("services", careless), training=more.get("training", True))
            async with app.run_test(size=size) as pilot:
                hand = Hand(app, pilot)
                await hand.settle()
                await story(hand)
            return app

        app = asyncio.run(whole())
        assert konnect.requests == []
        return app

    return run


def test_a_newcomer_gets_to_a_connected_node_by_enter_and_p(train: Play) -> None:
    """Enter from page to page, then p: a bundle, its certificate given, and a practice node connected and in sync."""

    async def story(hand: Hand) -> None:
        assert "TRAINING" in hand.seen().splitlines()[0]
        assert "Set up your first nodes" in hand.read()
        await hand.press("enter")
        await hand.until("Step 2 of 9")
        await hand.press("enter")
        await hand.until("first-steps")
        await hand.press("enter")
        await hand.until("Step 4 of 9")
        for page in (5, 6, 7, 8):
            assert "TRAINING" in hand.seen().splitlines()[0]
            await hand.press("enter")
            await hand.until(f"Step {page} of 9")
        await hand.until("Enter Create")
        await hand.press("enter")
        await hand.until("Konnect has the certificate")
        await hand.press("p")
        await hand.until("1 of 1 connected and in sync")

    train(story)
