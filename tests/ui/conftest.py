"""The wizard driven as a person would: keys in, the text of the screen out."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fake_konnect import FakeKonnect
from konnect_tui.services import Reach, Services
from konnect_tui.ui.app import KonnectApp

sys.path.insert(0, str(Path(__file__).parent))  # the tests have no packages, and all of them need the same hand
from ui_hand import Hand

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


Story = Callable[[Hand], Awaitable[None]]


@pytest.fixture
def services(tmp_path: Path) -> Services:
    """A workspace and drafts of the test's own, and a clock that stands. Somebody has logged in before: no newcomer."""
    (tmp_path / "config" / "profiles").mkdir(parents=True, exist_ok=True)
    return Services(
        str(tmp_path / "konnect-dp"),
        environ={},
        now=lambda: NOW,
        state=str(tmp_path / "drafts"),
        config=str(tmp_path / "config"),
    )


@pytest.fixture
def konnect() -> Iterator[FakeKonnect]:
    """An organisation in Konnect, with nothing in it."""
    with FakeKonnect() as running:
        yield running


@pytest.fixture
def live(tmp_path: Path, konnect: FakeKonnect) -> Services:
    """As `services`, with a token for that organisation in the environment, and no keyring."""
    return Services(
        str(tmp_path / "konnect-dp"),
        environ={"KONNECT_TOKEN": konnect.token},
        now=lambda: NOW,
        state=str(tmp_path / "drafts"),
        config=str(tmp_path / "config"),
        reach=Reach(konnect.url),
    )


@pytest.fixture
def play(services: Services) -> Callable[..., KonnectApp]:
    """Play a story in the wizard; gives the app when it has ended."""

    def run(story: Story, *, size: tuple[int, int] = (80, 24), **more: Any) -> KonnectApp:
        return _played(KonnectApp(more.get("services", services), more.get("start")), story, size)

    return run


@pytest.fixture
def learn(tmp_path: Path) -> Callable[..., KonnectApp]:
    """Plays a story in the wizard of `--training`, in a world where nobody has been before."""

    def run(story: Story, *, size: tuple[int, int] = (80, 24), **environ: str) -> KonnectApp:
        folders = {name: str(tmp_path / name) for name in ("state", "config", "data")}
        services = Services(str(tmp_path / "dp"), environ=environ, **folders)
        return _played(KonnectApp(services, training=True), story, size)

    return run


def _played(app: KonnectApp, story: Story, size: tuple[int, int]) -> KonnectApp:
    async def whole() -> None:
        async with app.run_test(size=size) as pilot:
            hand = Hand(app, pilot)
            await hand.settle()
            await story(hand)

    asyncio.run(whole())
    return app
