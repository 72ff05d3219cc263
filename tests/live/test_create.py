"""`create = true`: a control plane is created when its name is free, once, and when nothing else is in the way."""

import contextlib
import fcntl
import os
from pathlib import Path

import pytest
from live_answers import CREATE, PINNED, PKI, manifest_of
from running import Apply

from fake_konnect import Answer, FakeKonnect, problem

PLANES = "/eu/v2/control-planes"


def created(konnect: FakeKonnect) -> list[object]:
    """The bodies that asked for a control plane."""
    return [each.body for each in konnect.requests if each.method == "POST" and each.path == PLANES]


@pytest.mark.parametrize("mode", ["pinned", "pki"])
def test_a_free_name_is_created_with_its_auth_mode(
    apply: Apply, konnect: FakeKonnect, workspace: Path, mode: str
) -> None:
    """Exactly name and auth mode are asked for, nothing the operator did not write; the rest is as ever."""
    text = (PKI if mode == "pki" else PINNED).replace("[node]", "create = true\n[node]")
    made = apply(text)
    assert made.code == 0, made.out
    assert created(konnect) == [{"name": "payments", "auth_type": f"{mode}_client_certs"}]
    (plane,) = konnect.control_planes["eu"]
    assert made.document["control_plane"] == {"id": plane["id"], "name": "payments", "region": "eu"}
    assert manifest_of(workspace / "payments-eu")["konnect"]["id"] == plane["id"]
    host = plane["config"]["control_plane_endpoint"].removeprefix("https://")
    assert f"{host}:443" in (workspace / "payments-eu" / "docker" / "edge-1" / "kong.env").read_text()
    assert konnect.certificates[plane["id"]]
    assert konnect.asked("GET", "group-member-status") == []  # it can't be in a group yet


def test_a_dry_run_creates_nothing_and_says_so(apply: Apply, konnect: FakeKonnect, workspace: Path) -> None:
    """A dry run says that it would be created; digests of files that name its hosts are not known yet."""
    foreseen = apply(CREATE, "--dry-run")
    assert (foreseen.code, foreseen.document["control_plane"]["id"]) == (0, None)
    assert ("control_plane.create", "to-be-created") in foreseen.codes("note")
    assert not [each for each in konnect.requests if each.method != "GET"]
    assert not workspace.exists()
    digests = {row["path"]: row["sha256"] for row in foreseen.document["files"]}
    assert digests["docker/edge-1/kong.env"] is None
    assert digests["network/allowlist.csv"] is None
    made = apply(CREATE)
    assert made.document["changed"] == foreseen.document["changed"]
    real = {row["path"]: row["sha256"] for row in made.document["files"]}
    assert all(real[path] == digest for path, digest in digests.items() if digest)
    for path in workspace.rglob("*"):
        assert path.is_dir() or b"not-known" not in path.read_bytes()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text, folder: text + '[certificate]\nsource = "import"\ncertificate = "none.pem"\n', "not-found"),
        (lambda text, folder: text.replace("pinned", "pki"), "passphrase-needed"),
        (lambda text, folder: (folder / "payments-eu").write_text("x") and text, "file-in-the-way"),
    ],
    ids=["no such file", "no passphrase", "something in the way"],
)
def test_nothing_is_created_while_anything_is_in_the_way(
    apply: Apply, konnect: FakeKonnect, workspace: Path, change, code: str
) -> None:
    """All that can be told before is told before: a control plane is not created for a bundle that can't be made."""
    workspace.mkdir()
    text = change(CREATE.replace('names = ["edge-{1..2}"]', 'names = ["edge-1"]'), workspace)
    refused = apply(text)
    assert refused.code == 2
    assert code in {refused.document["error"]["code"], *(row["code"] for row in refused.document["problems"])}
    assert created(konnect) == []


def test_one_that_is_there_is_used(apply: Apply, konnect: FakeKonnect) -> None:
    """With the same auth mode it is used as it is, and that is said."""
    plane = konnect.add_control_plane("eu", "payments")
    made = apply(CREATE)
    assert (made.code, made.codes("note")[0]) == (0, ("control_plane.create", "exists-already"))
    assert created(konnect) == []
    assert len(konnect.certificates[plane["id"]]) == 2


def test_one_of_another_auth_mode_is_never_replaced(apply: Apply, konnect: FakeKonnect, workspace: Path) -> None:
    """With another auth mode it is an error, and it stays as it is."""
    konnect.add_control_plane("eu", "payments", auth_type="pki_client_certs")
    assert apply(CREATE).codes() == [("control_plane.auth_mode", "auth-mode-differs")]
    assert not [each for each in konnect.requests if each.method != "GET"]
    assert not workspace.exists()


def test_one_that_came_first_is_an_error(apply: Apply, konnect: FakeKonnect, workspace: Path) -> None:
    """A name that is taken between looking and creating is exit 2, and nothing is made here."""
    konnect.script("POST", PLANES, problem(409, "Conflict", "Key (org_id, name)=(x, payments) already exists."))
    refused = apply(CREATE)
    assert (refused.code, refused.document["error"]["code"]) == (2, "name-taken")
    assert not (workspace / "payments-eu").exists()


