"""A fault of ours is told by code, type and frames. A value never gets out, wherever it stood."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from konnect_tui import crash
from konnect_tui.errors import KonnectError
from konnect_tui.flow.order import KEYS

sys.path.insert(0, str(Path(__file__).parent / "ui"))
from terminals import Terminal

MARK = "MARK-7f3c0a"

PLANTED = """
import asyncio, sys, threading
from konnect_tui.services import Services
from konnect_tui.draft import Draft, ControlPlane
from konnect_tui.ui import app as ui, steps
from konnect_tui.ui.wizard import WizardScreen
where, workspace, state, word = sys.argv[1:5]
word = word[::-1]

def boom(*_, **__):
    key = "-----BEGIN PRIVATE KEY----- " + word
    raise ValueError(f"could not use {key}")

def lower(*_, **__):
    secret = word
    try:
        boom()
    except ValueError as error:
        raise RuntimeError(secret) from error

draft = Draft(ControlPlane(source="manual", region="eu", name="orders", prefix="abc", auth_mode="pinned"))
kind, _, at = where.partition(":")
app = ui.KonnectApp
if kind == "step":
    made = steps.view
    def planted(step, *rest):
        page = made(step, *rest)
        page.focus_first = lower
        page.extras = page.compose = lower
        return page
    import konnect_tui.ui.wizard as wizard
    wizard.view = planted
    app.get_default_screen = lambda self: WizardScreen(at, False)
elif kind == "worker":
    import konnect_tui.converge as converge, konnect_tui.pki.drawing.chain as chain
    converge.propose = converge.carry_out = chain.example = lower
    app.get_default_screen = lambda self: WizardScreen(at, False)
elif kind == "sheet":
    import konnect_tui.flow.exploring as exploring, konnect_tui.pki.read as reading
    import konnect_tui.pki.reading.glance as glance, konnect_tui.flow.folder as folder
    from konnect_tui.ui.exploring import _FILES as files, ExploreScreen
    from konnect_tui.ui.browsing import BrowseScreen
    from konnect_tui.ui.pasting import PasteScreen
    opened = {
        "paste": lambda: PasteScreen(files, lambda: "-----BEGIN PRIVATE KEY----- " + word),
        "browse": lambda: BrowseScreen(files, workspace),
        "glance": lambda: BrowseScreen(files, "/etc"),
        "begin": lambda: ExploreScreen(lower),
        "explore": lambda: ExploreScreen(lambda: exploring.sample(services.now())),
    }[at]
    services = Services(workspace, state=state)
    if at == "paste":
        reading.read = lower
    elif at == "browse":
        folder.listing = lower
    elif at == "glance":
        glance.glance = lower
    elif at == "explore":
        exploring.look = lower
    app.on_ready = lambda self: self.push_screen(opened())
elif kind == "konnect":
    from konnect_tui.ui import session
    setattr(session, at, lower)
    draft = Draft()
elif kind == "key":
    app.action_explain = lower
elif kind == "loop":
    app.on_ready = lambda self: asyncio.get_running_loop().call_soon(lower)
elif kind == "task":
    app.action_explain = lambda self: self.set_timer(0.01, lower)
elif kind == "init":
    ui.look_around = lower
elif kind == "thread":
    def start(self):
        one = threading.Thread(target=lower)
        one.start(); one.join(); self.exit(return_code=1)
    app.on_ready = start
sys.exit(ui.run(Services(workspace, state=state), start=draft))
"""

PLACES = [f"step:{key}" for key in KEYS]
PLACES += [f"sheet:{name}" for name in ("paste", "browse", "glance", "begin", "explore")]
PLACES += ["konnect:_token", "konnect:begin"]
PLACES += ["worker:certificates", "worker:review", "worker:create", "key:", "loop:", "task:", "init:", "thread:"]


@pytest.mark.parametrize("where", PLACES)
def test_no_value_gets_out_of_a_crash(where: str, tmp_path: Path) -> None:
    """Wherever an exception comes from: type and frames, exit 1, the terminal restored, and the mark nowhere."""
    state = tmp_path / "drafts"
    account = {"KONNECT_TOKEN": MARK, "KONNECT_API_URL": "http://127.0.0.1:9/{region}"}
    environment = {"TEXTUAL": "debug,devtools", **(account if where.startswith("konnect:") else {})}
    terminal = Terminal(PLANTED, where, str(tmp_path / "dp"), str(state), MARK[::-1], env=environment)
    try:
        if where in ("key:", "task:"):
            assert terminal.read(20, b"Next")
            terminal.send("\x1bOP")
        elif where.startswith("konnect:"):
            assert terminal.read(20, b"Connect ")
            terminal.send("\r")
        assert terminal.end() == 1
        assert MARK.encode() not in terminal.output
        assert b"PRIVATE KEY" not in terminal.output
        assert b"internal-error" in terminal.output
        assert b"RuntimeError" in terminal.output
        assert terminal.left_over() == []
    finally:
        terminal.close()
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or MARK.encode() not in file.read_bytes()


def _raise() -> None:
    secret = MARK
    raise ValueError(f"bad {secret}")


def _grouped() -> None:
    try:
        _raise()
    except ValueError as error:
        raise ExceptionGroup("several", [error, KeyError(MARK)]) from error


@pytest.mark.parametrize("fault", [_raise, _grouped])
def test_a_description_has_type_and_frames_only(fault: Callable[[], None]) -> None:
    """Causes and the members of groups are told of, too; no message, no line of source, no local."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever it is
        fault()
    told = crash.describe(caught.value)
    assert MARK not in told
    assert "ValueError" in told
    assert "test_crash.py:" in told
    assert "secret" not in told
    assert str(Path(__file__).parent) not in told


def test_an_error_of_ours_is_told_in_full() -> None:
    """A KonnectError is written for people: message, why, what to do."""
    told = crash.describe(KonnectError("internal-error", "What.", context="Why.", hint="Do."))
    assert told.splitlines() == ["internal-error: What.", "Why.", "Do."]


_INSTALL = "from konnect_tui import crash; crash.install()\n"
_MAIN = "secret = {0!r}\nraise ValueError(secret)"
_THREAD = "import threading\ndef f():\n secret = {0!r}\n raise ValueError(secret)\nthreading.Thread(target=f).start()"
_FINALISER = "class C:\n def __del__(self): raise ValueError({0!r})\nC()"


@pytest.mark.parametrize(
    "code",
    [_INSTALL + _MAIN, _INSTALL + _THREAD, _INSTALL + _FINALISER],
    ids=["main", "thread", "finaliser"],
)
def test_python_prints_no_traceback_of_its_own(code: str) -> None:
    """Wherever Python would print a traceback, ours is printed."""
    ended = subprocess.run(
        [sys.executable, "-c", code.format(MARK)], capture_output=True, text=True, check=False, timeout=20
    )
    assert "internal-error" in ended.stderr
    assert MARK not in ended.stderr + ended.stdout
