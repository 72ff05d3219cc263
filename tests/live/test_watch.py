"""watch: the nodes of a bundle arrive, or it is said what to look at next."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from certificate_maker import make
from konnect_asking import QuickClock, ask, refused
from live_answers import PINNED as LIVE
from running import PINNED, Apply, Outcome, run

from fake_konnect import Answer, FakeKonnect, problem
from konnect_tui.errors import KonnectError
from konnect_tui.konnect.client import Client
from konnect_tui.live.advice import advice, line
from konnect_tui.live.arrival import Expected, Subject
from konnect_tui.live.watch import Sight, watch

ZEROS = "0" * 32
Json = dict[str, Any]


# --- the loop


class Looks:
    """What was seen, look by look; before each look after the first, the next of `acts` is done to Konnect."""

    def __init__(self, *acts: Callable[[], object]) -> None:
        self.sights: list[Sight] = []
        self._acts = list(acts)
        self.clock = QuickClock()

    def told(self, sight: Sight) -> None:
        self.sights.append(sight)

    async def sleep(self, seconds: float) -> None:
        await self.clock.sleep(seconds)
        if self._acts:
            self._acts.pop(0)()

    @property
    def stages(self) -> list[list[str]]:
        return [[state.stage for state in sight.states] for sight in self.sights]


def look(konnect: FakeKonnect, plane: Json, looks: Looks, limit: float = 60, **more: Any) -> Sight:
    """Watch edge-1 and edge-2 of a PKI bundle."""
    nodes = tuple(Expected(name, name) for name in ("edge-1", "edge-2"))
    subject = Subject("eu", plane["id"], "pki", nodes)

    async def asked(client: Client) -> Sight:
        return await watch(
            client, subject, limit=limit, told=looks.told, passed=looks.clock.passed, sleep=looks.sleep, **more
        )

    return ask(konnect, asked, clock=looks.clock)


def test_it_ends_when_all_have_arrived(konnect: FakeKonnect) -> None:
    """Every change is told once: nodes come one after the other, take their configuration, and then it ends."""
    plane = konnect.add_control_plane("eu", "payments")
    first: Json = {}
    looks = Looks(
        lambda: first.update(konnect.add_node(plane, "edge-1", config_hash=ZEROS)) or None,
        lambda: konnect.nodes[plane["id"]][0].update(config_hash="f" * 32),
        lambda: konnect.nodes[plane["id"]][0].update(config_hash=konnect.hashes[plane["id"]]),
        lambda: None,
        lambda: konnect.add_node(plane, "edge-2"),
    )
    last = look(konnect, plane, looks)
    assert last.ready
    assert looks.stages == [
        ["unseen", "unseen"],
        ["empty", "unseen"],
        ["behind", "unseen"],
        ["ready", "unseen"],
        ["ready", "unseen"],
        ["ready", "ready"],
    ]
    assert [[state.name for state in sight.changed] for sight in looks.sights] == [
        [], ["edge-1"], ["edge-1"], ["edge-1"], [], ["edge-2"]
    ]  # fmt: skip


def test_a_clock_that_is_off_hides_no_node(konnect: FakeKonnect) -> None:
    """Where only the last ping tells, it is held against Konnect's clock, by however little this machine's differs."""
    plane = konnect.add_control_plane("eu", "payments")
    for name in ("edge-1", "edge-2"):
        konnect.add_node(plane, name, connection_state=None, last_ping=int(time.time()) - 30)
    for off in (50, -50):
        looks = Looks()
        looks.clock.ahead = timedelta(seconds=off)
        assert look(konnect, plane, looks, limit=0, now=lambda off=off: time.time() + off).ready


def test_how_old_a_ping_is_goes_by_konnects_clock(konnect: FakeKonnect) -> None:
    """A node that pings is not taken for one that stopped by a machine whose clock is an hour ahead, or behind."""
    plane = konnect.add_control_plane("eu", "payments")
    for name in ("edge-1", "edge-2"):
        konnect.add_node(plane, name, last_ping=int(time.time()) - 30)
    for off in (3600, -3600):
        looks = Looks()
        looks.clock.ahead = timedelta(seconds=off)
        assert look(konnect, plane, looks, limit=0, now=lambda off=off: time.time() + off).ready
    konnect.nodes[plane["id"]][0]["last_ping"] -= 7200
    assert not look(konnect, plane, Looks(), limit=0).ready


def test_what_is_expected_may_change(konnect: FakeKonnect) -> None:
    """Where the configuration changes meanwhile, that is told, and the nodes are in sync only with the new one."""
    plane = konnect.add_control_plane("eu", "payments")
    for name in ("edge-1", "edge-2"):
        konnect.add_node(plane, name, config_hash=ZEROS)

    def change() -> None:
        konnect.hashes[plane["id"]] = "e" * 32
        konnect.nodes[plane["id"]][0]["config_hash"] = "e" * 32

    looks = Looks(change, lambda: konnect.nodes[plane["id"]][1].update(config_hash="e" * 32))
    assert look(konnect, plane, looks).ready
    assert [sight.moved for sight in looks.sights] == [False, True, False]
    assert looks.stages[1] == ["ready", "empty"]


def test_time_runs_out(konnect: FakeKonnect) -> None:
    """When the time is up the last look is given back; looks come less often the longer it takes."""
    plane = konnect.add_control_plane("eu", "payments")
    looks = Looks()
    last = look(konnect, plane, looks, limit=1200)
    assert not last.ready
    assert looks.clock.passed() == pytest.approx(1200)
    assert looks.clock.waits[0] < looks.clock.waits[100] < looks.clock.waits[-2]
    assert len(looks.sights) < 200


def test_a_slow_konnect_is_asked_less_often(konnect: FakeKonnect) -> None:
    """Where a look takes long, as with thousands of nodes, the next one comes so much later."""
    plane = konnect.add_control_plane("eu", "payments")
    looks = Looks()
    seen = looks.told

    def slow(sight: Sight) -> None:
        seen(sight)
        looks.clock.waits.append(8.0)

    looks.told = slow  # type: ignore[method-assign]
    look(konnect, plane, looks, limit=300)
    assert 8 <= len(looks.sights) <= 11


def test_one_look(konnect: FakeKonnect) -> None:
    """Without any time it is looked once."""
    plane = konnect.add_control_plane("eu", "payments")
    looks = Looks()
    assert not look(konnect, plane, looks, limit=0).ready
    assert len(looks.sights) == 1


def test_a_network_that_fails_for_a_while(konnect: FakeKonnect) -> None:
    """A fault that may pass is told, what was seen before stays, and the watch goes on."""
    plane = konnect.add_control_plane("eu", "payments")
    konnect.add_node(plane, "edge-1")
    nodes = f"/eu/v2/control-planes/{plane['id']}/nodes"

    def fail() -> None:
        konnect.script("GET", nodes, *[Answer(503, b"")] * 4)

    looks = Looks(fail, lambda: konnect.add_node(plane, "edge-2"))
    assert look(konnect, plane, looks, limit=600).ready
    assert [sight.fault is not None for sight in looks.sights] == [False, True, False]
    assert looks.stages == [["ready", "unseen"], ["ready", "unseen"], ["ready", "ready"]]
    assert looks.sights[1].changed == ()


def test_konnect_that_never_answers(konnect: FakeKonnect) -> None:
    """Where no look succeeds, the end is why, and not that no node was seen."""
    plane = konnect.add_control_plane("eu", "payments")
    konnect.script("GET", f"/eu/v2/control-planes/{plane['id']}", *[Answer(503, b"")] * 4)
    nodes = (Expected("edge-1", "edge-1"),)
    fault = refused(
        konnect,
        lambda client: watch(client, Subject("eu", plane["id"], "pki", nodes), limit=0, told=lambda _: None),
    )
    assert (fault.code, fault.exit_code) == ("konnect-fault", 1)


@pytest.mark.parametrize(("status", "code"), [(401, "token-refused"), (403, "not-permitted"), (404, "not-in-konnect")])
def test_what_will_not_pass_ends_it(konnect: FakeKonnect, status: int, code: str) -> None:
    """A token revoked half way, a missing role or a control plane that is gone ends the watch at once."""
    plane = konnect.add_control_plane("eu", "payments")
    nodes = f"/eu/v2/control-planes/{plane['id']}/nodes"
    looks = Looks(lambda: konnect.script("GET", nodes, problem(status, "No", "No.")))
    with pytest.raises(KonnectError) as ended:
        look(konnect, plane, looks)
    assert ended.value.code == code
    assert len(looks.sights) == 1


def test_it_can_be_cancelled(konnect: FakeKonnect) -> None:
    """Cancelling it while Konnect does not answer takes effect at once, and nothing stays open."""
    plane = konnect.add_control_plane("eu", "payments")
    konnect.script("GET", f"/eu/v2/control-planes/{plane['id']}/nodes", Answer(act="hang"))

    async def cancelled(client: Client) -> float:
        subject = Subject("eu", plane["id"], "pki", (Expected("edge-1", "edge-1"),))
        watching = asyncio.create_task(watch(client, subject, limit=60, told=lambda _: None))
        await asyncio.sleep(0.3)
        assert konnect.asked("GET", "/nodes")
        begun = time.monotonic()
        watching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await watching
        return time.monotonic() - begun

    assert ask(konnect, cancelled) < 1


def test_a_group_says_why_its_nodes_wait(konnect: FakeKonnect) -> None:
    """How a control plane group fares is asked while its nodes have no configuration, and its conflicts are told."""
    plane = konnect.add_control_plane("eu", "shop", cluster_type="CLUSTER_TYPE_CONTROL_PLANE_GROUP")
    konnect.groups[plane["id"]] = {"state": "CONFLICT", "conflicts": [{"a": 1}, {"b": 2}]}
    konnect.add_node(plane, "edge-1", config_hash=ZEROS)
    last = look(konnect, plane, Looks(), limit=0)
    told = {problem.code: problem.message for problem in advice(last.states, last.group)}
    assert "2 conflicts" in told["group-conflict"]


# --- the command


@pytest.fixture
def bundle(apply: Apply, konnect: FakeKonnect) -> tuple[Json, list[str]]:
    """A bundle of two nodes that was given to Konnect: its control plane, and the ids of its certificates."""
    plane = konnect.add_control_plane("eu", "payments")
    made = apply(LIVE)
    assert made.code == 0, made.out
    return plane, [row["id"] for row in made.document["upload"]]


def _rows(outcome: Outcome) -> list[tuple[str, bool, bool, str | None]]:
    return [(row["name"], row["connected"], row["in_sync"], row["version"]) for row in outcome.document["nodes"]]


def _problems(outcome: Outcome) -> list[tuple[str, str]]:
    return [(row["field"], row["code"]) for row in outcome.document["problems"]]


def test_all_connected_and_in_sync(live: Apply, konnect: FakeKonnect, bundle: tuple[Json, list[str]]) -> None:
    """Exit 0 when all are connected and in sync, with who they are."""
    plane, certificates = bundle
    made = [konnect.add_node(plane, f"pod-{at}", data_plane_cert_id=each) for at, each in enumerate(certificates)]
    watched = live("watch", "payments-eu", "--timeout", "1")
    assert watched.code == 0, watched.out
    assert watched.document["ok"] is True
    assert _rows(watched) == [("edge-1", True, True, "3.10.0.5"), ("edge-2", True, True, "3.10.0.5")]
    assert [row["node_id"] for row in watched.document["nodes"]] == [node["id"] for node in made]
    assert _problems(watched) == []


def test_time_is_up(live: Apply, konnect: FakeKonnect, bundle: tuple[Json, list[str]]) -> None:
    """Exit 3 when the time is up, with one piece of advice for each node that is not there."""
    plane, certificates = bundle
    faults = [{"name": "x", "flattened_errors": [{"entity_type": "route", "entity_name": "shop", "errors": [
        {"error_message": "no such host", "field": "host", "type": "field"}]}]}]  # fmt: skip
    konnect.add_node(plane, "edge-1", data_plane_cert_id=certificates[0], config_hash=ZEROS, errors=faults)
    watched = live("watch", "payments-eu", "--timeout", "0")
    assert (watched.code, watched.document["error"]["code"]) == (3, "not-arrived")
    assert "2 of 2" in watched.document["error"]["message"]
    assert _rows(watched) == [("edge-1", True, False, "3.10.0.5"), ("edge-2", False, False, None)]
    assert _problems(watched) == [("nodes.edge-1", "configuration-refused"), ("nodes.edge-2", "node-unseen")]
    assert "route shop: host: no such host" in watched.document["problems"][0]["message"]
    assert "Konnect has its certificate" in watched.document["problems"][1]["message"]


def test_what_has_become_of_the_control_plane(
    live: Apply, konnect: FakeKonnect, bundle: tuple[Json, list[str]]
) -> None:
    """Where its auth mode was changed or it joined a group since, that is why no node comes in, and it is said so."""
    plane, _ = bundle
    plane["config"]["auth_type"] = "pki_client_certs"
    konnect.members.add(plane["id"])
    watched = live("watch", "payments-eu", "--timeout", "0")
    assert (watched.code, watched.document["error"]["code"]) == (3, "not-arrived")
    assert watched.codes("warning")[:2] == [
        ("control_plane.name", "group-member"),
        ("control_plane.auth_mode", "auth-mode-differs"),
    ]
    assert watched.codes("error") == []


def test_a_certificate_that_konnect_does_not_have(
    live: Apply, konnect: FakeKonnect, bundle: tuple[Json, list[str]]
) -> None:
    """A node that can't come in because its certificate is not there is told so, with the file and the cure."""
    plane, certificates = bundle
    konnect.certificates[plane["id"]] = [
        each for each in konnect.certificates[plane["id"]] if each["id"] == certificates[0]
    ]
    konnect.add_node(plane, "edge-1", data_plane_cert_id=certificates[0])
    watched = live("watch", "payments-eu", "--timeout", "0")
    assert _problems(watched) == [("nodes.edge-2", "certificate-not-given")]
    assert "upload/edge-2.crt" in watched.document["problems"][0]["message"]
    assert "konnect-tui upload" in watched.document["problems"][0]["hint"]


