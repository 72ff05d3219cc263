"""compose.yaml and up.sh through the real Docker Compose: what it understands, and what it asks a daemon for."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import samples
from laid_out import ME, lay, run
from msgspec.structs import replace

from konnect_tui.gateway.settings import CONTAINER, CONTAINER_LOGS, EVERYWHERE, container_ports, settings
from konnect_tui.platforms import options_of
from programs import needs

OWNER = 12345
"""A uid that nobody has; files are given to it where the tests run as root."""


def with_options(plan, **chosen):
    """The plan with options of the compose platform."""
    return replace(plan, platforms={"compose": options_of("compose", chosen)})


PINNED = with_options(samples.pinned())
PKI = with_options(samples.pki())


def config(bundle: Path, **environ: str):
    """The project as Docker Compose understands it."""
    done = subprocess.run(
        [needs("compose"), "config", "--format", "json"],
        cwd=bundle / "compose",
        env={"PATH": os.environ["PATH"], "KONNECT_TUI_UID": "7", "KONNECT_TUI_GID": "8", **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def environment(plan, node):
    """The variables that the node is meant to have."""
    meant = settings(
        plan,
        node,
        CONTAINER,
        ports=container_ports(node),
        status_address=EVERYWHERE,
        published=node.host_ports,
        extra=CONTAINER_LOGS,
    )
    return {f"KONG_{name.upper()}": value for name, value in meant.items()}


def meant_mounts(bundle, plan, node):
    """(source, target, read only) of every folder the node is meant to see."""
    trust = [(f"{bundle}/trust", "/konnect/trust", True)] if plan is PKI else []
    return [
        (f"{bundle}/nodes/{node.name}", "/konnect/node", True),
        *trust,
        (f"{bundle}/state/{node.name}", "/konnect/state", False),
    ]


@pytest.fixture
def plugin(tmp_path):
    """A Docker configuration folder that has the real Compose as a plugin."""
    folder = tmp_path / "docker/cli-plugins"
    folder.mkdir(parents=True)
    (folder / "docker-compose").symlink_to(needs("compose"))
    return {"DOCKER_CONFIG": str(folder.parent)}


@pytest.mark.parametrize("plan", [PINNED, PKI], ids=["pinned", "pki"])
def test_compose_understands_what_was_meant(plan, tmp_path):
    """Environment, mounts, ports and user are the plan's, for every node."""
    bundle = lay(tmp_path, plan)
    found = config(bundle)
    assert found["name"] == plan.slug
    assert set(found["services"]) == {node.name for node in plan.nodes}
    for node in plan.nodes:
        service = found["services"][node.name]
        assert service["environment"].pop("KONG_NGINX_USER") is None
        doubled = {name: value.replace("$", "$$") for name, value in environment(plan, node).items()}
        assert service["environment"] == doubled
        mounts = [(item["source"], item["target"], item.get("read_only", False)) for item in service["volumes"]]
        assert mounts == meant_mounts(bundle, plan, node)
        assert not [item for item in service["volumes"] if item["bind"].get("create_host_path")]
        addresses = ("0.0.0.0", "0.0.0.0", "127.0.0.1", *("0.0.0.0" for _ in node.ports[3:]))
        assert [(item["host_ip"], item["published"], item["target"]) for item in service["ports"]] == [
            (address, str(outer), inner)
            for address, outer, inner in zip(addresses, node.host_ports, container_ports(node), strict=True)
        ]
        assert (service["user"], service["hostname"], service["image"]) == ("7:8", node.hostname, plan.image)
        assert service["container_name"] == f"{plan.slug}-{node.name}"
        assert (service["read_only"], service["cap_drop"], service["tmpfs"]) == (True, ["ALL"], ["/tmp"])
        assert (service["restart"], service["stop_signal"]) == ("unless-stopped", "SIGQUIT")
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["healthcheck"]["test"] == ["CMD", "kong", "health"]


@pytest.mark.parametrize("names", [("on", "null", "010", "3e8", "y"), ("1", "2")], ids=str)
def test_a_node_may_be_called_anything_that_yaml_would_twist(names, tmp_path):
    """A node called `on` or `010` is that node."""
    plan = replace(PINNED, nodes=tuple(samples.node(name, index) for index, name in enumerate(names)))
    found = config(lay(tmp_path, plan))
    assert set(found["services"]) == set(names)
    assert {service["hostname"] for service in found["services"].values()} == set(names)


