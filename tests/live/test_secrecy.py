"""A token and a passphrase go where they belong and nowhere else: not into a file, an answer, an argument or a log."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from live_answers import PKI
from running import run

from fake_konnect import Answer, FakeKonnect, problem

PASSPHRASE = "MARKED-correct-horse-battery-staple"
MARKED = b"MARKED"


@pytest.mark.parametrize(("way", "fault"), [("file", ""), ("environment", "revoked"), ("file", "echoed")])
def test_no_secret_is_found_anywhere(
    konnect: FakeKonnect, tmp_path: Path, workspace: Path, way: str, fault: str
) -> None:
    """With marked secrets, every file, answer and request of apply and upload is free of them, faults included."""
    plane = konnect.add_control_plane("eu", "payments", auth_type="pki_client_certs")
    posts = f"/eu/v2/control-planes/{plane['id']}/dp-client-certificates"
    if fault == "revoked":
        konnect.script("POST", posts, problem(401, "Unauthenticated", "A valid token is required"))
    if fault == "echoed":
        konnect.script("POST", posts, problem(400, "Bad Request", f"what is Bearer {konnect.token}?"))
    answers = tmp_path / "answers.toml"
    answers.write_text(PKI.replace("plain", "encrypted"))
    env = {**os.environ, "KONNECT_TUI_CA_PASSPHRASE": PASSPHRASE}
    secret = tmp_path / "secrets"
    secret.mkdir()
    options = ["--workspace", str(workspace), "--api-url", konnect.url]
    if way == "file":
        options += ["--token-file", konnect.token_file(secret)]
    else:
        env["KONNECT_TOKEN"] = konnect.token
    told = b""
    for command in (
        ["apply", str(answers), "--dry-run"],
        ["apply", str(answers)],
        ["apply", str(answers), "--json"],
        ["upload", "payments-eu", "--json"],
        ["verify", "payments-eu"],
    ):
        arguments = [sys.executable, "-m", "konnect_tui", *command, *options]
        ran = subprocess.run(arguments, env=env, capture_output=True, check=False)
        told += ran.stdout + ran.stderr
        assert b"Traceback" not in told
    assert (workspace / "payments-eu" / "konnect-tui.toml").exists()
    assert MARKED not in told
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.parent != secret:
            assert MARKED not in path.read_bytes(), path
    for request in konnect.requests:
        assert "MARKED" not in f"{request.path}{request.query}{request.body}"


def test_a_token_goes_to_no_other_host(konnect: FakeKonnect, tmp_path: Path, workspace: Path) -> None:
    """A redirect is refused, and no private key ever leaves: only certificates are sent."""
    konnect.add_control_plane("eu", "payments", auth_type="pki_client_certs")
    with FakeKonnect() as other:
        elsewhere = other.url.replace("{region}", "eu") + "/v2/control-planes"
        konnect.script("GET", "/eu/v2/control-planes", Answer(307, b"", {"Location": elsewhere}))
        (tmp_path / "answers.toml").write_text(PKI)
        arguments = ("--workspace", workspace, "--api-url", konnect.url, "--token-file", konnect.token_file(tmp_path))
        refused = run("apply", tmp_path / "answers.toml", "--json", *arguments)
        assert (refused.code, refused.document["error"]["code"]) == (1, "redirected")
        assert other.requests == []
        assert run("apply", tmp_path / "answers.toml", "--json", *arguments).code == 0
    assert not any("PRIVATE" in str(each.body) for each in konnect.requests)