def test_several_certificates_in_one_entry(live: Apply, konnect: FakeKonnect, apply: Apply, workspace: Path) -> None:
    """What `upload` counts as there in an entry of several certificates, `watch` finds there; nodes stay told apart."""
    plane = konnect.add_control_plane("eu", "payments")
    apply(LIVE, "--no-upload")
    upload = workspace / "payments-eu" / "upload"
    both = konnect.add_certificate(plane, "".join((upload / f"edge-{n}.crt").read_text() for n in (1, 2)))
    assert [row["state"] for row in live("upload", "payments-eu").document["upload"]] == ["present", "present"]
    konnect.add_node(plane, "edge-1", data_plane_cert_id=both["id"])
    watched = live("watch", "payments-eu", "--timeout", "0")
    assert [row["certificate_given"] for row in watched.document["nodes"]] == [True, True]
    assert _rows(watched) == [("edge-1", True, True, "3.10.0.5"), ("edge-2", False, False, None)]


def test_certificates_that_may_not_be_listed(live: Apply, konnect: FakeKonnect, bundle: tuple[Json, list[str]]) -> None:
    """Where the token may not list certificates, nodes are known by the ids of the manifest, and that is told."""
    plane, certificates = bundle
    for each in certificates:
        konnect.add_node(plane, "pod", data_plane_cert_id=each)
    listing = f"/eu/v2/control-planes/{plane['id']}/dp-client-certificates"
    konnect.script("GET", listing, problem(403, "Permission denied", "No."))
    watched = live("watch", "payments-eu", "--timeout", "0")
    assert watched.code == 0, watched.out
    assert [row["certificate_given"] for row in watched.document["nodes"]] == [None, None]
    assert _problems(watched) == [("", "not-told")]


