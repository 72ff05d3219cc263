"""A bundle belongs to one control plane of one organisation, and says so; what it knows itself it need not be told."""

from pathlib import Path

import pytest
from live_answers import PINNED, manifest_of
from running import Apply

from fake_konnect import FakeKonnect

OFFLINE = """\
schema = 1
[control_plane]
source = "manual"
region = "eu"
name = "payments"
auth_mode = "pinned"
endpoint = "{endpoint}"
"""


@pytest.fixture
def plane(konnect: FakeKonnect) -> dict[str, object]:
    """The control plane of the answers."""
    return konnect.add_control_plane("eu", "payments")


@pytest.fixture
def offline(apply: Apply, plane) -> str:
    """The name of a bundle that was made without asking Konnect, for the same control plane."""
    assert apply(OFFLINE.format(endpoint=plane["config"]["control_plane_endpoint"])).code == 0
    return "payments-eu"


def uploaded(konnect: FakeKonnect) -> int:
    """How many certificates Konnect was given."""
    return len(konnect.asked("POST", "dp-client-certificates"))


@pytest.mark.parametrize("command", ["apply", "dry run", "upload"])
def test_another_organisations_token_is_refused(
    apply: Apply, live: Apply, konnect: FakeKonnect, workspace: Path, plane, command: str
) -> None:
    """The token of another organisation changes nothing: not here, not there, whatever lies at the same place."""
    apply(PINNED, "--no-upload")
    before = (workspace / "payments-eu" / "konnect-tui.toml").read_bytes()
    konnect.organization |= {"id": "7f9fd312-a987-4628-b4c5-bb4f4fddd5f7", "name": "Evil Twin"}
    run = {
        "apply": lambda: apply(PINNED.replace("{1..2}", "{1..3}"), "--replace"),
        "dry run": lambda: apply(PINNED, "--dry-run"),
        "upload": lambda: live("upload", "payments-eu"),
    }
    refused = run[command]()
    assert (refused.code, refused.document["error"]["code"]) == (2, "other-organization")
    assert "Acme Co." in refused.document["error"]["message"]
    assert "Evil Twin" in refused.document["error"]["context"]
    assert uploaded(konnect) == 0
    assert (workspace / "payments-eu" / "konnect-tui.toml").read_bytes() == before


def test_another_control_plane_is_refused_by_its_id(apply: Apply, konnect: FakeKonnect, workspace: Path, plane) -> None:
    """A bundle of that name for another control plane is exit 2, with --replace too."""
    apply(PINNED)
    konnect.add_control_plane("eu", "orders")
    other = PINNED.replace('"payments"', '"orders"') + '[output]\nbundle = "payments-eu"\n'
    for option in ("--dry-run", "--replace"):
        refused = apply(other, option)
        assert (refused.code, refused.document["error"]["code"]) == (2, "other-control-plane")
        assert str(plane["id"]) in refused.document["error"]["message"]


