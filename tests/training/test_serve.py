"""`konnect-tui training serve`: what a newcomer types, and what their scripts rely on."""

import asyncio
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from embedded import Embedded
from hybrid_node import connected

from konnect_tui.konnect.client import Client
from konnect_tui.konnect.hosts import hosts
from konnect_tui.secret import Secret
from konnect_tui.training import running

COMMAND = [sys.executable, "-m", "konnect_tui"]
ANSWERS = """\
schema = 1
[control_plane]
source = "konnect"
region = "eu"
name = "{name}"
auth_mode = "{mode}"
trusted_ca = "{ca}"
{certificate}
[node]
names = ["edge-1"]
"""


def environ(folder: Path) -> dict[str, str]:
    """An environment in which all the product's folders lie in that one."""
    folders = {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("DATA", "STATE", "CONFIG", "CACHE")}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KONNECT_", "XDG_"))}
    return kept | folders | {"HOME": str(folder)}


@contextmanager
def served(folder: Path, *options: str) -> Iterator[tuple[dict[str, Any], "subprocess.Popen[str]"]]:
    """The organisation as a process of its own, ready, and the document it told."""
    command = [*COMMAND, "training", "serve", "--json", *options]
    with subprocess.Popen(
        command, cwd=folder, env=environ(folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline()), process
        finally:
            process.kill()


def run(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Another command of the product, in the same environment."""
    command = [*COMMAND, *arguments]
    return subprocess.run(command, cwd=folder, env=environ(folder), capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_one_document_on_one_line(tmp_path: Path, sent: signal.Signals, code: int) -> None:
    """With --json one line says where everything is, once it is ready; Ctrl-C and SIGTERM end it without a word."""
    with served(tmp_path, "--port", "0") as (document, process):
        assert document["ok"]
        assert document["command"] == "training"
        assert document["control_plane"].startswith("https://127.0.0.1:")
        assert Path(document["ca"]).read_text().startswith("-----BEGIN CERTIFICATE-----")
        assert Path(document["token_file"]).read_text().strip() == document["token"]
        assert asyncio.run(_organisation(document)) == "Practice Co."
        process.send_signal(sent)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out, err) == (code, "", "")


async def _organisation(document: dict[str, Any]) -> str:
    async with Client(hosts(document["api_url"]), Secret(document["token"].encode()), environ={}) as client:
        return (await client.organization()).name


def test_a_second_one_tells_of_the_first(tmp_path: Path) -> None:
    """Started again it says where it runs already; what would be another organisation is refused."""
    with served(tmp_path, "--port", "0") as (document, _):
        again = run(tmp_path, "training", "serve", "--json")
        assert (again.returncode, json.loads(again.stdout), again.stdout.count("\n")) == (0, document, 1)
        words = run(tmp_path, "training", "serve")
        assert (words.returncode, words.stdout) == (0, "")
        assert document["api_url"] in words.stderr
        for other in (
            ("--fresh",),
            ("--seed", "scale"),
            ("--port", "1"),
            ("--listener-port", "1"),
            ("--listener-port", "0"),
            ("--listen", "127.0.0.2"),
            ("--listen", "27.0.0.1"),
        ):
            refused = run(tmp_path, "training", "serve", "--json", *other)
            assert (refused.returncode, json.loads(refused.stdout)["error"]["code"]) == (1, "training-running")


def test_one_that_ends_with_a_wizard_goes_on(tmp_path: Path) -> None:
    """Started beside a wizard that has the organisation, it tells where that runs, and serves on when it ends."""
    state = tmp_path / "data/konnect-tui/training"
    with ExitStack() as stack, ExitStack() as wizard:
        begun = wizard.enter_context(Embedded(state)).running
        document, process = stack.enter_context(served(tmp_path))
        assert (document["pid"], document["api_url"]) == (os.getpid(), begun.api_url)
        wizard.close()
        end = time.monotonic() + 20
        while (found := running.find(str(state))) is None or found.pid != process.pid:
            assert time.monotonic() < end
            time.sleep(0.1)
        assert (found.api_url, found.control_plane) == (document["api_url"], document["control_plane"])
        assert asyncio.run(_organisation(document)) == "Practice Co."


def test_where_few_files_may_be_open(tmp_path: Path) -> None:
    """More connections than the system has room for are closed again; the API answers, and nothing is said."""
    command = ["sh", "-c", 'ulimit -n 128; exec "$@"', "sh", *COMMAND, "training", "serve", "--json", "--port", "0"]
    with (
        subprocess.Popen(
            command, cwd=tmp_path, env=environ(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process,
        ExitStack() as crowd,
    ):
        assert process.stdout is not None
        try:
            document = json.loads(process.stdout.readline())
            port = int(document["control_plane"].rpartition(":")[2])
            for _ in range(300):
                crowd.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
            assert asyncio.run(asyncio.wait_for(_organisation(document), 5)) == "Practice Co."
        finally:
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=20)
        assert (process.returncode, err) == (0, "")


@pytest.mark.parametrize(
    ("options", "code", "exit_code"),
    [
        (("serve", "--seed", "none"), "unknown-seed", 2),
        (("serve", "--port", "99999"), "usage", 2),
        (("serve", "--listener-port", "-1"), "usage", 2),
        (("serve", "--listen", "nowhere"), "invalid-value", 2),
        (("node", "no-bundle"), "no-such-bundle", 2),
        ((), "usage", 2),
        (("dance",), "usage", 2),
    ],
)
def test_wrong_words(tmp_path: Path, options: tuple[str, ...], code: str, exit_code: int) -> None:
    """What can't be done is refused with its code, before anything is written."""
    refused = run(tmp_path, "training", *options, "--json")
    assert refused.returncode == exit_code
    assert json.loads(refused.stdout)["error"]["code"] == code
    assert not list(tmp_path.rglob("*.sqlite3"))


@pytest.mark.parametrize("mode", ["pinned", "pki"])
def test_a_bundle_for_it_connects(tmp_path: Path, mode: str) -> None:
    """`apply` makes, uploads and proves a bundle for the organisation, and a node with that bundle's files gets in."""
    with served(tmp_path, "--port", "0") as (document, _):
        name, more = {"pinned": ("first-steps", ""), "pki": ("payments", '[certificate]\nca_key = "plain"')}[mode]
        answers = ANSWERS.format(name=name, mode=mode, ca=document["ca"], certificate=more)
        (tmp_path / "answers.toml").write_text(answers)
        where = ("--api-url", document["api_url"], "--token-file", document["token_file"])
        made = run(tmp_path, "apply", "answers.toml", "--workspace", "bundles", *where)
        assert made.returncode == 0, made.stderr
        bundle = Path(made.stdout.strip())
        env = dict(
            line.split("=", 1)
            for line in (bundle / "docker" / "edge-1" / "kong.env").read_text().splitlines()
            if line.startswith("KONG_CLUSTER_")
        )
        tls = ssl.create_default_context(cafile=str(bundle / "trust" / "control-plane-ca.crt"))
        tls.load_cert_chain(bundle / "nodes" / "edge-1" / "tls.crt", bundle / "nodes" / "edge-1" / "tls.key")
        address, sni = env["KONG_CLUSTER_CONTROL_PLANE"], env["KONG_CLUSTER_SERVER_NAME"]

        async def connect() -> str:
            async with connected(f"https://{address}", "", tls, path="", name=sni) as node:
                return str((await node.introduce(labels={"node": "edge-1"}))["type"])

        assert asyncio.run(connect()) == "reconfigure"


TRAINING = """\
schema = 1
[control_plane]
source = "training"
region = "eu"
name = "{name}"
auth_mode = "pinned"
{more}
[node]
names = ["edge-1"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which the organisation keeps ports that no other test has."""
    with Embedded(tmp_path / "data" / "konnect-tui" / "training"):
        return tmp_path


def _apply(
    folder: Path, *options: str, name: str = "first-steps", more: str = ""
) -> "subprocess.CompletedProcess[str]":
    (folder / "answers.toml").write_text(TRAINING.format(name=name, more=more))
    return run(folder, "apply", "answers.toml", "--workspace", "bundles", *options)


def test_apply_needs_no_server(folder: Path) -> None:
    """With source = "training" and no server, apply starts one for itself; the bundle is given to it and remembered."""
    made = _apply(folder, "--json")
    document = json.loads(made.stdout)
    assert made.returncode == 0, made.stdout
    assert [each["state"] for each in document["upload"]] == ["done"]
    bundle = Path(document["bundle"])
    again = _apply(folder, "--json")
    assert (again.returncode, json.loads(again.stdout)["changed"]) == (0, [])
    own = run(folder, "apply", str(bundle / "konnect-tui.toml"))
    assert (own.returncode, "1 there already" in own.stderr) == (0, True)
    assert "training serve" in own.stderr
    with served(folder) as (document, _):
        address = document["control_plane"].removeprefix("https://")
        assert address in (bundle / "docker" / "edge-1" / "kong.env").read_text()
        uploaded = run(folder, "upload", str(bundle))
        assert (uploaded.returncode, uploaded.stdout.split()[0]) == (0, "present")
        watched = run(folder, "watch", str(bundle), "--timeout", "0", "--json")
        assert json.loads(watched.stdout)["error"]["code"] == "not-arrived"


def test_apply_uses_the_server_that_runs(tmp_path: Path) -> None:
    """Where a server runs, apply asks that one, creates what it is asked to and finds it again."""
    with served(tmp_path, "--port", "0") as (document, _):
        made = _apply(tmp_path, name="brand new", more="create = true")
        assert made.returncode == 0, made.stderr
        assert "training serve" not in made.stderr

        async def there() -> bool:
            async with Client(hosts(document["api_url"]), Secret(document["token"].encode()), environ={}) as client:
                return await client.named("eu", "brand new") is not None

        assert asyncio.run(there())


def test_training_never_meets_the_real_konnect(folder: Path) -> None:
    """What is said about an account is refused, a real token is not read, and no other address is asked."""
    (folder / "token").write_text("kpat_real")
    for options in (("--token-file", "token"), ("--profile", "prod"), ("--api-url", "https://us.api.konghq.com")):
        assert _apply(folder, *options).returncode == 2
    (folder / "answers.toml").write_text(TRAINING.format(name="first-steps", more=""))
    command = [*COMMAND, "apply", "answers.toml", "--workspace", "bundles"]
    env = environ(folder) | {"KONNECT_TOKEN": "kpat_real", "KONNECT_API_URL": "https://konnect.invalid"}
    made = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr


def test_a_control_plane_that_has_to_move(folder: Path) -> None:
    """Where another program has its port, the error's own words are the way: it moves, each bundle made before is
    named, and applied again with --replace it has the new address, with its keys as they were.
    """
    bundle = Path(json.loads(_apply(folder, "--json").stdout)["bundle"])
    key = (bundle / "nodes" / "edge-1" / "tls.key").read_bytes()
    with served(folder) as (document, _):
        before = document["control_plane"].removeprefix("https://")
    with socket.create_server(("127.0.0.1", int(before.partition(":")[2]))):
        for command in (("training", "serve"), ("upload", str(bundle))):
            refused = run(folder, *command)
            assert (refused.returncode, "training serve --listener-port 0" in refused.stderr) == (1, True)
        with served(folder, "--listener-port", "0", "--workspace", "bundles") as (document, _):
            after = document["control_plane"].removeprefix("https://")
            [left] = document["problems"]
            assert (left["code"], left["field"]) == ("endpoints-moved", "")
            assert str(bundle) in left["message"]
            assert f"apply {bundle}/konnect-tui.toml --replace" in left["hint"]
        converged = run(folder, "apply", str(bundle / "konnect-tui.toml"), "--replace")
        assert converged.returncode == 0, converged.stderr
    told = (bundle / "docker" / "edge-1" / "kong.env").read_text()
    assert (after in told, before in told) == (True, False)
    assert (bundle / "nodes" / "edge-1" / "tls.key").read_bytes() == key
    with served(folder, "--listener-port", after.partition(":")[2], "--workspace", "bundles") as (document, _):
        assert document["problems"] == []


def test_an_api_that_gave_way_says_so(folder: Path) -> None:
    """Another port for the API is a note, for a program and for a person."""
    with served(folder) as (document, _):
        before = int(document["api_url"].split(":")[2].split("/")[0])
    with socket.create_server(("127.0.0.1", before)), served(folder) as (document, process):
        assert [(each["severity"], each["code"]) for each in document["problems"]] == [("note", "port-moved")]
        assert str(before) in document["problems"][0]["message"]
        again = run(folder, "training", "serve")
        assert (again.returncode, f"port {before}" in again.stderr) == (0, True)
        process.terminate()
        process.wait(20)


def test_two_commands_at_once(folder: Path) -> None:
    """Two commands that both find no server share the one that was quicker."""
    for name in ("one", "two"):
        answers = TRAINING.format(name="first-steps", more="") + f'[output]\nbundle = "{name}"\n'
        (folder / f"{name}.toml").write_text(answers)
    commands = [[*COMMAND, "apply", f"{name}.toml", "--workspace", name, "--dry-run"] for name in ("one", "two")]
    env = environ(folder)
    running = [subprocess.Popen(each, cwd=folder, env=env, stdout=subprocess.DEVNULL) for each in commands]
    assert [each.wait(60) for each in running] == [0, 0]
