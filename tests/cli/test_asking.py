"""Commands that wait for Konnect: told from the first second on, cancelled at once, silent where nobody looks."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from terminals import Terminal

from fake_konnect import Answer, FakeKonnect

COMMAND = (sys.executable, "-m", "konnect_tui")
RUN = "import sys; from konnect_tui.__main__ import main; sys.exit(main())"
ME = "/global/v3/organizations/me"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """The settings of somebody who never logged in."""
    return {"XDG_CONFIG_HOME": str(tmp_path / "config")}


def _login(konnect: FakeKonnect, folder: Path) -> tuple[str, ...]:
    return ("login", "--api-url", konnect.url, "--token-file", konnect.token_file(folder), "--to-file")


def _piped(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = (*COMMAND, *arguments)
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environ})


def test_a_terminal_is_told_what_takes_long(tmp_path: Path, environ: dict[str, str]) -> None:
    """From the first second on a terminal shows what is waited for; it is gone when the answer is there."""
    with FakeKonnect() as konnect:
        konnect.script("GET", ME, Answer(body=None, delay=2.4))
        terminal = Terminal(RUN, *_login(konnect, tmp_path), env=environ)
        try:
            assert terminal.read(20, "asking Konnect … 1 s".encode())
            assert terminal.end() == 0
            assert "asking Konnect … 2 s".encode() in terminal.output
            assert terminal.output.rindex(b"\r\x1b[K") < terminal.output.index(b"logged in")
        finally:
            terminal.close()


def test_what_is_quick_is_not_told(tmp_path: Path, environ: dict[str, str]) -> None:
    """What takes less than a second shows no progress."""
    with FakeKonnect() as konnect:
        terminal = Terminal(RUN, *_login(konnect, tmp_path), env=environ)
        try:
            assert terminal.end() == 0
            assert b"asking" not in terminal.output
        finally:
            terminal.close()


def test_konnect_asks_to_wait(tmp_path: Path, environ: dict[str, str]) -> None:
    """Why a request waits, and for how long, is a line on stderr; with --json nothing but the document is printed."""
    for json in ((), ("--json",)):
        with FakeKonnect() as konnect:
            konnect.script("GET", ME, Answer(429, b"", {"Retry-After": "1"}))
            ended = _piped(environ, *_login(konnect, tmp_path), *json)
        assert ended.returncode == 0, ended.stderr
        assert ("asks to wait; trying again in 1 s" in ended.stderr) == (not json)
        assert "\x1b" not in ended.stderr
        assert (ended.stderr == "") == bool(json)


@pytest.mark.parametrize("fault", [Answer(act="hang"), Answer(429, b"", {"Retry-After": "60"})], ids=["silent", "wait"])
def test_ctrl_c_ends_it_at_once(fault: Answer, tmp_path: Path, environ: dict[str, str]) -> None:
    """Ctrl-C while Konnect is silent, or between two tries, is exit 130 within a second, and nothing is kept."""
    with FakeKonnect() as konnect:
        konnect.script("GET", ME, fault)
        asking = subprocess.Popen(
            (*COMMAND, *_login(konnect, tmp_path)), stderr=subprocess.PIPE, env={**os.environ, **environ}
        )
        deadline = time.monotonic() + 20
        while not konnect.requests and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.3)
        pressed = time.monotonic()
        asking.send_signal(signal.SIGINT)
        _, said = asking.communicate(timeout=10)
        assert time.monotonic() - pressed < 1
    assert asking.returncode == 130
    assert said.endswith(b"run it again when ready.\n")
    assert b"Traceback" not in said
    assert not (tmp_path / "config").exists()


def test_nobody_hears_it(tmp_path: Path, environ: dict[str, str]) -> None:
    """Where stderr is closed a command that waits works as ever."""
    with FakeKonnect() as konnect:
        konnect.script("GET", ME, Answer(429, b"", {"Retry-After": "1"}))
        line = ("sh", "-c", '"$@" 2>&-', "sh", *COMMAND, *_login(konnect, tmp_path))
        ended = subprocess.run(line, capture_output=True, check=False, env={**os.environ, **environ})
    assert (ended.returncode, ended.stdout) == (0, b"")
