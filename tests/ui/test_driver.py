"""The terminal driver: quick to leave, quick to hear Escape, and everything put back. And no longer than needed."""

import inspect
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from terminals import Terminal
from textual.drivers.linux_driver import LinuxDriver

WIZARD = """
import sys
from konnect_tui.services import Services
from konnect_tui.ui.app import run
sys.exit(run(Services(sys.argv[1], state=sys.argv[2], config=sys.argv[2])))
"""


@pytest.fixture
def wizard(tmp_path: Path) -> Iterator[Terminal]:
    """The wizard in a terminal that reports the modes a modern one has."""
    folders = (str(tmp_path / "konnect-dp"), str(tmp_path / "drafts"))
    (tmp_path / "drafts" / "profiles").mkdir(parents=True)  # no newcomer
    terminal = Terminal(WIZARD, *folders, env={}, answers=(2026, 2048))
    assert terminal.read(20, b"Next")
    yield terminal
    terminal.close()


def test_the_terminal_is_as_it_was(wizard: Terminal) -> None:
    """Leaving puts back every mode, mouse reports in pixels among them, and prints after the screen is the shell's."""
    wizard.read(0.5)
    wizard.send("\x11")
    assert wizard.end() == 130
    assert b"\x1b[?1016h" in wizard.output
    assert wizard.left_over() == []


def test_leaving_does_not_sleep(wizard: Terminal) -> None:
    """The shell has its screen back at once: Textual's own driver sleeps a fifth of a second."""
    wizard.read(0.5)
    began = time.monotonic()
    wizard.send("\x11")
    assert wizard.read(5, b"\x1b[?1049l")
    assert time.monotonic() - began < 0.15


def test_bytes_that_are_no_text(wizard: Terminal) -> None:
    """Bytes that are no UTF-8 do no harm, and Escape goes back."""
    os.write(wizard.keyboard, b"\xff\xfe\r")
    assert wizard.read(5, b"Singapore")
    wizard.output = b""
    wizard.send("\x1b")
    assert wizard.read(5, b"Set up nodes")
    wizard.send("q")
    assert wizard.end() == 130


def test_textual_still_needs_this_driver() -> None:
    """When one of these fails, a newer Textual has put it right itself: drop that part of `ui/driver.py`."""
    assert "select(0.1)" in inspect.getsource(LinuxDriver.run_input_thread)
    assert "1016l" not in inspect.getsource(LinuxDriver._disable_mouse_support)
    assert "rich.traceback" in inspect.getsource(LinuxDriver._run_input_thread)