def test_a_lost_answer_makes_no_second_one(apply: Apply, konnect: FakeKonnect) -> None:
    """Where the answer to the creation is lost, it is looked up: there is one control plane, and it is used."""
    konnect.script("POST", PLANES, Answer(act="lose"))
    made = apply(CREATE)
    assert made.code == 0, made.out
    (plane,) = konnect.control_planes["eu"]
    assert len(konnect.certificates[plane["id"]]) == 2


def test_the_same_name_elsewhere_is_told(apply: Apply, konnect: FakeKonnect) -> None:
    """The region may have been a slip: that another has a control plane of this name is a warning."""
    konnect.add_control_plane("us", "payments")
    made = apply(CREATE, "--dry-run")
    assert (made.code, made.codes("warning")) == (0, [("control_plane.create", "name-elsewhere")])


def test_applied_again_it_is_the_same_one(apply: Apply, konnect: FakeKonnect, workspace: Path) -> None:
    """The bundle knows the id: applied again nothing changes, though somebody renamed the control plane meanwhile."""
    apply(CREATE)
    konnect.control_planes["eu"][0]["name"] = "payments-old"
    again = apply(CREATE)
    assert (again.code, again.document["changed"]) == (0, [])
    assert again.codes("warning") == [("control_plane.name", "other-name")]
    assert len(created(konnect)) == 1


def test_one_that_is_gone_is_not_made_anew(apply: Apply, konnect: FakeKonnect) -> None:
    """A control plane that was deleted is no free name for a bundle that was made for it."""
    apply(CREATE)
    konnect.control_planes["eu"].clear()
    refused = apply(CREATE)
    assert refused.codes() == [("control_plane.name", "not-in-konnect")]
    assert len(created(konnect)) == 1


def test_nothing_is_created_while_another_run_has_the_workspace(
    apply: Apply, konnect: FakeKonnect, workspace: Path
) -> None:
    """A workspace that somebody else works in is found out before the control plane is created."""
    workspace.mkdir(0o700)
    with (workspace / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused = apply(CREATE)
    assert (refused.code, refused.document["error"]["code"]) == (1, "workspace-locked")
    assert created(konnect) == []
    assert "was created" not in refused.document["error"]["context"]


def test_nothing_is_created_where_no_workspace_can_be(
    apply: Apply, konnect: FakeKonnect, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A workspace that can't be made safe for keys is found out before the control plane is created."""
    monkeypatch.setattr("konnect_tui.workspace.disk.Disk.fchmod", lambda *_: None)
    monkeypatch.setattr("konnect_tui.workspace.disk.Disk.chmod", lambda *_: None)
    previous = os.umask(0)
    try:
        refused = apply(CREATE)
    finally:
        os.umask(previous)
    assert refused.code == 1, refused.out
    assert created(konnect) == []


def test_what_was_created_is_said_when_the_rest_fails(
    apply: Apply, konnect: FakeKonnect, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the bundle can't be made after all, the error says that the control plane stays; the next run uses it."""
    add, taken = konnect.add_control_plane, contextlib.ExitStack()

    def meanwhile(*place: str, **more: object) -> dict[str, object]:
        fcntl.flock(taken.enter_context((workspace / ".lock").open("w")), fcntl.LOCK_EX)
        return add(*place, **more)

    monkeypatch.setattr(konnect, "add_control_plane", meanwhile)
    with taken:
        refused = apply(CREATE)
    assert (refused.code, refused.document["error"]["code"]) == (1, "workspace-locked")
    assert "was created in Konnect" in refused.document["error"]["context"]
    assert apply(CREATE).code == 0
    assert len(created(konnect)) == 1


def test_a_limit_of_the_plan_is_said_as_such(apply: Apply, konnect: FakeKonnect, workspace: Path) -> None:
    """Konnect's refusal to create comes through with its words."""
    why = "Cannot create an additional control plane because usage limits have been reached."
    wrong = [{"field": "object", "reason": why}]
    konnect.script("POST", PLANES, problem(400, "Invalid Request", "Bad request", invalid_parameters=wrong))
    refused = apply(CREATE)
    assert refused.document["error"]["code"] == "usage-limit"
    assert not (workspace / "payments-eu").exists()


def test_what_is_not_known_is_said(apply: Apply, konnect: FakeKonnect, workspace: Path) -> None:
    """Where the answer is lost and it can't be looked up either, it is said that it may be there."""
    konnect.script("POST", PLANES, Answer(act="lose"))
    konnect.script("GET", PLANES, Answer(body=None), problem(403, "Permission denied", "No longer"))
    failed = apply(CREATE)
    assert failed.code == 4
    assert (
        "may have done what it was asked, to create the control plane payments" in failed.document["error"]["context"]
    )
    assert not (workspace / "payments-eu").exists()
