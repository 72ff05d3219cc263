import os
import re
import subprocess
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import pytest
import samples
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace
from on_disk import write

from konnect_tui import pki_desk
from konnect_tui.bundle import merge
from konnect_tui.network import allowlist
from konnect_tui.pki.making import files as pki_files
from konnect_tui.platforms import available, options_of, platform
from konnect_tui.runbook import render
from programs import needs

GOLDEN = Path(__file__).parent / "golden/bundle"
SECRETS = ("nodes/edge-1/tls.key", "nodes/edge-1/next/tls.key", "ca/root.key", "state/edge-1/dbless.lmdb")
PRIVATE = (*SECRETS, "compose/.env", ".backup/2026/nodes/edge-1/tls.key", ".backup/2026/README.md")
PUBLIC = ("README.md", "konnect-tui.toml", "nodes/edge-1/tls.crt", "upload/edge-1.crt", "docker/edge-1/kong.env")


def everything():
    """Every platform that there is, with its default options."""
    return {key: options_of(key, {}) for key in available()}


def readme(plan) -> str:
    """The README of a plan."""
    return render(plan)["README.md"].data.decode()


def plans():
    """Both sample plans, for all platforms."""
    return {mode: make(everything()) for mode, make in samples.PLANS.items()}


WITHOUT_PLATFORMS = {"requested": samples.requested, "live": samples.live, "training": samples.training}


@pytest.mark.parametrize("mode", [*samples.PLANS, *WITHOUT_PLATFORMS])
def test_readme_and_allowlist_are_what_was_recorded(mode):
    """What describes the whole bundle has the bytes that somebody has looked at (recorded as in test_golden.py)."""
    plan = samples.PLANS[mode](everything()) if mode in samples.PLANS else WITHOUT_PLATFORMS[mode]()
    folder = GOLDEN / mode
    files = merge([render(plan), allowlist.render(plan), pki_desk.render(plan)])
    if os.environ.get("KONNECT_TUI_RECORD_GOLDEN"):
        write(files, folder)
    kept = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert kept == {path: file.data for path, file in files.items()}


def test_of_a_live_control_plane_nothing_is_done_by_hand():
    """With an account the README says which command uploads and which watches, and no host is called derived."""
    text = readme(samples.live())
    assert "konnect-tui upload ." in text
    assert "konnect-tui watch ." in text
    assert "Gateway Manager" not in text
    assert "derived" not in text


def test_a_training_bundle_says_what_it_is():
    """At its top it says in plain words that nothing of it is real; nodes run without Kong; no firewall is asked."""
    text = readme(samples.training())
    assert text.index("This is a training bundle") < text.index("## 1.")
    assert "konnect-tui training node ." in text
    assert "request.md" not in text.replace("a firewall: see `network/request.md`", "")
    assert "training" not in readme(samples.live())


@pytest.mark.parametrize("mode", samples.PLANS)
def test_every_command_of_every_platform_is_there(mode):
    """The README has each line that a platform wants to be run, and what it does."""
    plan = plans()[mode]
    text = readme(plan)
    for key in plan.platforms:
        for command in platform(key).commands(plan):
            assert f"\n# {command.does}\n{command.line}\n" in text


@pytest.mark.parametrize("mode", samples.PLANS)
def test_files_that_are_named_exist(mode):
    """Every path of the bundle in the README is a file or folder that the bundle has."""
    plan = plans()[mode]
    material = samples.material(plan)
    parts = [platform(key).render(plan, material) for key in plan.platforms]
    files = merge([*parts, render(plan), allowlist.render(plan), pki_files.render(plan, material)])
    named = re.findall(r"`((?:upload|network|trust|ca|nodes|state)/[^`<*]*)`", readme(plan))
    named += re.findall(r"^(?:sudo )?((?:docker|compose|linux|helm)/\S+)", readme(plan), re.MULTILINE)
    assert len(named) > 5
    for path in named:
        assert path == "state/" or path in files or any(other.startswith(path) for other in files), path


def test_only_commands_that_exist():
    """Nothing is advised that this release answers with not-available-yet."""
    for plan in plans().values():
        used = set(re.findall(r"konnect-tui ([a-z]+)", readme(plan)))
        assert used <= {"apply", "verify", "rehearse", "inspect", "judge"}


def test_what_to_upload_depends_on_the_choices():
    """Pinned: every node's certificate, or the shared one. PKI: the one CA that was chosen."""
    pinned = samples.pinned()
    assert "`upload/edge-1.crt`" in readme(pinned)
    assert "`upload/edge-2.crt`" in readme(pinned)
    shared = replace(pinned, certificate=replace(pinned.certificate, per="bundle"))
    assert "`upload/shared.crt`" in readme(shared)
    assert "edge-1.crt" not in readme(shared)
    pki = samples.pki()
    assert "`upload/root.crt`" in readme(pki)
    below = replace(pki, certificate=replace(pki.certificate, upload="intermediate"))
    assert "`upload/intermediate.crt`" in readme(below)
    assert "root.crt" not in readme(below)


