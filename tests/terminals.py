"""A real terminal around a program: a pty, what came out of it, and what was left of its modes."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pyte

ROOT = Path(__file__).parents[1]
_MODE = re.compile(rb"\x1b\[\?(\d+)([hl])")
_QUERY = re.compile(rb"\x1b\[\?(\d+)\$p")
_USUAL = {7: True, 25: True}


class Terminal:
    """Runs Python code in a pty of 80×24. `answers` are modes this terminal says it supports."""

    def __init__(self, code: str, *arguments: str, env: dict[str, str], answers: tuple[int, ...] = ()) -> None:
        self._master, self._slave = pty.openpty()
        termios.tcsetwinsize(self._slave, (24, 80))
        self._before = termios.tcgetattr(self._slave)
        self._answers = answers
        self.output = b""
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            cwd=ROOT,
            env={**os.environ, "TERM": "xterm-256color", **env},
            start_new_session=True,
        )

    def read(self, seconds: float, until: bytes = b"") -> bool:
        """Read until this is in the output or the program has ended; whether it was."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if until and until in self.output:
                return True
            if select.select([self._master], [], [], 0.02)[0]:
                data = os.read(self._master, 65536)
                self.output += data
                for mode in _QUERY.findall(data):
                    if int(mode) in self._answers:
                        self.send(f"\x1b[?{mode.decode()};2$y")
            elif self.process.poll() is not None:
                return not until
        return False

    @property
    def keyboard(self) -> int:
        """Where keys go in."""
        return self._master

    def send(self, keys: str) -> None:
        """Press keys."""
        os.write(self._master, keys.encode())

    def end(self, seconds: float = 20) -> int:
        """Wait for the end; the exit status."""
        self.read(seconds)
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise TimeoutError(self.output[-2000:])
        return self.process.wait()

    def left_over(self) -> list[str]:
        """What was not put back."""
        modes: dict[int, bool] = {}
        for mode, state in _MODE.findall(self.output):
            modes[int(mode)] = state == b"h"
        left = [f"mode {mode}" for mode, on in modes.items() if on != _USUAL.get(mode, False)]
        kitty = len(re.findall(rb"\x1b\[>\d+u", self.output)) - len(re.findall(rb"\x1b\[<u", self.output))
        after = termios.tcgetattr(self._slave)
        return left + ["kitty keyboard"] * (kitty > 0) + ["termios"] * (after[:4] != self._before[:4])

    def close(self) -> None:
        """Give the pty back, and end what is still running."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._master)
        os.close(self._slave)


class Seen:
    """What the terminal shows, drawn from all that came so far."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self._screen)
        self._drawn = 0

    def until(self, text: str, *, seconds: float = 60) -> str:
        """Read until this is seen."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._terminal.read(0.05)
            new, self._drawn = self._terminal.output[self._drawn :], len(self._terminal.output)
            self._stream.feed(new)
            shown = "\n".join(self._screen.display)
            if text in shown:
                return shown
        raise TimeoutError(f"{text!r} never came; this did:\n" + "\n".join(self._screen.display))