def test_an_expected_hash_that_may_not_be_read(
    live: Apply, konnect: FakeKonnect, bundle: tuple[Json, list[str]]
) -> None:
    """Where the token may not read the expected hash, nodes are connected and not called in sync; it ends at once."""
    plane, certificates = bundle
    for each in certificates:
        konnect.add_node(plane, "pod", data_plane_cert_id=each)
    path = f"/eu/v2/control-planes/{plane['id']}/expected-config-hash"
    konnect.script("GET", path, problem(403, "Permission denied", "No."))
    watched = live("watch", "payments-eu", "--timeout", "60")
    assert (watched.code, watched.document["error"]["code"]) == (3, "not-arrived")
    assert "can't be known" in watched.document["error"]["message"]
    assert [row[1:3] for row in _rows(watched)] == [(True, False)] * 2
    assert (watched.document["expected_hash"], _problems(watched)) == (None, [("", "not-told")])


def test_words_for_people(konnect: FakeKonnect, bundle: tuple[Json, list[str]], workspace: Path, live: Apply) -> None:
    """What happened, one line a change, then what to look at with the lines of a node's log; nothing on stdout."""
    plane, certificates = bundle
    konnect.add_node(plane, "edge-1", data_plane_cert_id=certificates[0])
    konnect.add_node(plane, "edge-2\x1b[2J", data_plane_cert_id="another", labels={"node": "edge-2"})
    watched = run("watch", "payments-eu", "--timeout", "0", "--workspace", workspace)
    assert (watched.code, watched.out) == (3, "")
    for words in (
        "watching 2 nodes of payments in region eu",
        "edge-1: connected and in sync, version 3.10.0.5",
        "edge-2: there is one of its name with another certificate",
        "[not-arrived]",
        "a certificate not of this bundle",
    ):
        assert words in watched.err
    assert "\x1b" not in watched.err
    assert konnect.token not in watched.err
    assert "in its log" not in watched.err
    last = konnect.add_node(
        plane, "edge-2", data_plane_cert_id=certificates[1], connection_state={"is_connected": False}
    )
    silent = run("watch", "payments-eu", "--timeout", "0", "--workspace", workspace)
    assert "edge-2: not connected, last seen" in silent.err
    assert "unexpected HTTP response code: 401" in silent.err
    last["connection_state"]["is_connected"] = True
    done = run("watch", "payments-eu", "--timeout", "0", "--workspace", workspace)
    assert (done.code, done.out) == (0, "")
    assert "2 of 2 nodes are connected and in sync" in done.err
    assert "Analytics" in done.err


