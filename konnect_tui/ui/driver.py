"""Textual's terminal driver with three things put right; nothing else about it is changed.

1. Its input thread sleeps in `select` for a tenth of a second at a time, so leaving the program costs two
   such sleeps and Escape one. Here it sleeps until there is input, the escape delay is over, or it is woken.
2. On terminals that report mode 2048 it turns mouse reports in pixels (mode 1016) on and never off.
3. A terminal that goes away, or bytes that aren't UTF-8, make it panic with a traceback.

`tests/ui/test_driver.py` notices when a newer Textual has put these right itself.
"""

import os
import selectors
import threading
from codecs import getincrementaldecoder
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual._parser import ParseError
from textual._time import get_time
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from textual.app import App


class _Wake(threading.Event):
    """An event that can also be waited for with `select`."""

    def __init__(self) -> None:
        super().__init__()
        self.reader, self._writer = os.pipe()
        os.set_blocking(self.reader, False)

    def set(self) -> None:
        super().set()
        os.write(self._writer, b"\0")

    def clear(self) -> None:
        super().clear()
        try:
            os.read(self.reader, 64)
        except BlockingIOError:
            return


class KonnectDriver(LinuxDriver):
    """Reads keys without sleeping, and puts every mode back that it set."""

    def __init__(
        self, app: "App[object]", *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._wake = _Wake()
        self.exit_event = self._wake

    def _disable_mouse_support(self) -> None:
        super()._disable_mouse_support()
        if self._mouse_pixels:
            self.write("\x1b[?1016l")
            self._mouse_pixels = False
            self.flush()

    def _run_input_thread(self) -> None:
        try:
            self.run_input_thread()
        except Exception as error:  # noqa: BLE001 - whatever it is, the app must hear of it and end
            self._app.call_later(self._app._handle_exception, error)  # noqa: SLF001 - the app's one gate for errors

    def run_input_thread(self) -> None:
        """Read input and hand it on until the driver is told to stop."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(self._wake.reader, selectors.EVENT_READ)
            while not self._wake.is_set():
                ready = [key.fd for key, _ in selector.select(self._patience(parser))]
                if self.fileno in ready and not self._read(parser, decode):
                    return
                for event in parser.tick():
                    self.process_message(event)
        _finish(parser)

    def _read(self, parser: XTermParser, decode: Callable[[bytes], str]) -> bool:
        """Hand on what can be read now. False when the terminal has gone away."""
        try:
            data = os.read(self.fileno, 4096)
        except OSError:
            data = b""
        if not data:
            self._app.call_later(self._app.exit, return_code=130)
            return False
        text = decode(data)
        for event in parser.feed(text) if text else ():
            self.process_message(event)
        return True

    @staticmethod
    def _patience(parser: XTermParser) -> float | None:
        """Seconds until a lone Escape counts as the key, None while nothing is pending."""
        due = parser._timeout_time  # noqa: SLF001 - the parser tells nobody when it wants its next tick
        return None if due is None else max(0.0, due - get_time())


def _finish(parser: XTermParser) -> None:
    try:
        for _ in parser.feed(""):
            pass
    except (EOFError, ParseError):
        return