def test_the_end_is_told():
    """The README says on which day the certificates end, and what then happens."""
    assert "**2036-11-22 23:55 UTC**" in readme(samples.pinned())
    assert "sends no analytics" in readme(samples.pinned())


@pytest.mark.parametrize(
    ("kept", "said"),
    [("encrypted", "encrypted with your passphrase"), ("plain", "**not encrypted**"), ("discard", "thrown away")],
)
def test_advice_about_the_ca_key(kept, said):
    """Where a CA was made here, the README says what became of its key; a pinned bundle has no such part."""
    plan = samples.pki()
    text = readme(replace(plan, certificate=replace(plan.certificate, ca_key=kept)))
    assert said in text.partition("## The CA")[2]
    assert "## The CA" not in readme(samples.pinned())


def test_ports_are_the_first_nodes():
    """What to ask the running node is asked at the ports it has: the host's, or those of its own host."""
    plan = samples.pki({"linux": options_of("linux", {})})
    other = replace(plan, nodes=plan.nodes[1:])
    assert "http://localhost:8080/" in readme(other)
    moved = replace(samples.pinned(everything()), nodes=(samples.node("edge-1", 7),))
    assert "http://localhost:8007/" in readme(moved)


def test_upload_only():
    """A bundle without nodes says what to upload and nothing about starting."""
    text = readme(replace(samples.pki(), nodes=()))
    assert "`upload/root.crt`" in text
    assert "## 2." not in text


def test_a_thousand_nodes_stay_readable():
    """The README of a thousand nodes is not a list of a thousand nodes."""
    plan = replace(samples.pinned(everything()), nodes=tuple(samples.node(f"edge-{i}") for i in range(1000)))
    assert len(readme(plan)) < 12_000
    assert "all 1,000 files" in readme(plan)


@given(st.text(min_size=2, max_size=256))
def test_any_name_stays_text(name):
    """A control plane's name is shown as it is and does nothing: no markup, no link, no control character."""
    plan = samples.pinned()
    text = readme(replace(plan, control_plane=replace(plan.control_plane, name=name)))
    assert not {character for character in text if character < " "} - {"\n"}
    tokens = MarkdownIt("commonmark").parse(text.partition("## 1.")[0])
    kinds = {child.type for token in tokens for child in token.children or ()}
    assert kinds <= {
        "text",
        "text_special",
        "softbreak",
        "strong_open",
        "strong_close",
        "code_inline",
        "em_open",
        "em_close",
    }


def test_git_ignores_what_is_private(tmp_path):
    """Git itself leaves keys, state and backups out, and keeps certificates and configuration."""
    git = needs("git")
    write(render(samples.pinned()), tmp_path / "b")
    subprocess.run([git, "init", "-q", "."], cwd=tmp_path / "b", check=True)
    asked = subprocess.run(
        [git, "check-ignore", *PRIVATE, *PUBLIC], cwd=tmp_path / "b", capture_output=True, text=True, check=False
    )
    assert asked.stdout.splitlines() == list(PRIVATE)


class Builder(BaseHTTPRequestHandler):
    """As much of a Docker daemon as takes a build context."""

    contexts: list[bytes]

    def do_HEAD(self) -> None:
        self._answer(b"")

    def do_GET(self) -> None:
        self._answer(b"OK" if self.path.endswith("_ping") else b"{}")

    def do_POST(self) -> None:
        body = BytesIO()
        while size := int(self.rfile.readline(), 16):
            body.write(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        self.contexts.append(body.getvalue())
        self._answer(b'{"stream":"ok"}\n')

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Api-Version", "1.41")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


def test_docker_leaves_out_what_is_private(tmp_path):
    """The Docker command line sends no key, state or backup to a builder when the bundle is a build context."""
    docker = needs("docker")
    root = write(render(samples.pinned()), tmp_path / "b")
    for path in (*PRIVATE, *PUBLIC):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("x")
    (root / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    Builder.contexts = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Builder)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        subprocess.run(
            [docker, "build", "-q", "."],
            cwd=root,
            capture_output=True,
            check=False,
            timeout=60,
            env={
                "PATH": os.defpath,
                "HOME": str(tmp_path),
                "DOCKER_BUILDKIT": "0",
                "DOCKER_HOST": f"tcp://127.0.0.1:{server.server_port}",
            },
        )
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    (context,) = Builder.contexts
    with tarfile.open(fileobj=BytesIO(context)) as sent:
        names = {member.name for member in sent if member.isfile()}
    assert names & set(PRIVATE) == set()
    assert set(PUBLIC) <= names
