"""Time and chance as the client has them, so that tests need not wait for either."""

import asyncio
import random
import time
from datetime import UTC, datetime


class Clock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """The time of day."""
        return datetime.now(UTC)

    def passed(self) -> float:
        """Seconds since some moment; it never goes back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    def chance(self) -> float:
        """Any number from 0 to 1."""
        return random.random()  # noqa: S311 - it spreads retries, it keeps no secret
