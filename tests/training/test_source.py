"""`source = "training"`: commands ask the embedded organisation, and nothing else."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from embedded import Embedded, now
from live_answers import manifest_of
from running import Outcome, run

from fake_konnect import FakeKonnect
from konnect_tui.pki.read import read_file
from konnect_tui.training import running
from konnect_tui.training.addresses import Wanted
from konnect_tui.training.at_hand import staying

PINNED = """\
schema = 1
[control_plane]
source = "training"
region = "eu"
name = "first-steps"
auth_mode = "pinned"
[node]
names = ["edge-{1..2}"]
[output]
platforms = ["docker", "compose", "linux"]
"""
PKI = PINNED.replace("first-steps", "payments").replace("pinned", "pki") + '[certificate]\nca_key = "plain"\n'
MARKED = "kpat_" + "MARKEDrealTOKEN" * 3
Command = Callable[..., Outcome]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """All of the product's folders lie in it; ports are whatever is free."""
    for kind in ("DATA", "STATE", "CONFIG", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    return tmp_path


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeKonnect]:
    """What a careless shell has set up: a token, an address of Konnect and a proxy, none of which may be used."""
    with FakeKonnect() as konnect:
        monkeypatch.setenv("KONNECT_TOKEN", MARKED)
        monkeypatch.setenv("KONNECT_API_URL", konnect.url)
        monkeypatch.setenv("HTTPS_PROXY", konnect.url)
        yield konnect
        assert konnect.requests == []


@pytest.fixture
def command(folder: Path) -> Command:
    """Runs a command on the workspace of the test, for JSON."""
    return lambda *arguments: run(*arguments, "--workspace", folder / "dp", "--json")


@pytest.fixture
def apply(folder: Path, command: Command) -> Command:
    """Applies the text as an answers file."""

    def applied(text: str, *options: str) -> Outcome:
        (folder / "answers.toml").write_text(text)
        return command("apply", folder / "answers.toml", *options)

    return applied


@pytest.fixture
def training(folder: Path) -> Iterator[Embedded]:
    """The organisation of that state, running elsewhere."""
    with Embedded(folder / "data" / "konnect-tui" / "training") as running:
        yield running


@pytest.mark.parametrize("text", [PINNED, PKI], ids=["pinned", "pki"])
def test_one_command_makes_a_bundle_and_no_account_is_needed(apply: Command, real: FakeKonnect, text: str) -> None:
    """Where no organisation runs, apply starts one for itself; the bundle is given to it, and remembers whose it is."""
    made = apply(text)
    assert made.code == 0, made.out + made.err
    bundle = Path(made.document["bundle"])
    assert {row["state"] for row in made.document["upload"]} == {"done"}
    assert [row["accepted"] for row in made.document["rehearsal"]] == [True] * 4
    assert manifest_of(bundle)["konnect"]["organization_name"] == "Practice Co."
    assert [thread for thread in threading.enumerate() if "training" in thread.name] == []
    again = apply(text)
    assert (again.code, again.document["changed"]) == (0, [])
    assert {row["state"] for row in again.document["upload"]} == {"present"}
    own = run("apply", bundle / "konnect-tui.toml", "--json")
    assert (own.code, own.document["changed"]) == (0, [])


def test_nodes_are_told_whom_to_trust(apply: Command, training: Embedded) -> None:
    """The organisation's CA lies in trust/, and every platform has its endpoints, server names and that CA."""
    bundle = Path(apply(PINNED).document["bundle"])
    trusted = read_file(str(bundle / "trust" / "control-plane-ca.crt")).certificates
    assert trusted == read_file(training.running.ca).certificates
    address = training.running.control_plane.removeprefix("https://")
    for path in ("docker/edge-1/kong.env", "compose/compose.yaml", "linux/edge-1/kong.conf"):
        text = (bundle / path).read_text()
        found = re.search(rf"{re.escape(address)}/cp/([a-z0-9]{{10}})", text)
        assert found is not None, path
        assert f"{found[1]}.cp.training.localhost" in text
        assert f"{found[1]}.tp.training.localhost" in text
        assert "control-plane-ca.crt" in text
    assert "--network 'host'" in (bundle / "docker/edge-1/run.sh").read_text()
    assert 'network_mode: "host"' in (bundle / "compose/compose.yaml").read_text()
    assert "This is a training bundle" in (bundle / "README.md").read_text()[:400]


