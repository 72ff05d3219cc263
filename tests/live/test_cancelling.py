"""Ctrl-C during any question to Konnect: nothing half written, exit 130, and what there is in Konnect is said."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from live_answers import CREATE, PINNED, manifest_of
from running import run

from fake_konnect import Answer, FakeKonnect

HANG = Answer(act="hang")
PLANES = "/eu/v2/control-planes"


class Stopped(NamedTuple):
    """How a run ended that Ctrl-C was pressed in."""

    code: int
    document: dict


@pytest.fixture
def stop(konnect: FakeKonnect, tmp_path: Path, workspace: Path):
    """Applies the text in a process of its own, and presses Ctrl-C once that request has come in so many times."""

    def stopped(text: str, method: str, path: str, times: int = 1) -> Stopped:
        (tmp_path / "answers.toml").write_text(text)
        command = [sys.executable, "-m", "konnect_tui", "apply", str(tmp_path / "answers.toml"), "--json"]
        command += ["--workspace", str(workspace), "--api-url", konnect.url]
        command += ["--token-file", konnect.token_file(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            end = time.monotonic() + 20
            while sum((each.method, each.path) == (method, path) for each in konnect.requests) < times:
                assert time.monotonic() < end, konnect.requests
                assert process.poll() is None, process.communicate()
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=20)
        assert "Traceback" not in err
        return Stopped(process.returncode, json.loads(out))

    return stopped


def test_while_the_token_is_probed(stop, konnect: FakeKonnect, workspace: Path) -> None:
    """Nothing is made, here or there."""
    konnect.script("GET", "/global/v3/organizations/me", HANG)
    stopped = stop(PINNED, "GET", "/global/v3/organizations/me")
    assert (stopped.code, stopped.document["error"]["code"]) == (130, "cancelled")
    assert not workspace.exists()


def test_while_a_control_plane_is_created(stop, konnect: FakeKonnect, workspace: Path) -> None:
    """That it may be there all the same is said; nothing is made here."""
    konnect.script("POST", PLANES, HANG)
    stopped = stop(CREATE, "POST", PLANES)
    assert (stopped.code, stopped.document["error"]["code"]) == (130, "cancelled")
    assert "“payments” was being created" in stopped.document["error"]["message"]
    assert not (workspace / "payments-eu").exists()


def test_while_certificates_are_uploaded(stop, konnect: FakeKonnect, workspace: Path) -> None:
    """The bundle is whole, what was uploaded is noted in it, and the way on is named."""
    plane = konnect.add_control_plane("eu", "payments")
    posts = f"{PLANES}/{plane['id']}/dp-client-certificates"
    konnect.script("POST", posts, Answer(body=None), HANG)
    stopped = stop(PINNED, "POST", posts, 2)
    assert (stopped.code, stopped.document["error"]["code"]) == (130, "cancelled")
    assert "konnect-tui upload" in stopped.document["error"]["context"]
    assert [row["state"] for row in stopped.document["upload"]] == ["done", "pending"]
    bundle = workspace / "payments-eu"
    assert [bool(each.get("id")) for each in manifest_of(bundle)["uploads"]] == [True, False]
    assert run("verify", bundle).code == 0
    assert not list((workspace / ".staging").iterdir())