def test_another_organisation(live: Apply, konnect: FakeKonnect, bundle: tuple[Json, list[str]]) -> None:
    """A token of another organisation than the bundle's is wrong input, and its control planes are not asked for."""
    konnect.organization["id"] = "11111111-2222-3333-4444-555555555555"
    watched = live("watch", "payments-eu", "--timeout", "0")
    assert (watched.code, watched.document["error"]["code"]) == (2, "other-organization")
    assert konnect.asked("GET", "/nodes") == []


def test_an_offline_bundle_is_told_what_to_look_at(tmp_path: Path) -> None:
    """A bundle that was made without Konnect is exit 2, and says where its nodes show that they have arrived."""
    (tmp_path / "answers.toml").write_text(PINNED)
    assert run("apply", tmp_path / "answers.toml", "--workspace", tmp_path).code == 0
    watched = run("watch", "payments-eu", "--workspace", tmp_path, "--json")
    assert (watched.code, watched.document["error"]["code"]) == (2, "control-plane-needed")
    for place in ("--control-plane", "sent ping frame", "configuration_hash", "Data Plane Nodes"):
        assert place in watched.document["error"]["hint"]


@pytest.mark.parametrize(("old", "new"), [('region = "eu"', 'region = "eu@evil.example/"'), ('id = "', 'id = "../x')])
def test_a_manifest_that_somebody_wrote(
    old: str, new: str, konnect: FakeKonnect, bundle: tuple[Json, list[str]], workspace: Path, live: Apply
) -> None:
    """A manifest that names a region or id that can be none leads nowhere: no host and no path is built of it."""
    own = workspace / "payments-eu" / "konnect-tui.toml"
    head, konnects, rest = own.read_text().partition("[manifest.konnect]")
    own.write_text(head + konnects + rest.replace(old, new, 1))
    asked = len(konnect.requests)
    watched = live("watch", "payments-eu", "--timeout", "0")
    assert watched.code in (1, 2)
    assert watched.document["error"]["code"] != "internal-error"
    assert [request.path for request in konnect.requests[asked:]] == ["/global/v3/organizations/me"]


