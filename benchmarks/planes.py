"""The list of control planes on a terminal: many of them held against ten. The tests' stand-in is Konnect."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.idle import megabytes
from benchmarks.terminal import Terminal

ROOT = Path(__file__).parents[1]
FEW, MANY, HUGE = 10, 10_000, 50_000
_TYPED = "00010"
_LIMIT = 120.0

Open = Callable[[Mapping[str, str]], Terminal]


class Planes:
    """Opens the wizard on a region with so many control planes. `open_wizard` takes what the environment gets more."""

    def __init__(self, open_wizard: Open) -> None:
        self._open = open_wizard

    @contextmanager
    def _listed(self, count: int) -> Iterator[tuple[Terminal, float]]:
        """The wizard as soon as the first rows are there, and how long that took from Enter on Region."""
        command = [sys.executable, str(ROOT / "tests" / "fake_konnect"), "--planes", str(count)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            ready = json.loads(server.stdout.readline())
            with self._open({"KONNECT_TOKEN": ready["token"], "KONNECT_API_URL": ready["url"]}) as terminal:
                terminal.settle(0.6)
                terminal.press("enter")
                terminal.until("Australia", _LIMIT)
                terminal.settle(0.6)
                terminal.press("down")
                terminal.press("down")
                terminal.settle(0.3)
                start = terminal.now()
                terminal.write("\r")
                yield terminal, terminal.until("plane-0000", _LIMIT) - start
            server.communicate("")

    def first_rows(self, count: int) -> list[float]:
        """From Enter on Region to the first rows."""
        with self._listed(count) as (_, took):
            return [took]

    def sifted(self, count: int) -> list[float]:
        """From a letter to what it leaves, when all are there: letters typed, and taken away again."""
        with self._listed(count) as (terminal, _):
            terminal.until(f"{count:,} · ", _LIMIT)
            terminal.settle(0.5)
            samples = []
            for end in (*range(1, len(_TYPED) + 1), *range(len(_TYPED) - 1, 0, -1)):
                grows = not samples or end > len(samples)
                start = terminal.now()
                terminal.write(_TYPED[end - 1] if grows else "\x7f")
                samples.append(terminal.until(f"› {_TYPED[:end]}▏", _LIMIT) - start)
                terminal.settle(0.1)
            return samples

    def memory(self, count: int) -> list[float]:
        """Megabytes of the process when all are there."""
        with self._listed(count) as (terminal, _):
            terminal.until(f"{count:,} · ", _LIMIT)
            terminal.settle(1.0)
            return [megabytes(terminal.pid)]