def test_options_are_understood(tmp_path):
    """Every option ends where Compose looks for it."""
    extra = tmp_path / "extra.env"
    extra.write_text("AWS_REGION=eu-west-1\nKONG_ROLE=traditional\n")
    plan = with_options(
        PINNED,
        bind_address="::1",
        network="edge",
        restart="no",
        stop_timeout=90,
        memory="2g",
        cpus="1.5",
        pull="always",
        platform="linux/arm64",
        log_driver="journald",
        env_file=str(extra),
    )
    found = config(lay(tmp_path, plan))
    service = found["services"]["edge-1"]
    assert found["networks"]["default"] == {"name": "edge", "ipam": {}, "external": True}
    assert (service["restart"], service["stop_grace_period"]) == ("no", "1m30s")
    assert (service["mem_limit"], service["cpus"]) == (str(2 << 30), 1.5)
    assert (service["pull_policy"], service["platform"]) == ("always", "linux/arm64")
    assert service["logging"] == {"driver": "journald"}
    assert (service["environment"]["AWS_REGION"], service["environment"]["KONG_ROLE"]) == ("eu-west-1", "data_plane")
    assert [item["host_ip"] for item in service["ports"]] == ["::1", "::1", "127.0.0.1"]


@pytest.mark.parametrize("source", ["training", "manual"])
def test_the_host_network_needs_no_published_port(source, tmp_path):
    """In the host's network Kong listens on the host's ports itself, its status on loopback only."""
    option = {} if source == "training" else {"network": "host"}
    plan = with_options(replace(PINNED, control_plane=replace(PINNED.control_plane, source=source)), **option)
    service = config(lay(tmp_path, plan))["services"]["edge-2"]
    assert (service["network_mode"], service.get("ports")) == ("host", None)
    assert service["environment"]["KONG_STATUS_LISTEN"] == "127.0.0.1:8101"


def test_compose_alone_says_to_start_with_the_script(tmp_path):
    """Without the owner of the keys Compose refuses, and its message names the cure."""
    bundle = lay(tmp_path, PINNED)
    done = subprocess.run(
        [needs("compose"), "config", "-q"],
        cwd=bundle / "compose",
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "start with ./up.sh" in done.stderr) == (1, True)


@pytest.mark.parametrize("plan", [PINNED, PKI], ids=["pinned", "pki"])
def test_up_asks_the_daemon_for_what_was_meant(plan, daemon, quick, plugin, tmp_path):
    """Compose really run: every node's environment, mounts and user reach the daemon."""
    bundle = lay(tmp_path / "a folder with 'quotes' and $HOME", plan)
    stale = bundle / "state" / plan.nodes[0].name / "pids/nginx.pid"
    stale.parent.mkdir(parents=True)
    stale.parent.parent.chmod(0o700)
    stale.write_text("1")
    done = run(daemon, quick, bundle / "compose/up.sh", KONNECT_TUI_UID="4711", KONG_NGINX_USER="x", **plugin)
    assert done.returncode == 0, done.stderr
    created = {item["name"]: item for item in daemon.created}
    assert set(created) == {f"{plan.slug}-{node.name}" for node in plan.nodes}
    for node in plan.nodes:
        body = created[f"{plan.slug}-{node.name}"]
        asked = dict(item.split("=", 1) for item in body["Env"] if "=" in item)
        assert asked.pop("KONG_NGINX_USER", None) == ("root root" if ME == "0:0" else None)
        assert asked == environment(plan, node)
        assert body["User"] == ME
        mounts = body["HostConfig"]["Mounts"]
        found = [(item["Source"], item["Target"], item.get("ReadOnly", False)) for item in mounts]
        assert sorted(found) == sorted(meant_mounts(bundle, plan, node))
        assert daemon.containers[body["name"]]["status"] == "running"
        assert (bundle / "state" / node.name).stat().st_mode & 0o7777 == 0o700
    assert not stale.exists()


def test_up_replaces_what_runs_on_the_same_state(daemon, quick, plugin, tmp_path):
    """A container that run.sh of the same bundle made gives way; the nodes not named are left alone."""
    bundle = lay(tmp_path, PINNED)
    name = f"{PINNED.slug}-edge-1"
    daemon.add(name, {"konnect-tui.bundle": PINNED.slug})
    done = run(daemon, quick, bundle / "compose/up.sh", "up", "edge-1", **plugin)
    assert done.returncode == 0, done.stderr
    assert daemon.done == [f"pull {PINNED.image}", f"stop {name}", f"remove {name}", f"create {name}", f"start {name}"]
    assert set(daemon.containers) == {name}
    again = run(daemon, quick, bundle / "compose/up.sh", **plugin)
    assert again.returncode == 0, again.stderr
    assert len(daemon.created) == 3


