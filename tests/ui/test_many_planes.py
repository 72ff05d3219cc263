"""Ten thousand control planes in the real wizard, on a real terminal."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from terminals import ROOT, Seen, Terminal

_WIZARD = """
import sys
from konnect_tui.services import Services
from konnect_tui.ui.app import run
workspace, state = sys.argv[1:3]
sys.exit(run(Services(workspace, state=state, config=state)))
"""
_MANY = 10_000


@pytest.mark.slow
def test_ten_thousand_are_listed_sifted_and_taken(tmp_path: Path) -> None:
    """In a region with 10,000 control planes the first can be used at once, one is found by typing, and taken."""
    server = subprocess.Popen(
        [sys.executable, str(ROOT / "tests" / "fake_konnect"), "--planes", str(_MANY), "--nodes", "3"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    ready = json.loads(server.stdout.readline())
    token, state = ready["token"], tmp_path / "state"
    environment = {"KONNECT_TOKEN": token, "KONNECT_API_URL": ready["url"]}
    terminal = Terminal(_WIZARD, str(tmp_path / "dp"), str(state), env=environment)
    try:
        seen = Seen(terminal)
        seen.until("KONNECT_TOKEN")
        terminal.send("\r")
        seen.until("Australia")
        terminal.send("\x1b[B\x1b[B\r")
        assert "Org Acme Co." in seen.until("plane-0000")
        terminal.send("\x1b[B\x1b[B")
        seen.until("▸ plane-00003")
        seen.until("10,000 ·")
        assert "▸ plane-00003" in seen.until("10,000 ·")
        terminal.send("9914 TEAM=T3")
        assert "▸ plane-09914" in seen.until("1 of 10,000")
        terminal.send("\x1b")
        seen.until("type to filter")
        terminal.send("plane-00001")
        seen.until("3 of 3 connected")
        terminal.send("\r")
        assert "CP plane-00001" in seen.until("Step 4 of 9")
        terminal.send("\x11")
        assert terminal.end() == 130
        assert terminal.left_over() == []
    finally:
        terminal.close()
        server.communicate("")
    assert token.encode() not in terminal.output
    kept = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert any(b"plane-00001" in file.read_bytes() for file in kept)
    assert not any(token.encode() in file.read_bytes() for file in kept)