def test_one_imported_certificate_for_all(live: Apply, konnect: FakeKonnect, apply: Apply, tmp_path: Path) -> None:
    """Nodes that were given the same imported certificate are told apart by their names."""
    leaf = make("corp", ends=datetime(2040, 1, 1, tzinfo=UTC))
    (tmp_path / "leaf.pem").write_bytes(leaf.pem)
    (tmp_path / "leaf.key").write_bytes(leaf.secret.reveal())
    (tmp_path / "leaf.key").chmod(0o600)
    plane = konnect.add_control_plane("eu", "payments")
    files = 'certificate = "leaf.pem"\nprivate_key = "leaf.key"\n'
    given = '[certificate]\nsource = "import"\n'
    given += "".join(f'[[node.each]]\nname = "edge-{n}"\n{files}' for n in (1, 2))
    made = apply(LIVE + given)
    assert made.code == 0, made.out
    (certificate,) = {row["id"] for row in made.document["upload"]}
    konnect.add_node(plane, "edge-2", data_plane_cert_id=certificate)
    assert _rows(live("watch", "payments-eu", "--timeout", "0")) == [
        ("edge-1", False, False, None), ("edge-2", True, True, "3.10.0.5")
    ]  # fmt: skip


def test_nothing_to_watch(live: Apply, konnect: FakeKonnect, apply: Apply) -> None:
    """A bundle of certificates alone has no node to wait for: done, and Konnect is not asked."""
    konnect.add_control_plane("eu", "payments", auth_type="pki_client_certs")
    only = LIVE.replace('"pinned"', '"pki"').replace('["edge-{1..2}"]', "[]") + '[certificate]\nca_key = "plain"\n'
    made = apply(only)
    assert made.code == 0, made.out
    asked = len(konnect.requests)
    watched = live("watch", "payments-eu")
    assert (watched.code, watched.document["nodes"], len(konnect.requests)) == (0, [], asked)


