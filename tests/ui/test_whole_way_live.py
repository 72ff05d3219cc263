"""The whole way with an account, in the real wizard on a real terminal: from the token to the node in sync."""

from pathlib import Path

import pytest
from terminals import Seen, Terminal

from fake_konnect import FakeKonnect

_WIZARD = """
import sys
from konnect_tui.services import Services
from konnect_tui.ui.app import run
workspace, state = sys.argv[1:3]
sys.exit(run(Services(workspace, state=state, config=state)))
"""
_F4, _F9, _DOWN = "\x1bOS", "\x1b[20~", "\x1b[B"


@pytest.mark.slow
def test_from_the_token_to_the_node_in_sync(tmp_path: Path) -> None:
    """Choose, look at its certificates, make the bundle, upload, see the node arrive; the token is seen nowhere."""
    with FakeKonnect() as konnect:
        plane = konnect.add_control_plane("eu", "orders-prod")
        environment = {"KONNECT_TOKEN": konnect.token, "KONNECT_API_URL": konnect.url}
        terminal = Terminal(_WIZARD, str(tmp_path / "dp"), str(tmp_path / "state"), env=environment)
        try:
            seen = Seen(terminal)
            seen.until("KONNECT_TOKEN")
            terminal.send("\r")
            seen.until("Australia")
            terminal.send(f"{_DOWN}{_DOWN}\r")
            seen.until("orders-prod")
            terminal.send(_DOWN)
            seen.until("▸ orders-prod")
            terminal.send(_F4)
            seen.until("This control plane has no certificate.")
            terminal.send("\x1b")
            seen.until("Step 3 of 9")
            terminal.send(_F9)
            seen.until("at once, to orders-prod in eu")
            terminal.send("\r")
            seen.until("Nodes: 0 of 1 connected and in sync")
            [given] = konnect.certificates[plane["id"]]
            konnect.add_node(plane, "node-1", data_plane_cert_id=given["id"])
            seen.until("connected, in sync, on the certificate just made")
            terminal.send("\r")
            assert terminal.end() == 0
            assert terminal.left_over() == []
        finally:
            terminal.close()
        token = konnect.token.encode()
    assert b"done    node-1 is connected and in sync" in terminal.output
    assert token not in terminal.output
    kept = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    assert not any(token in data for data in kept.values())
    assert any(given["id"].encode() in data for file, data in kept.items() if file.name == "konnect-tui.toml")
    keys = [data for file, data in kept.items() if file.name == "tls.key"]
    assert keys
    assert not any(line in terminal.output for data in keys for line in data.splitlines()[1:-1])
    assert not any("PRIVATE" in str(request.body) for request in konnect.requests)
