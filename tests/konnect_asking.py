"""How a test asks Konnect something: a client of its own, and a clock on which nobody has to wait."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from fake_konnect import FakeKonnect
from konnect_tui.errors import KonnectError
from konnect_tui.konnect.client import Client
from konnect_tui.konnect.clock import Clock
from konnect_tui.konnect.hosts import hosts
from konnect_tui.konnect.wire import Limits
from konnect_tui.secret import Secret

T = TypeVar("T")
Question = Callable[[Client], Awaitable[T]]


class QuickClock(Clock):
    """A clock that jumps instead of waiting. `waits` is what was to be waited for, `told` what was said about it."""

    def __init__(self, ahead: timedelta = timedelta()) -> None:
        self.ahead = ahead
        self.waits: list[float] = []
        self.told: list[tuple[str, float]] = []

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead + timedelta(seconds=sum(self.waits))

    def passed(self) -> float:
        return sum(self.waits)

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    def chance(self) -> float:
        return 0.5

    def hear(self, why: str, seconds: float) -> None:
        self.told.append((why, seconds))


def ask(
    konnect: FakeKonnect | str,
    question: Question[T],
    *,
    clock: QuickClock | None = None,
    environ: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    token: str | None = None,
) -> T:
    """Let a client ask the stand-in, or whatever listens at an address, something."""
    url = konnect if isinstance(konnect, str) else konnect.url
    secret = token or ("some-token" if isinstance(konnect, str) else konnect.token)
    quick = clock or QuickClock()

    async def asking() -> T:
        client = Client(
            hosts(url), Secret(secret.encode()), environ=environ or {}, waiting=quick.hear, clock=quick, limits=limits
        )
        async with client:
            return await question(client)

    return asyncio.run(asking())


def refused(konnect: FakeKonnect | str, question: Question[object], **more: object) -> KonnectError:
    """The error that a question ends with."""
    try:
        found = ask(konnect, question, **more)  # type: ignore[arg-type]
    except KonnectError as fault:
        return fault
    raise AssertionError(f"no error, but {found!r}")
