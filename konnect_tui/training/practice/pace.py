"""How patient a node is. Sources: Kong/kong, `kong/constants.lua` (CLUSTERING_*), `kong/clustering/data_plane.lua`."""

import random
from typing import Final

from msgspec import Struct


class Pace(Struct, frozen=True):
    """Seconds: between two pings, of silence before the control plane counts as gone, for each step of a connection,
    and the least and most before the next attempt.
    """

    ping: float = 30.0
    silence: float = 45.0
    step: float = 5.0
    soonest: int = 5
    latest: int = 10

    def delay(self) -> int:
        """Before the next attempt; another one each time."""
        return random.randint(self.soonest, self.latest)  # noqa: S311 - spreads load, protects nothing


KONG: Final = Pace()
"""As Kong has it."""
