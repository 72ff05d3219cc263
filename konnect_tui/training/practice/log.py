"""A node's error log as nginx writes it, with Kong's own words.

What a line says, at which level and from where: Kong/kong, `kong/clustering/data_plane.lua`, `kong/status/ready.lua`.
"""

import os
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Final

from konnect_tui.training.practice.refusals import LEVELS
from konnect_tui.words import printable

Heard = Callable[[str], None]
"""Gets every line of a log."""

MOST_KEPT: Final = 500
COMMUNICATE: Final = "data_plane.lua:251: communicate()"
"""Where a node speaks with its control plane, in Kong Gateway 3.12."""

READY: Final = "ready.lua:111: fn()"


class Log:
    """Writes what is at least as grave as `level` (an index into LEVELS); keeps the last lines."""

    def __init__(self, level: int, heard: Heard, clock: Callable[[], datetime] = datetime.now) -> None:
        self.lines: deque[str] = deque(maxlen=MOST_KEPT)
        self._level = level
        self._heard = heard
        self._clock = clock
        self._number = 0

    def next_number(self) -> int:
        """A number for what begins now: a connection, or an attempt at one. All its lines bear it."""
        self._number += 1
        return self._number

    def clustering(self, number: int, level: str, words: str) -> None:
        """A line about the connection to the control plane."""
        self.lua(number, level, COMMUNICATE, f"[clustering] {words}", "context: ngx.timer")

    def lua(self, number: int, level: str, where: str, words: str, context: str) -> None:
        """A line that Kong's Lua code writes; `context` says in the course of what."""
        self.nginx(level, f"*{number} [lua] {where}: {words}, {context}")

    def nginx(self, level: str, words: str) -> None:
        """A line of the error log. The words are of others and may hold anything."""
        if LEVELS.index(level) >= self._level:
            self.say(f"{self._clock():%Y/%m/%d %H:%M:%S} [{level}] {os.getpid()}#0: {words}")

    def say(self, line: str) -> None:
        """A line as it is."""
        shown = printable(line)
        self.lines.append(shown)
        self._heard(shown)
