"""Progress on a terminal's stderr, from the first second on; silent anywhere else."""

import sys
import time
from typing import Self


class Progress:
    """Called with a stage, how many are done and how many there are. Clears its line when it is left."""

    def __init__(self, *, wanted: bool) -> None:
        self._on = wanted and sys.stderr is not None and sys.stderr.isatty()
        self._next = time.monotonic() + 1.0
        self._shown = False

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show it, at most ten times a second."""
        if not self._on or (now := time.monotonic()) < self._next:
            return
        self._next, self._shown = now + 0.1, True
        sys.stderr.write(f"\r{stage} {done}/{total}\033[K")
        sys.stderr.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