def test_the_organisation_that_runs_is_used(apply: Command, command: Command, training: Embedded) -> None:
    """apply, upload and watch ask the server that is there, create in it what is wanted, and leave it running."""
    made = apply(PINNED.replace("first-steps", "brand new").replace('"eu"', '"us"'), "--no-upload")
    assert ("control_plane.name", "not-in-konnect") in made.codes()
    wanted = PINNED.replace('name = "first-steps"', 'name = "brand new"\ncreate = true')
    made = apply(wanted, "--no-upload")
    assert made.code == 0, made.out
    bundle = made.document["bundle"]
    uploaded = command("upload", bundle)
    assert [row["state"] for row in uploaded.document["upload"]] == ["done", "done"]
    watched = command("watch", bundle, "--timeout", "0")
    assert (watched.code, watched.document["error"]["code"]) == (3, "not-arrived")
    assert [row["certificate_given"] for row in watched.document["nodes"]] == [True, True]
    assert training.rest_port


def test_upload_and_watch_start_it_for_themselves(apply: Command, command: Command, real: FakeKonnect) -> None:
    """Where none runs, upload and watch of a training bundle do as apply does, on the same ports."""
    bundle = apply(PINNED, "--no-upload").document["bundle"]
    uploaded = command("upload", bundle)
    assert [row["state"] for row in uploaded.document["upload"]] == ["done", "done"]
    watched = command("watch", bundle, "--timeout", "0")
    assert (watched.code, watched.document["error"]["code"]) == (3, "not-arrived")
    assert watched.document["problems"][0]["code"] == "node-unseen"


def test_a_dry_run_makes_no_bundle(apply: Command, folder: Path) -> None:
    """--dry-run asks the organisation as well, and writes nothing to the workspace."""
    foreseen = apply(PINNED, "--dry-run")
    assert foreseen.code == 0, foreseen.out
    assert "trust/control-plane-ca.crt" in foreseen.document["changed"]
    assert not (folder / "dp" / "first-steps-eu").exists()


@pytest.mark.parametrize(
    "option", [("--token-file", "token"), ("--profile", "prod"), ("--api-url", "http://127.0.0.1:1")]
)
def test_what_is_said_of_an_account_is_refused(apply: Command, folder: Path, option: tuple[str, str]) -> None:
    """Options that mean another Konnect exit 2 beside source = "training": nothing is ignored in silence."""
    refused = apply(PINNED, *option)
    assert (refused.code, refused.document["error"]["code"]) == (2, "usage")
    assert option[0] in refused.document["error"]["message"]
    assert not (folder / "data").exists()


def test_nothing_is_started_for_answers_that_are_wrong(apply: Command, folder: Path) -> None:
    """Faults of the answers are told before any organisation is made or started."""
    assert apply(PINNED.replace('"pinned"', '"pined"')).code == 2
    assert not (folder / "data").exists()


def test_the_real_token_is_nowhere(apply: Command, real: FakeKonnect, folder: Path) -> None:
    """A marked token of the real Konnect is in nothing that is printed or written."""
    made = apply(PINNED)
    assert made.code == 0
    assert MARKED not in made.out + made.err
    written = [path for path in folder.rglob("*") if path.is_file()]
    assert len(written) > 20
    assert [path for path in written if MARKED.encode() in path.read_bytes()] == []


def test_a_bundle_of_an_organisation_that_is_gone_is_refused(apply: Command, command: Command, folder: Path) -> None:
    """Begun anew, the organisation is another one: apply, upload and watch refuse its bundles and say why."""
    bundle = Path(apply(PINNED).document["bundle"])
    kept = (bundle / "konnect-tui.toml").read_bytes()
    with Embedded(folder / "data" / "konnect-tui" / "training", Wanted(fresh=True)):
        watched = command("watch", bundle, "--timeout", "0")
        for refused in (apply(PINNED, "--replace"), command("upload", bundle), watched):
            error = refused.document["error"]
            assert (refused.code, error["code"]) == (2, "other-organization")
            assert "another training organisation" in error["message"]
            assert "--fresh" in error["context"]
    assert (bundle / "konnect-tui.toml").read_bytes() == kept


def test_who_needs_it_longer_takes_over(folder: Path) -> None:
    """Where the server that ran ends, whoever stays runs it from then on: same address, same token."""
    state = folder / "data" / "konnect-tui" / "training"
    with Embedded(state) as embedded:
        before = embedded.running
        kept = staying(str(state), now)
        assert kept.__enter__() == before
    try:
        end = time.monotonic() + 20
        while (found := running.find(str(state))) is None and time.monotonic() < end:
            time.sleep(0.05)
        assert found is not None
        assert (found.api_url, found.token) == (before.api_url, before.token)
    finally:
        kept.__exit__(None, None, None)
    assert running.find(str(state)) is None
