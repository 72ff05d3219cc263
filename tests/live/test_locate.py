"""A control plane is found by id, else by exact name, in its region; what stands against it is said with the cure."""

import time
from pathlib import Path

import pytest
from live_answers import PINNED
from msgspec.structs import replace
from running import Apply, Outcome

from fake_konnect import Answer, FakeKonnect, found, problem
from konnect_tui.draft import ControlPlane as Section
from konnect_tui.konnect.models import Config, ControlPlane, Organization
from konnect_tui.konnect.target import Target
from konnect_tui.live import locate
from konnect_tui.live.locate import judge

SECTION = Section(source="konnect", region="eu", name="payments", auth_mode="pinned")
PLANE = ControlPlane(
    id="7f9fd312-a987-4628-b4c5-bb4f4fddd5f7",
    name="payments",
    config=Config(
        control_plane_endpoint="https://acfe5f253f.eu.cp.konghq.com",
        telemetry_endpoint="https://acfe5f253f.eu.tp.konghq.com",
        cluster_type="CLUSTER_TYPE_CONTROL_PLANE",
        auth_type="pinned_client_certs",
    ),
)
TARGET = Target("eu", Organization("023bfa42"), PLANE)


def only(outcome: Outcome) -> dict[str, str]:
    """The one problem of a refused run."""
    assert outcome.code == 2, outcome.out
    (row,) = (row for row in outcome.document["problems"] if row["severity"] == "error")
    found: dict[str, str] = row
    return found


def nothing_was_done(konnect: FakeKonnect, workspace: Path) -> bool:
    """Neither here nor in Konnect."""
    return not workspace.exists() and not [each for each in konnect.requests if each.method != "GET"]


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_another_region_is_looked_in_and_named(
    apply: Apply, konnect: FakeKonnect, workspace: Path, options: tuple[str, ...]
) -> None:
    """A control plane of another region is an error that says which, although some regions do not answer."""
    konnect.add_control_plane("us", "payments")
    konnect.script("GET", "/sg/v2/control-planes", problem(403, "Permission denied", "Not opted in"))
    konnect.script("GET", "/me/v2/control-planes", Answer(404, b"<html>gone</html>"))
    row = only(apply(PINNED, *options))
    assert (row["field"], row["code"]) == ("control_plane.region", "other-region")
    assert '`region = "us"`' in row["hint"]
    assert nothing_was_done(konnect, workspace)


def test_a_name_that_was_perhaps_meant_is_suggested(apply: Apply, konnect: FakeKonnect, workspace: Path) -> None:
    """Another case or a slip of the pen is never taken for the name, but named; so is the way to create it."""
    for name in ("Payments", "orders", "billing"):
        konnect.add_control_plane("eu", name)
    row = only(apply(PINNED))
    assert (row["field"], row["code"]) == ("control_plane.name", "not-in-konnect")
    assert "“Payments”" in row["hint"]
    assert "`create = true`" in row["hint"]
    assert nothing_was_done(konnect, workspace)


def test_regions_that_were_not_heard_are_named(apply: Apply, konnect: FakeKonnect) -> None:
    """“Not found” says in which regions it could not look."""
    konnect.script("GET", "/sg/v2/control-planes", problem(403, "Permission denied", "Not opted in"))
    assert "sg did not answer" in only(apply(PINNED))["message"]