def test_up_refuses_a_container_of_somebody_else(daemon, quick, plugin, tmp_path):
    """A container of that name which this bundle did not make is refused, with what to do."""
    bundle = lay(tmp_path, PINNED)
    daemon.add(f"{PINNED.slug}-edge-1", {})
    done = run(daemon, quick, bundle / "compose/up.sh", **plugin)
    assert (done.returncode, "that this bundle did not make" in done.stderr) == (1, True)
    assert daemon.created == []


def test_other_commands_go_to_compose(daemon, quick, plugin, tmp_path):
    """`up.sh ps` and the like are those of docker compose, for this project, also when the keys are gone."""
    bundle = lay(tmp_path, PINNED)
    script = bundle / "compose/up.sh"
    assert run(daemon, quick, script, **plugin).returncode == 0
    (bundle / "nodes/edge-1/tls.key").unlink()
    listed = run(daemon, quick, script, "ps", "--format", "{{.Name}}", **plugin)
    assert listed.returncode == 0, listed.stderr
    assert set(listed.stdout.split()) == {f"{PINNED.slug}-edge-1", f"{PINNED.slug}-edge-2"}
    assert run(daemon, quick, script, "up", "edge-9", **plugin).stderr.startswith("up.sh: there is no node edge-9")
    assert run(daemon, quick, script, "help").stdout.startswith("usage: up.sh")


def test_a_host_without_compose_is_told_so(daemon, quick, tmp_path):
    """Docker without its Compose plugin is named as what is missing."""
    bundle = lay(tmp_path, PINNED)
    for name in ("sh", "dirname", "docker"):
        (quick / name).symlink_to(str(shutil.which(name)))
    done = run(daemon, quick, bundle / "compose/up.sh", PATH=str(quick))
    assert (done.returncode, "docker compose is not on this host" in done.stderr) == (1, True)


@pytest.mark.parametrize(("confined", "option"), [(True, True), (True, False), (False, True)])
def test_folders_are_labelled_where_selinux_confines(confined, option, daemon, quick, plugin, tmp_path):
    """Where the daemon confines containers by SELinux, the mounted folders get the label for it, else none."""
    daemon.security += ["name=selinux"] if confined else []
    (quick / "chcon").write_text('#!/bin/sh\nprintf "%s\\n" "$@" >>"$HOME/chcon"\n')
    (quick / "chcon").chmod(0o755)
    bundle = lay(tmp_path, with_options(PINNED, selinux=option))
    done = run(daemon, quick, bundle / "compose/up.sh", "up", "edge-1", **plugin)
    assert done.returncode == 0, done.stderr
    asked = tmp_path / "home/chcon"
    assert asked.exists() == (confined and option)
    if asked.exists():
        folders = [f"{bundle}/{name}" for name in ("nodes/edge-1", "state/edge-1", "trust")]
        assert asked.read_text().splitlines() == ["-R", "-t", "container_file_t", "-l", "s0", *folders]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files to others")
def test_sudo_runs_the_nodes_as_the_keys_owner(daemon, quick, plugin, tmp_path):
    """Under sudo the nodes get the owner's ids; what the script writes belongs to them too."""
    sudo = needs("sudo")
    bundle = lay(tmp_path, PINNED, owner=OWNER)
    keep = "--preserve-env=DOCKER_HOST,DOCKER_CONFIG,PATH"
    done = run(daemon, quick, bundle / "compose/up.sh", before=(sudo, keep), **plugin)
    assert done.returncode == 0, done.stderr
    assert {body["User"] for body in daemon.created} == {f"{OWNER}:{OWNER}"}
    assert not [item for body in daemon.created for item in body["Env"] if item.startswith("KONG_NGINX_USER=")]
    for path in ("compose/.env", "state/edge-1", "state/edge-2"):
        assert (bundle / path).stat().st_uid == OWNER


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files to others")
def test_keys_of_two_owners_are_refused(daemon, quick, plugin, tmp_path):
    """One project has one user, so keys of two owners are named with the ways out."""
    bundle = lay(tmp_path, PINNED, owner=OWNER)
    os.chown(bundle / "nodes/edge-2/tls.key", OWNER + 1, OWNER + 1)
    done = run(daemon, quick, bundle / "compose/up.sh", **plugin)
    assert (done.returncode, daemon.done) == (1, [])
    assert f"the key of edge-2 belongs to {OWNER + 1}:{OWNER + 1}" in done.stderr