def test_limits_of_a_version(live: Apply, konnect: FakeKonnect, bundle: tuple[Json, list[str]]) -> None:
    """What a node's version can't do is told with Konnect's code and cure, whether or not it is in sync."""
    plane, certificates = bundle
    issue = {"code": "P121", "severity": "error", "description": "no such plugin", "resolution": "Upgrade to 3.11."}
    for at, state in enumerate(("COMPATIBILITY_STATE_INCOMPATIBLE", "COMPATIBILITY_STATE_NEW_WORD")):
        status = {"state": state, "issues": [issue]}
        konnect.add_node(plane, "x", data_plane_cert_id=certificates[at], compatibility_status=status)
    watched = live("watch", "payments-eu", "--timeout", "0")
    assert watched.code == 0
    assert [(row["field"], row["severity"], row["code"]) for row in watched.document["problems"]] == [
        ("nodes.edge-1", "warning", "node-incompatible"),
        ("nodes.edge-2", "note", "node-incompatible"),
    ]
    assert "P121 no such plugin" in watched.document["problems"][0]["message"]
    assert watched.document["problems"][0]["hint"] == "Upgrade to 3.11."
    assert watched.document["nodes"][0]["issues"] == [{"code": "P121", "resolution": "Upgrade to 3.11."}]


