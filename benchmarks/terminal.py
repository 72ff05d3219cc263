"""A terminal for programs to draw on, that stamps what they send: a pty, a screen, a clock.

Every read is stamped when it is read, and reading goes before parsing: what waits is drawn only while the
program sends nothing. So the slowness of this terminal is not in the numbers.
"""

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections import deque
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import pyte

Page = list[tuple[pyte.screens.Char, ...]]

KEYS = {"enter": b"\r", "tab": b"\t", "down": b"\x1b[B", "up": b"\x1b[A", "ctrl+q": b"\x11", "ctrl+c": b"\x03"}

# What pyte would draw instead of obeying: OSC, DCS and APC strings, and control sequences with a private mark.
_UNDRAWN = re.compile(
    r"\x1b[\]P_^X].*?(?:\x07|\x1b\\)|\x1b\[[<=>][\d;:]*[ -/]*[@-~]|\x1b\[\?[\d;]*\$p|\x1b\[\d*;?\d*t", re.DOTALL
)
_UNFINISHED = re.compile(r"\x1b(?:[\]P_^X](?:(?!\x07|\x1b\\).)*|\[[<-?]?[\d;:]*[ -/]*)?\Z", re.DOTALL)
_MODE_ASKED = re.compile(rb"\x1b\[\?(\d+)\$p")
_KNOWN_MODES = {b"2026"}  # synchronised output, which most terminals have


class Terminal:
    """One program on one terminal. Times are seconds since just before it was started."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: tuple[int, int] = (120, 40),
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
    ) -> None:
        self.screen = pyte.Screen(*size)
        self._stream = pyte.Stream(self.screen)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._tail = ""
        self._closed = False
        self._heard = False
        self.drawn_at = 0.0
        self._master, slave = pty.openpty()
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        name = os.ttyname(slave)
        os.set_blocking(self._master, False)
        whole = {**(os.environ if env is None else env), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        whole = {key: value for key, value in whole.items() if key not in {"COLUMNS", "LINES", "NO_COLOR"}}
        back = os.getcwd()
        os.chdir(cwd or back)
        self._start = time.perf_counter()
        self.pid = os.posix_spawnp(
            command[0],
            list(command),
            whole,
            setsid=True,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, name, os.O_RDWR, 0),
                (os.POSIX_SPAWN_DUP2, 0, 1),
                (os.POSIX_SPAWN_DUP2, 0, 2),
            ],
        )
        os.chdir(back)
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._closed:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._master)

    def now(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._start

    def page(self) -> Page:
        """What is shown, with its colours."""
        return [tuple(self.screen.buffer[y][x] for x in range(self.screen.columns)) for y in range(self.screen.lines)]

    def text(self) -> str:
        """What is shown, without trailing blanks."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def settle(self, silence: float = 0.3, limit: float = 20.0) -> None:
        """Wait until nothing has come for `silence` seconds since the last byte, and draw all of it."""
        last = self.now()
        while (not self._heard or self.now() - last < silence) and self.now() < limit:
            if self._read(silence / 4):
                last = self.now()
        while self._waiting:
            self._draw()

    def wait_for(self, page: Page, limit: float = 20.0) -> float:
        """When the screen first showed exactly this page."""
        while self.now() < limit and not self._closed:
            if self._waiting and not self._read(0):
                self._draw()
                if self.page() == page:
                    return self.drawn_at
            elif not self._waiting:
                self._read(0.05)
        raise TimeoutError(f"the expected page never came; this did:\n{self.text()}")

    def press(self, key: str, limit: float = 5.0) -> float:
        """Press a key; how long until the program's first byte. What came before is drawn first."""
        while self._waiting or self._read(0):
            self._draw()
        pressed = self.now()
        os.write(self._master, KEYS[key])
        while self.now() - pressed < limit:
            if self._read(0.05):
                return self._waiting[0][0] - pressed
        raise TimeoutError(f"no answer to {key} on:\n{self.text()}")

    def answered(self, key: str, limit: float = 5.0) -> float:
        """Press a key while the program may still be talking; how long until the screen shows a change."""
        before, pressed = self.page(), self.now()
        os.write(self._master, KEYS[key])
        while self.now() - pressed < limit:
            if self._waiting and not self._read(0):
                self._draw()
                if self.page() != before:
                    return self.drawn_at - pressed
            elif not self._waiting:
                self._read(0.05)
        raise TimeoutError(f"no answer to {key} on:\n{self.text()}")

    def write(self, keys: str) -> None:
        """Press what these characters are."""
        os.write(self._master, keys.encode())

    def until(self, text: str, limit: float = 20.0) -> float:
        """When the screen first showed this text, in one line."""
        while self.now() < limit and not self._closed:
            if self._waiting and not self._read(0):
                self._draw()
                if any(text in line for line in self.screen.display):
                    return self.drawn_at
            elif not self._waiting:
                self._read(0.05)
        raise TimeoutError(f"{text!r} never came; this did:\n{self.text()}")

    def leave(self, key: str, limit: float = 5.0) -> int:
        """Press the key that quits, and wait for the end. The exit status."""
        os.write(self._master, KEYS[key])
        end = self.now() + limit
        while self.now() < end:
            self._read(0.02)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._closed = True
                return os.waitstatus_to_exitcode(status)
        raise TimeoutError(f"{key} does not quit:\n{self.text()}")

    def _read(self, timeout: float) -> bool:
        """Read and stamp once; answer what is asked. Whether anything came."""
        if not select.select([self._master], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self._master, 4096)  # small, so that drawing it delays the next read little
        except OSError:  # the other side is closed
            time.sleep(0.001)
            return False
        self._waiting.append((self.now(), data))
        self._heard = True
        for mode in _MODE_ASKED.findall(data):
            os.write(self._master, b"\x1b[?%s;%d$y" % (mode, 2 if mode in _KNOWN_MODES else 0))
        return True

    def _draw(self) -> None:
        """Draw the oldest read."""
        self.drawn_at, data = self._waiting.popleft()
        text = self._tail + self._decode(data)
        unfinished = _UNFINISHED.search(text)
        self._tail = text[unfinished.start() :] if unfinished else ""
        self._stream.feed(_UNDRAWN.sub("", text[: unfinished.start()] if unfinished else text))