def test_without_a_token_there_is_no_new_bundle(
    apply: Apply, konnect: FakeKonnect, workspace: Path, plane, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only Konnect can tell where the control plane is, so no token is exit 4, with --no-upload too."""
    monkeypatch.delenv("KONNECT_TOKEN")
    for options in ((), ("--no-upload",), ("--dry-run",)):
        refused = apply(PINNED, *options)
        assert (refused.code, refused.document["error"]["code"]) == (4, "no-token")
    assert not workspace.exists()
    assert konnect.requests == []


def test_a_bundle_that_knows_all_needs_no_token(
    apply: Apply, konnect: FakeKonnect, workspace: Path, plane, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --no-upload a bundle that stands is converged offline; for another control plane that is not enough."""
    apply(PINNED)
    monkeypatch.delenv("KONNECT_TOKEN")
    asked = len(konnect.requests)
    more = apply(PINNED.replace("{1..2}", "{1..3}"), "--no-upload")
    assert (more.code, [row["state"] for row in more.document["upload"]]) == (0, ["done", "done", "pending"])
    env = (workspace / "payments-eu" / "docker" / "edge-3" / "kong.env").read_text()
    assert str(plane["config"]["control_plane_endpoint"]).removeprefix("https://") in env
    assert apply(PINNED.replace("{1..2}", "{1..3}"), "--no-upload", "--replace").document["changed"] == []
    assert manifest_of(workspace / "payments-eu")["konnect"]["id"] == plane["id"]
    assert apply(PINNED).code == 4
    other = PINNED.replace('"payments"', '"orders"') + '[output]\nbundle = "payments-eu"\n'
    assert apply(other, "--no-upload").code == 4
    assert len(konnect.requests) == asked


def test_endpoints_are_kept_until_asked(apply: Apply, konnect: FakeKonnect, workspace: Path, plane) -> None:
    """Endpoints that Konnect moves are told and kept; --replace takes the new ones."""
    apply(PINNED)
    env = workspace / "payments-eu" / "docker" / "edge-1" / "kong.env"
    before = env.read_text()
    plane["config"]["control_plane_endpoint"] = "https://acfe5f253f.eu.cp9.konghq.com"
    again = apply(PINNED)
    assert (again.code, again.document["changed"]) == (0, [])
    assert again.codes("warning") == [("control_plane.region", "endpoints-moved")]
    assert env.read_text() == before
    assert apply(PINNED, "--dry-run", "--replace").codes("warning") == []
    taken = apply(PINNED, "--replace")
    assert (taken.code, taken.codes("warning")) == (0, [])
    assert "acfe5f253f.eu.cp9.konghq.com:443" in env.read_text()


def test_an_offline_bundle_is_uploaded_where_its_endpoint_is(
    live: Apply, apply: Apply, konnect: FakeKonnect, workspace: Path, plane, offline: str
) -> None:
    """Named by id, uploaded, and remembered: from then on neither upload nor another apply needs to be told."""
    done = live("upload", offline, "--control-plane", str(plane["id"]).upper())
    assert (done.code, [row["state"] for row in done.document["upload"]]) == (0, ["done"])
    known = manifest_of(workspace / offline)["konnect"]
    assert (known["id"], known["organization_name"]) == (plane["id"], "Acme Co.")
    again = apply(OFFLINE.format(endpoint=plane["config"]["control_plane_endpoint"]))
    assert (again.code, again.document["changed"]) == (0, [])
    assert [row["state"] for row in again.document["upload"]] == ["done"]
    more = apply(OFFLINE.format(endpoint=plane["config"]["control_plane_endpoint"]) + '[node]\nnames=["node-{1..2}"]\n')
    assert [row["state"] for row in more.document["upload"]] == ["done", "manual"]
    rest = live("upload", offline)
    assert (rest.code, [row["state"] for row in rest.document["upload"]]) == (0, ["present", "done"])


def test_an_offline_bundle_asks_which(live: Apply, konnect: FakeKonnect, plane, offline: str) -> None:
    """Without an id it is exit 2, and the control plane that has its endpoint is named."""
    refused = live("upload", offline)
    assert (refused.code, refused.document["error"]["code"]) == (2, "control-plane-needed")
    assert f"--control-plane {plane['id']}" in refused.document["error"]["hint"]
    assert uploaded(konnect) == 0


def test_an_offline_bundle_becomes_a_live_one(
    apply: Apply, konnect: FakeKonnect, workspace: Path, plane, offline: str
) -> None:
    """The same answers with source konnect take the bundle over, keys and certificates kept."""
    key = (workspace / offline / "nodes" / "node-1" / "tls.key").read_bytes()
    text = PINNED.replace('names = ["edge-{1..2}"]', 'names = ["node-1"]')
    assert apply(text).code == 3
    done = apply(text, "--replace")
    assert (done.code, [row["state"] for row in done.document["upload"]]) == (0, ["done"])
    assert (workspace / offline / "nodes" / "node-1" / "tls.key").read_bytes() == key


def test_a_control_plane_is_the_same_under_its_other_names(apply: Apply, workspace: Path) -> None:
    """Konnect's newer host name and PrivateLink lead to the same control plane: a change, not another one."""
    text = OFFLINE + '[output]\nbundle = "b"\n'
    apply(text.format(endpoint="https://acfe5f253f.eu.cp0.konghq.com"))
    for endpoint in ("https://acfe5f253f.eu.cp.konghq.com", "https://eu.svc.konghq.com/cp/acfe5f253f"):
        assert apply(text.format(endpoint=endpoint)).code == 3
        assert apply(text.format(endpoint=endpoint), "--replace").code == 0
    refused = apply(text.format(endpoint="https://0123456789.eu.cp.konghq.com"), "--replace")
    assert (refused.code, refused.document["error"]["code"]) == (2, "other-control-plane")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({}, "other-control-plane"),
        ({"auth_type": "pki_client_certs", "same": True}, "invalid-input"),
        ({"cloud_gateway": True, "same": True}, "invalid-input"),
    ],
    ids=["another endpoint", "another auth mode", "another kind"],
)
def test_an_offline_bundle_is_not_given_to_another(
    live: Apply, konnect: FakeKonnect, plane, offline: str, more: dict[str, object], code: str
) -> None:
    """Endpoint, auth mode and kind have to be those the bundle was made for; nothing is uploaded else."""
    same = {key: plane["config"][key] for key in ("control_plane_endpoint", "telemetry_endpoint")}
    settings = {**(same if more.get("same") else {}), **{key: value for key, value in more.items() if key != "same"}}
    other = konnect.add_control_plane("eu", "other", **settings)
    refused = live("upload", offline, "--control-plane", other["id"])
    assert (refused.code, refused.document["error"]["code"]) == (2, code)
    assert uploaded(konnect) == 0