def test_without_a_token(bundle: tuple[Json, list[str]], workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a token it is exit 4, and Konnect is asked nothing."""
    monkeypatch.delenv("KONNECT_TOKEN")
    watched = run("watch", "payments-eu", "--workspace", workspace, "--json")
    assert (watched.code, watched.document["error"]["code"]) == (4, "no-token")


@pytest.mark.parametrize("written", ["", "x", "5 minutes", "-1", "1.5h", "25h", "1e3", "٥m", "9999999"])
def test_times_that_are_none(written: str) -> None:
    """A time that can't be understood, or is more than a day, is wrong usage."""
    watched = run("watch", "x", f"--timeout={written}", "--json")
    assert (watched.code, watched.document["error"]["code"]) == (2, "usage")
    assert "--timeout" in watched.document["error"]["message"]


def test_ctrl_c_while_watching(konnect: FakeKonnect, bundle: tuple[Json, list[str]], workspace: Path) -> None:
    """Ctrl-C ends a watch with exit 130 at once, without a traceback, between looks and in the middle of one."""
    plane, _ = bundle
    for hanging in (False, True):
        if hanging:
            konnect.script("GET", f"/eu/v2/control-planes/{plane['id']}/nodes", Answer(act="hang"))
        before = len(konnect.asked("GET", "/nodes"))
        command = (sys.executable, "-m", "konnect_tui", "watch", "payments-eu", "--workspace", str(workspace))
        watching = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 20
        while len(konnect.asked("GET", "/nodes")) == before and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.2)
        watching.send_signal(signal.SIGINT)
        out, err = watching.communicate(timeout=5)
        assert (watching.returncode, out) == (130, b""), err
        assert b"Traceback" not in err
        assert b"[cancelled]" in err


def test_a_ca_that_konnect_does_not_have(konnect: FakeKonnect) -> None:
    """Where all nodes wait for one CA that Konnect does not have, that is said once."""
    plane = konnect.add_control_plane("eu", "payments")
    nodes = tuple(Expected(f"edge-{number}", f"edge-{number}", "upload/root.crt", "f" * 64) for number in range(40))

    async def asked(client: Client) -> Sight:
        return await watch(client, Subject("eu", plane["id"], "pki", nodes), limit=0, told=lambda _: None)

    (problem,) = advice(ask(konnect, asked).states)
    assert problem.code == "certificate-not-given"
    assert "40 nodes" in problem.message
    assert "upload/root.crt" in problem.message


def test_many_nodes_are_no_scroll_of_noise(konnect: FakeKonnect) -> None:
    """Of a thousand nodes with the same trouble some are named and the others counted."""
    plane = konnect.add_control_plane("eu", "payments")
    nodes = tuple(Expected(f"edge-{number}", f"edge-{number}") for number in range(1000))
    for node in nodes[:300]:
        konnect.add_node(plane, node.name)

    async def asked(client: Client) -> Sight:
        return await watch(client, Subject("eu", plane["id"], "pki", nodes), limit=0, told=lambda _: None)

    last = ask(konnect, asked)
    told = advice(last.states)
    assert sum(state.in_sync for state in last.states) == 300
    assert len(told) < 30
    assert "680 more" in told[-1].message
    assert line(last.states[0]) == "edge-0: connected and in sync, version 3.10.0.5"
