"""The README's first command on a real terminal: from nothing to a proven bundle, with a real token lying around."""

import os
from pathlib import Path

import pytest
from terminals import Seen, Terminal

from fake_konnect import FakeKonnect
from konnect_tui.training import running

_COMMAND = """
import sys
from konnect_tui.cli import main
sys.exit(main(["--training"]))
"""
_F9 = "\x1b[20~"


@pytest.mark.slow
def test_the_readmes_first_command_leads_to_a_bundle(tmp_path: Path) -> None:
    """A few keys make a bundle whose certificate the organisation has; the real Konnect is asked nothing."""
    state = tmp_path / "data" / "konnect-tui" / "training"
    with FakeKonnect() as konnect:
        places = {f"XDG_{kind}_HOME": str(tmp_path / kind.lower()) for kind in ("DATA", "STATE", "CONFIG", "CACHE")}
        real = {"KONNECT_TOKEN": konnect.token, "KONNECT_API_URL": konnect.url, "HTTPS_PROXY": konnect.url}
        home = {"HOME": str(tmp_path), "KONNECT_TUI_WORKSPACE": str(tmp_path / "dp")}
        terminal = Terminal(_COMMAND, env={**places, **real, **home})
        try:
            seen = Seen(terminal)
            seen.until("Set up a first node in training")
            terminal.send("\r")
            seen.until("Step 2 of 9")
            terminal.send("\r")
            seen.until("first-steps")
            terminal.send(_F9)
            seen.until("at once, to first-steps in eu")
            terminal.send("\r")
            seen.until("Press p, and practice nodes join")
            assert running.find(str(state)) is not None
            terminal.send("\r")
            assert terminal.end() == 0
            assert terminal.left_over() == []
        finally:
            terminal.close()
        assert konnect.requests == []
        token = konnect.token.encode()
    bundle = tmp_path / "dp" / "first-steps-eu"
    assert f"konnect-tui training node {bundle}".encode() in terminal.output
    assert "This is a training bundle" in (bundle / "README.md").read_text()
    os.close(running.hold(str(state)))
    assert token not in terminal.output
    assert not any(token in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