def test_the_other_names_of_one_place_are_one(live: Apply, apply: Apply, konnect: FakeKonnect) -> None:
    """A bundle made with an old host name or with PrivateLink belongs to the control plane of the same prefix."""
    plane = konnect.add_control_plane("eu", "payments", control_plane_endpoint="https://acfe5f253f.eu.cp.konghq.com")
    for name, endpoint in (
        ("old", "https://acfe5f253f.eu.cp0.konghq.com"),
        ("private", "https://eu.svc.konghq.com/cp/acfe5f253f"),
        ("bare", "https://acfe5f253f.cp.konghq.com"),
    ):
        assert apply(OFFLINE.format(endpoint=endpoint) + f'[output]\nbundle = "{name}"\n').code == 0
        assert live("upload", name, "--control-plane", plane["id"]).code == 0


def test_a_host_without_a_region_is_found_in_any(live: Apply, apply: Apply, konnect: FakeKonnect) -> None:
    """A bundle that knows no region finds its control plane by id in all of them."""
    endpoint = "https://cp.example:8443"
    plane = konnect.add_control_plane("us", "payments", control_plane_endpoint=endpoint)
    text = OFFLINE.format(endpoint=endpoint).replace('region = "eu"\n', "")
    apply(text + 'telemetry_endpoint = "https://tp.example:8443"\n[output]\nbundle = "anywhere"\n')
    assert live("upload", "anywhere", "--control-plane", plane["id"]).code == 0
    assert konnect.certificates[plane["id"]]


@pytest.mark.parametrize(
    ("identity", "code"), [("payments", "usage"), ("7f9fd312-a987-4628-b4c5-bb4f4fddd5f7", "other-control-plane")]
)
def test_a_bundle_that_knows_its_control_plane_takes_no_other(
    apply: Apply, live: Apply, konnect: FakeKonnect, plane, identity: str, code: str
) -> None:
    """--control-plane takes an id, and for a bundle that knows its own only that one."""
    apply(PINNED, "--no-upload")
    refused = live("upload", "payments-eu", "--control-plane", identity)
    assert (refused.code, refused.document["error"]["code"]) == (2, code)
    assert live("upload", "payments-eu", "--control-plane", str(plane["id"])).code == 0