def test_a_region_that_is_down_holds_up_nothing(
    apply: Apply, konnect: FakeKonnect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where one region takes the question and never answers, what the others say is told all the same, and soon."""
    monkeypatch.setattr(locate, "ELSEWHERE", 0.5)
    konnect.add_control_plane("us", "payments")
    konnect.script("GET", "/me/v2/control-planes", Answer(act="hang"))
    begun = time.monotonic()
    assert only(apply(PINNED))["code"] == "other-region"
    assert time.monotonic() - begun < 10


def test_a_region_that_there_is_not_is_told(apply: Apply, konnect: FakeKonnect) -> None:
    """A code this release does not know is held against Konnect's own list: a new region is as good as any."""
    row = only(apply(PINNED.replace('"eu"', '"ap"')))
    assert (row["field"], row["code"], "au, eu, in" in row["hint"]) == ("control_plane.region", "unknown-value", True)
    assert [each for each in konnect.requests if "/ap/" in each.path] == []
    konnect.regions["beta"] = ["ap"]
    konnect.add_control_plane("ap", "payments")
    assert apply(PINNED.replace('"eu"', '"ap"')).code == 0


def test_an_id_goes_before_the_name(apply: Apply, konnect: FakeKonnect) -> None:
    """By id it is found whatever it is called there, and the other name is told."""
    plane = konnect.add_control_plane("eu", "renamed since")
    konnect.add_control_plane("eu", "payments", auth_type="pki_client_certs")
    made = apply(PINNED.replace("[node]", f'id = "{plane["id"].upper()}"\n[node]'))
    assert made.code == 0, made.out
    assert made.codes("warning") == [("control_plane.name", "other-name")]
    assert len(konnect.certificates[plane["id"]]) == 2


def test_an_id_that_is_nowhere_is_an_error(apply: Apply, konnect: FakeKonnect, workspace: Path) -> None:
    """An id is looked for in all regions; the name is not tried in its place."""
    konnect.add_control_plane("eu", "payments")
    row = only(apply(PINNED.replace("[node]", f'id = "{PLANE.id}"\n[node]')))
    assert (row["field"], row["code"]) == ("control_plane.id", "not-in-konnect")
    assert nothing_was_done(konnect, workspace)


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_another_auth_mode_is_explained_with_the_cure(
    apply: Apply, konnect: FakeKonnect, workspace: Path, options: tuple[str, ...]
) -> None:
    """The auth mode is read, never changed: a different wish is a problem that says what it is and means."""
    konnect.add_control_plane("eu", "payments", auth_type="pki_client_certs")
    row = only(apply(PINNED, *options))
    assert (row["field"], row["code"]) == ("control_plane.auth_mode", "auth-mode-differs")
    assert "Konnect is given the CA" in row["message"]
    assert '`auth_mode = "pki"`' in row["hint"]
    assert nothing_was_done(konnect, workspace)


@pytest.mark.parametrize(
    "config",
    [
        {"cloud_gateway": True},
        {"cluster_type": "CLUSTER_TYPE_SERVERLESS"},
        {"cluster_type": "CLUSTER_TYPE_K8S_INGRESS_CONTROLLER"},
        {"cluster_type": "CLUSTER_TYPE_KAFKA_NATIVE_EVENT_PROXY"},
        {"cluster_type": "CLUSTER_TYPE_OF_NEXT_YEAR"},
    ],
)
def test_what_takes_no_node_of_ones_own_is_refused(
    apply: Apply, konnect: FakeKonnect, workspace: Path, config: dict[str, object]
) -> None:
    """Hosted, other products' and unknown control planes are refused with the reason."""
    konnect.add_control_plane("eu", "payments", **config)
    assert only(apply(PINNED))["code"] == "not-self-managed"
    assert nothing_was_done(konnect, workspace)


def test_a_member_of_a_group_is_refused_and_the_group_taken(apply: Apply, konnect: FakeKonnect) -> None:
    """A member sends to its group; a group takes nodes, and its conflicts are told loudly."""
    konnect.members.add(konnect.add_control_plane("eu", "payments")["id"])
    assert only(apply(PINNED))["code"] == "group-member"
    group = konnect.add_control_plane("eu", "all", cluster_type="CLUSTER_TYPE_CONTROL_PLANE_GROUP")
    konnect.groups[group["id"]] = {"state": "CONFLICT", "conflicts": [{"cluster_id": "x"}]}
    made = apply(PINNED.replace('"payments"', '"all"'))
    assert (made.code, made.codes("warning")) == (0, [("control_plane.name", "group-conflict")])


def test_a_token_that_may_not_see_groups_is_enough(apply: Apply, konnect: FakeKonnect) -> None:
    """Whether it is a member may be hidden from a token; that alone stops nothing."""
    plane = konnect.add_control_plane("eu", "payments")
    path = f"/eu/v2/control-planes/{plane['id']}/group-member-status"
    konnect.script("GET", path, problem(403, "Permission denied", "insufficient role-set"))
    assert apply(PINNED).code == 0


@pytest.mark.parametrize(
    ("endpoint", "code", "exit_code"),
    [
        ("", "konnect-answer", 1),
        ("http://acfe5f253f.eu.cp.konghq.com", "konnect-answer", 1),
        ("https://user:word@acfe5f253f.eu.cp.konghq.com", "konnect-answer", 1),
        ("https://x.eu.cp.konghq.com\nKONG_X=1", "konnect-answer", 1),
        ("https://acfe5f253f.us.cp.konghq.com", "invalid-input", 2),
    ],
)
def test_endpoints_are_not_trusted_blindly(
    apply: Apply, konnect: FakeKonnect, workspace: Path, endpoint: str, code: str, exit_code: int
) -> None:
    """What Konnect names as endpoint has to be one, and not of another region; nothing is made else."""
    konnect.add_control_plane("eu", "payments", control_plane_endpoint=endpoint)
    refused = apply(PINNED)
    assert (refused.code, refused.document["error"]["code"]) == (exit_code, code)
    assert not (workspace / "payments-eu").exists()


@pytest.mark.parametrize(
    ("config", "telemetry"),
    [
        ("acfe5f253f.eu.cp0.konghq.com", "acfe5f253f.eu.tp0.konghq.com"),
        ("acfe5f253f.cp.konghq.com", "acfe5f253f.tp0.konghq.com"),
        ("cp.training.example:8443/x", "tp.training.example:8443"),
    ],
)
def test_hosts_are_taken_as_konnect_names_them(
    apply: Apply, konnect: FakeKonnect, workspace: Path, config: str, telemetry: str
) -> None:
    """Old hosts, hosts without a region, and any host behind another address of the API: none is built or changed."""
    konnect.add_control_plane(
        "eu", "payments", control_plane_endpoint=f"https://{config}", telemetry_endpoint=f"https://{telemetry}"
    )
    assert apply(PINNED).codes("warning") == []
    env = (workspace / "payments-eu" / "docker" / "edge-1" / "kong.env").read_text()
    for address in (config, telemetry):
        host, _, rest = address.partition(":")
        assert f"{host}:{rest or 443}" in env


def test_a_host_that_konnect_itself_should_not_name_is_told() -> None:
    """From Konnect's own API a host outside Konnect is worth a warning; a telemetry host of another region is wrong."""
    strange = replace(PLANE, config=replace(PLANE.config, control_plane_endpoint="https://cp.example"))
    (told,) = judge(replace(TARGET, control_plane=strange), SECTION)
    assert (told.severity, told.code) == ("warning", "not-a-konnect-host")
    apart = replace(PLANE, config=replace(PLANE.config, telemetry_endpoint="https://acfe5f253f.us.tp.konghq.com"))
    (told,) = judge(replace(TARGET, control_plane=apart), SECTION)
    assert (told.severity, told.code) == ("error", "region-mismatch")
    assert judge(TARGET, SECTION) == ()


def test_an_auth_mode_of_the_future_is_refused_as_such() -> None:
    """A mode that this release does not know is no mode to make certificates for."""
    new = replace(PLANE, config=replace(PLANE.config, auth_type="quantum"))
    (told,) = judge(replace(TARGET, control_plane=new), SECTION)
    assert (told.code, "quantum" in told.message) == ("auth-mode-differs", True)


def test_names_that_are_attacks_reach_no_terminal(apply: Apply, konnect: FakeKonnect) -> None:
    """Whatever a control plane or organisation is called, no control character of it is printed."""
    evil = "pay\x1b[2Jments\u202e"
    konnect.organization["name"] = f"Acme{evil}"
    plane = konnect.add_control_plane("eu", evil, auth_type="pki_client_certs")
    refused = apply(PINNED.replace("[node]", f'id = "{plane["id"]}"\n[node]'))
    told = " ".join(row["message"] + row["hint"] for row in refused.document["problems"])
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert "pay\\e[2Jments" in told


def test_a_wrong_answers_file_is_refused_before_konnect_is_asked(apply: Apply, konnect: FakeKonnect) -> None:
    """Faults of the answers are told without a single request."""
    assert apply(PINNED.replace('"eu"', '"EU"')).codes() == [("control_plane.region", "unknown-value")]
    assert konnect.requests == []


def test_a_clock_that_is_off_is_told(apply: Apply, konnect: FakeKonnect) -> None:
    """Certificates depend on the time, so a clock that differs from Konnect's is a warning."""
    plane = konnect.add_control_plane("eu", "payments")
    path = f"/eu/v2/control-planes/{plane['id']}/group-member-status"
    late = {"Content-Type": "application/json", "Date": "Wed, 01 Jan 2020 00:00:00 GMT"}
    konnect.script("GET", path, found({"is_member": False})._replace(headers=late))
    made = apply(PINNED)
    assert (made.code, made.codes("warning")) == (0, [("", "clock-off")])


@pytest.mark.parametrize("command", ["upload", "watch"])
def test_a_clock_that_is_off_is_told_by_every_command(
    apply: Apply, live: Apply, konnect: FakeKonnect, command: str
) -> None:
    """So it is for a bundle that stands, since certificates and tokens depend on the time as much."""
    konnect.add_control_plane("eu", "payments")
    apply(PINNED)
    late = {"Content-Type": "application/json", "Date": "Wed, 01 Jan 2020 00:00:00 GMT"}
    path = f"/eu/v2/control-planes/{konnect.control_planes['eu'][0]['id']}/group-member-status"
    konnect.script("GET", path, found({"is_member": False})._replace(headers=late))
    told = live(command, "payments-eu", *(("--timeout", "0") if command == "watch" else ()))
    assert ("", "clock-off") in told.codes("warning")


def hosted(config: str, telemetry: str) -> list[tuple[str, str]]:
    """Severity and code of what is said where Konnect names these two hosts, of its control plane PLANE."""
    named = Config(f"https://{config}", f"https://{telemetry}", PLANE.config.cluster_type, PLANE.config.auth_type)
    told = judge(replace(TARGET, control_plane=replace(PLANE, config=named)), SECTION)
    return [(each.severity, each.code) for each in told]


def test_hosts_that_do_not_belong_together_are_told() -> None:
    """Hosts that Konnect names swapped, or with different prefixes, are taken and warned of."""
    config, telemetry = "acfe5f253f.eu.cp.konghq.com", "acfe5f253f.eu.tp.konghq.com"
    assert hosted(config, telemetry) == []
    assert hosted(telemetry, config) == [("warning", "wrong-endpoint")]
    assert hosted(config, "0123456789.eu.tp.konghq.com") == [("warning", "endpoints-differ")]
    assert hosted("acfe5f253f.cp0.konghq.com", "acfe5f253f.tp0.konghq.com") == []


@pytest.mark.parametrize("state", ["inactive", "deleting"])
def test_an_organisation_that_is_going_is_told(apply: Apply, live: Apply, konnect: FakeKonnect, state: str) -> None:
    """That Konnect calls the organisation inactive, or is deleting it, is a warning of every command that asks it."""
    konnect.add_control_plane("eu", "payments")
    konnect.organization["state"] = state
    assert apply(PINNED).codes("warning") == [("", "organization-not-active")]
    for command in (("upload", "payments-eu"), ("watch", "payments-eu", "--timeout", "0")):
        told = live(*command).document["problems"]
        assert any(row["code"] == "organization-not-active" and state in row["message"] for row in told)
