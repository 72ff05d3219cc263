"""`konnect-tui training node`: a bundle that `apply` made, run by the product itself."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from free_ports import free_ports

pytestmark = pytest.mark.slow

COMMAND = [sys.executable, "-m", "konnect_tui"]
ANSWERS = """\
schema = 1
[control_plane]
source = "konnect"
region = "eu"
name = "first-steps"
auth_mode = "pinned"
trusted_ca = "{ca}"
[node]
names = ["edge-{{1..2}}"]
http_port = {ports[0]}
https_port = {ports[1]}
status_port = {ports[2]}
"""


class Place:
    """A folder with an organisation, and a bundle for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith(("KONNECT_", "XDG_"))}
        self.environ |= {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("DATA", "STATE", "CONFIG")}
        self.environ["HOME"] = str(folder)

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """A command of the product."""
        return subprocess.run(
            [*COMMAND, *arguments], cwd=self.folder, env=self.environ, capture_output=True, text=True, check=False
        )

    @contextmanager
    def started(self, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
        """A command that goes on."""
        with subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def bundle(self, organisation: dict[str, Any]) -> str:
        """The path of a bundle whose certificates are uploaded."""
        answers = ANSWERS.format(ca=organisation["ca"], ports=free_ports(3))
        (self.folder / "answers.toml").write_text(answers)
        where = ("--api-url", organisation["api_url"], "--token-file", organisation["token_file"])
        made = self.run("apply", "answers.toml", "--workspace", "bundles", *where)
        assert made.returncode == 0, made.stderr
        return made.stdout.strip()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, str]]:
    """A running organisation, and a bundle of two nodes for it."""
    here = Place(tmp_path_factory.mktemp("place"))
    with here.started("training", "serve", "--json", "--port", "0") as serving:
        assert serving.stdout is not None
        yield here, here.bundle(json.loads(serving.stdout.readline()))


def wait_for(process: "subprocess.Popen[str]", words: str, times: int) -> list[str]:
    """The lines of its standard error until those words came so many times."""
    assert process.stderr is not None
    lines: list[str] = []
    late = threading.Timer(40, process.kill)
    late.start()
    while sum(words in line for line in lines) < times:
        line = process.stderr.readline()
        assert line, "".join(lines)
        lines.append(line)
    late.cancel()
    return lines


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_until_it_is_stopped(place: tuple[Place, str], sent: signal.Signals, code: int) -> None:
    """All nodes run and connect; it says which files they read and what they reached; a signal ends it cleanly."""
    here, bundle = place
    with here.started("training", "node", bundle) as process:
        lines = wait_for(process, "in sync on", 2)
        text = "".join(lines)
        assert "edge-1 reads docker/edge-1/run.sh, docker/edge-1/kong.env" in text
        assert "→ edge-2: connected, in sync on " in text
        process.send_signal(sent)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out) == (code, "")
        assert "Traceback" not in err


def test_the_document_at_the_end(place: tuple[Place, str]) -> None:
    """With --json there is one document, at the end: how far each node came, and the end of its log."""
    here, bundle = place
    ready = Path(bundle) / "state" / "edge-2" / "config.cache.json.gz"
    ready.unlink(missing_ok=True)
    with here.started("training", "node", bundle, "--json", "--node", "edge-2") as process:
        until = time.monotonic() + 30
        while not ready.exists() and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
    document = json.loads(out)
    assert (process.returncode, err, document["ok"], document["command"]) == (0, "", True, "training")
    [node] = document["nodes"]
    assert (node["name"], node["platform"], node["connected"], node["code"]) == ("edge-2", "docker", True, "")
    assert len(node["hash"]) == 32


def test_a_node_that_would_not_start(place: tuple[Place, str]) -> None:
    """Where no node is left that would start it ends by itself, with Kong's words and exit 2."""
    here, bundle = place
    env = Path(bundle) / "docker" / "edge-1" / "kong.env"
    kept = env.read_text()
    try:
        env.write_text(kept.replace("KONG_DATABASE=off", "KONG_DATABASE=postgres"))
        ended = here.run("training", "node", bundle, "--node", "edge-1")
    finally:
        env.write_text(kept)
    assert ended.returncode == 2
    assert 'Error: only in-memory storage can be used when role = "data_plane"' in ended.stderr
    assert "[node-would-not-start]" in ended.stderr


def test_a_port_that_is_taken(place: tuple[Place, str]) -> None:
    """A port that another program has is named in nginx's words; it is the world that failed."""
    here, bundle = place
    with here.started("training", "node", bundle, "--node", "edge-1") as first:
        wait_for(first, "in sync on", 1)
        second = here.run("training", "node", bundle, "--node", "edge-1", "--json")
        assert second.returncode == 1
        document = json.loads(second.stdout)
        assert document["error"]["code"] == "port-in-use"
        assert document["nodes"][0]["log"][-1].startswith("nginx: [emerg] bind() to ")
        assert document["nodes"][0]["log"][-1].endswith(" failed (98: Address already in use)")


def test_where_few_files_may_be_open(place: tuple[Place, str]) -> None:
    """A low limit of open files, as some systems have it, is raised as far as the nodes need it."""
    here, bundle = place
    few = "import resource as r, runpy, sys; r.setrlimit(r.RLIMIT_NOFILE, (16, r.getrlimit(r.RLIMIT_NOFILE)[1]));"
    act = "sys.argv[0] = 'konnect-tui'; runpy.run_module('konnect_tui', run_name='__main__')"
    command = [sys.executable, "-c", f"{few}{act}", "training", "node", bundle]
    with subprocess.Popen(
        command, cwd=here.folder, env=here.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            wait_for(process, "in sync on", 2)
        finally:
            process.terminate()
            process.communicate(timeout=20)


def test_no_such_node(place: tuple[Place, str]) -> None:
    """A name that is none of the bundle's nodes is refused, with those it has."""
    here, bundle = place
    refused = here.run("training", "node", bundle, "--node", "edge-9", "--json")
    error = json.loads(refused.stdout)["error"]
    assert (refused.returncode, error["code"]) == (2, "unknown-node")
    assert "edge-1, edge-2" in error["hint"]


def test_nodes_of_a_training_bundle_need_nothing_else(tmp_path: Path) -> None:
    """With source = "training" two commands do: apply, and the nodes, which bring the organisation; watch sees them."""
    place = Place(tmp_path)
    answers = ANSWERS.replace('source = "konnect"', 'source = "training"').replace('trusted_ca = "{ca}"\n', "")
    (tmp_path / "answers.toml").write_text(answers.format(ports=free_ports(3)))
    made = place.run("apply", "answers.toml", "--workspace", "bundles")
    assert made.returncode == 0, made.stderr
    bundle = made.stdout.strip()
    assert f"konnect-tui training node {bundle}" in made.stderr
    with place.started("training", "node", bundle) as nodes:
        assert any("runs now, as long as these nodes do" in line for line in iter(nodes.stderr.readline, ""))
        watched = place.run("watch", bundle, "--timeout", "40s")
        assert watched.returncode == 0, watched.stderr
        nodes.send_signal(signal.SIGINT)
        nodes.communicate(timeout=20)
    assert nodes.returncode == 130
