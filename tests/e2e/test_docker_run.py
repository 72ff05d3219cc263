"""run.sh through the real Docker command line: what the daemon is asked for is what was meant."""

import os
import shutil
import socket

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
    """The plan with options of the docker platform."""
    return replace(plan, platforms={"docker": options_of("docker", chosen)})


PINNED = with_options(samples.pinned())
PKI = with_options(samples.pki())
ONE = replace(PINNED, nodes=PINNED.nodes[:1])


@pytest.mark.parametrize("plan", [PINNED, PKI], ids=["pinned", "pki"])
def test_the_daemon_is_asked_for_what_was_meant(plan, daemon, quick, tmp_path):
    """Environment, mounts, ports, user and limits arrive as the plan has them, for every node."""
    bundle = lay(tmp_path, plan)
    for node in plan.nodes:
        done = run(daemon, quick, bundle / "docker" / node.name / "run.sh")
        assert done.returncode == 0, done.stderr
    assert [item["name"] for item in daemon.created] == [f"{plan.slug}-{node.name}" for node in plan.nodes]
    for node, body in zip(plan.nodes, daemon.created, strict=True):
        meant = settings(
            plan,
            node,
            CONTAINER,
            ports=container_ports(node),
            status_address=EVERYWHERE,
            published=node.host_ports,
            extra=CONTAINER_LOGS,
        )
        environment = dict(item.split("=", 1) for item in body["Env"])
        if os.getuid() == 0:
            assert environment.pop("KONG_NGINX_USER") == "root root"
        assert environment == {f"KONG_{name.upper()}": value for name, value in meant.items()}
        trust = [f"{bundle}/trust:/konnect/trust:ro,z"] if plan is PKI else []
        host = body["HostConfig"]
        assert sorted(host["Binds"]) == sorted(
            [
                f"{bundle}/nodes/{node.name}:/konnect/node:ro,Z",
                f"{bundle}/state/{node.name}:/konnect/state:rw,Z",
                *trust,
            ]
        )
        published = {
            inner: [(item["HostIp"], item["HostPort"]) for item in outer]
            for inner, outer in host["PortBindings"].items()
        }
        addresses = ("0.0.0.0", "0.0.0.0", "127.0.0.1", *("0.0.0.0" for _ in node.ports[3:]))
        assert published == {
            f"{inner}/tcp": [(address, str(outer))]
            for inner, outer, address in zip(container_ports(node), node.host_ports, addresses, strict=True)
        }
        assert (body["User"], body["Hostname"], body["Image"]) == (ME, node.hostname, plan.image)
        assert (host["ReadonlyRootfs"], host["CapDrop"], host["SecurityOpt"]) == (True, ["ALL"], ["no-new-privileges"])
        assert (host["Tmpfs"], host["CapAdd"], host["Privileged"]) == ({"/tmp": ""}, None, False)
        assert host["RestartPolicy"]["Name"] == "unless-stopped"
        assert host["LogConfig"] == {"Type": "json-file", "Config": {"max-size": "20m", "max-file": "5"}}
        assert (body["StopSignal"], body["StopTimeout"]) == ("SIGQUIT", 30)
        assert body["Healthcheck"]["Test"] == ["CMD-SHELL", "kong health"]
        assert body["Labels"] == {"konnect-tui.bundle": plan.slug, "konnect-tui.node": node.name}


def test_it_works_from_a_path_with_spaces_and_through_a_link(daemon, quick, tmp_path):
    """The script finds its files from its own folder, however it is called."""
    bundle = lay(tmp_path / "a folder with 'quotes' and $HOME, too", ONE)
    script = bundle / "docker/edge-1/run.sh"
    (tmp_path / "links").mkdir()
    first, second = tmp_path / "links/first", tmp_path / "links/second"
    first.symlink_to(script)
    second.symlink_to("first")
    done = run(daemon, quick, second)
    assert done.returncode == 0, done.stderr
    assert f"{bundle}/nodes/edge-1:/konnect/node:ro,Z" in daemon.created[0]["HostConfig"]["Binds"]


def test_state_belongs_to_the_owner_and_outlives_a_crash(daemon, quick, tmp_path, monkeypatch):
    """Kong's prefix is made 0700 for the key's owner; stale pid and sockets go, everything else stays."""
    bundle = lay(tmp_path, ONE)
    script = bundle / "docker/edge-1/run.sh"
    assert run(daemon, quick, script).returncode == 0
    state = bundle / "state/edge-1"
    assert (state.stat().st_mode & 0o7777, state.stat().st_uid) == (0o700, os.getuid())
    (state / "pids").mkdir()
    (state / "pids/nginx.pid").write_text("1\n")
    (state / "dbless.lmdb").mkdir()
    (state / "dbless.lmdb/data.mdb").write_text("cache")
    (state / "sockets").mkdir()
    listener = socket.socket(socket.AF_UNIX)
    monkeypatch.chdir(state)  # a socket's path is at most 108 bytes
    listener.bind("sockets/we")
    listener.close()
    assert run(daemon, quick, script).returncode == 0
    left = sorted(str(path.relative_to(state)) for path in state.rglob("*"))
    assert left == ["dbless.lmdb", "dbless.lmdb/data.mdb", "pids", "sockets"]


def test_its_own_container_is_replaced_after_the_image_is_there(daemon, quick, tmp_path):
    """A node that runs is replaced, and goes on running until the image has come."""
    bundle = lay(tmp_path, ONE)
    name = f"{ONE.slug}-edge-1"
    daemon.add(name, {"konnect-tui.bundle": ONE.slug})
    done = run(daemon, quick, bundle / "docker/edge-1/run.sh")
    assert done.returncode == 0, done.stderr
    steps = [step for step in daemon.done if not step.startswith("logs")]
    assert steps == [f"pull {ONE.image}", f"stop {name}", f"remove {name}", f"create {name}", f"start {name}"]


def test_a_failing_download_leaves_the_node_running(daemon, quick, tmp_path):
    """Without the new image the old container is not touched."""
    plan = replace(ONE, image="registry.example/missing:1")
    bundle = lay(tmp_path, plan)
    name = f"{plan.slug}-edge-1"
    daemon.add(name, {"konnect-tui.bundle": plan.slug})
    done = run(daemon, quick, bundle / "docker/edge-1/run.sh")
    assert done.returncode == 1
    assert "could not be fetched" in done.stderr
    assert daemon.containers[name]["status"] == "running"


@pytest.mark.parametrize(
    ("command", "labels"),
    [
        ("start", {}),
        ("start", {"konnect-tui.bundle": "another-0000"}),
        ("stop", {"konnect-tui.bundle": "another-0000"}),
        ("remove", {}),
        ("status", {}),
    ],
    ids=["start", "start, another bundle's", "stop, another bundle's", "remove", "status"],
)
def test_a_container_of_somebody_else_is_never_touched(command, labels, daemon, quick, tmp_path):
    """A container of that name which this bundle did not make is refused, with what to do."""
    bundle = lay(tmp_path, ONE)
    daemon.add(f"{ONE.slug}-edge-1", labels)
    done = run(daemon, quick, bundle / "docker/edge-1/run.sh", command)
    assert done.returncode == 1
    assert "that this bundle did not make" in done.stderr
    assert [step for step in daemon.done if not step.startswith("pull")] == []


def test_a_node_that_does_not_stay_up_is_a_failure(daemon, quick, tmp_path):
    """A container that ends at once is not called started: its log is shown and the exit status says no."""
    plan = with_options(ONE, container_name="crash-1")
    done = run(daemon, quick, lay(tmp_path, plan) / "docker/edge-1/run.sh")
    assert done.returncode == 1
    assert "the log of a stub" in done.stderr
    assert "did not stay up" in done.stderr


def test_stop_logs_status_and_remove(daemon, quick, tmp_path):
    """The everyday commands reach the node's container and keep its state."""
    bundle = lay(tmp_path, ONE)
    script = bundle / "docker/edge-1/run.sh"
    missing = run(daemon, quick, script, "status")
    assert (missing.returncode, "there is no container" in missing.stderr) == (1, True)
    assert run(daemon, quick, script, "start").returncode == 0
    status = run(daemon, quick, script, "status")
    assert status.returncode == 0, status.stderr
    assert status.stdout.splitlines() == [
        f"edge-1: container {ONE.slug}-edge-1 is running",
        '{"message":"ready"} (200)',
    ]
    logs = run(daemon, quick, script, "logs", "--tail", "7")
    assert "the log of a stub" in logs.stderr
    assert run(daemon, quick, script, "stop").returncode == 0
    assert run(daemon, quick, script, "status").returncode == 1
    assert run(daemon, quick, script, "remove").returncode == 0
    assert daemon.containers == {}
    assert (bundle / "state/edge-1").is_dir()
    assert f"logs {ONE.slug}-edge-1 7" in daemon.done
    assert run(daemon, quick, script, "help").stdout.startswith("usage: run.sh")
    assert run(daemon, quick, script, "strat").returncode == 2


def test_a_node_that_is_not_ready_is_said_to_be_so(daemon, quick, tmp_path):
    """`status` tells running from ready by its exit status."""
    bundle = lay(tmp_path, ONE)
    assert run(daemon, quick, bundle / "docker/edge-1/run.sh").returncode == 0
    (quick / "curl").write_text("#!/bin/sh\nprintf 'no configuration available (503)'\n")
    done = run(daemon, quick, bundle / "docker/edge-1/run.sh", "status")
    assert (done.returncode, "is not ready" in done.stderr) == (1, True)


def test_a_key_that_others_can_read_is_refused(daemon, quick, tmp_path):
    """The key's mode is looked at before anything is started."""
    bundle = lay(tmp_path, ONE)
    (bundle / "nodes/edge-1/tls.key").chmod(0o640)
    done = run(daemon, quick, bundle / "docker/edge-1/run.sh")
    assert (done.returncode, daemon.done) == (1, [])
    assert "others can read" in done.stderr
    assert "chmod 600" in done.stderr


@pytest.mark.parametrize(("extra", "said"), [(None, "tls.crt is missing"), ("tls.csr", "has not come yet")])
def test_a_missing_certificate_is_named(extra, said, daemon, quick, tmp_path):
    """A missing file and a signed certificate still to come are told apart."""
    bundle = lay(tmp_path, ONE)
    (bundle / "nodes/edge-1/tls.crt").unlink()
    if extra:
        (bundle / "nodes/edge-1" / extra).write_text("placeholder")
    done = run(daemon, quick, bundle / "docker/edge-1/run.sh")
    assert (done.returncode, said in done.stderr) == (1, True)


def test_a_path_with_a_colon_is_refused(daemon, quick, tmp_path):
    """Engines split a mount at colons, so such a path is named before anything runs."""
    done = run(daemon, quick, lay(tmp_path / "a:b", ONE) / "docker/edge-1/run.sh")
    assert (done.returncode, "holds a colon" in done.stderr) == (1, True)


def test_a_daemon_that_does_not_answer_is_said_plainly(daemon, quick, tmp_path):
    """Docker's own words come with what to do."""
    bundle = lay(tmp_path, ONE)
    done = run(daemon, quick, bundle / "docker/edge-1/run.sh", DOCKER_HOST="tcp://127.0.0.1:1")
    assert done.returncode == 1
    assert "does not answer" in done.stderr
    assert "Cannot connect to the Docker daemon" in done.stderr


def test_a_host_without_an_engine_is_told_so(daemon, quick, tmp_path):
    """Without docker and podman the script says what is missing."""
    bundle = lay(tmp_path, ONE)
    for name in ("sh", "dirname", "stat", "id", "cat"):
        (quick / name).symlink_to(str(shutil.which(name)))
    done = run(daemon, quick, bundle / "docker/edge-1/run.sh", PATH=str(quick))
    assert (done.returncode, "neither docker nor podman" in done.stderr) == (1, True)


def test_a_rootless_engine_gets_root_inside(daemon, quick, tmp_path):
    """Root inside a rootless engine is the user outside, so the key can be read; nginx stays root there."""
    daemon.security.append("name=rootless")
    done = run(daemon, quick, lay(tmp_path, ONE) / "docker/edge-1/run.sh")
    assert done.returncode == 0, done.stderr
    body = daemon.created[0]
    assert body["User"] == "0:0"
    assert "KONG_NGINX_USER=root root" in body["Env"]


def test_an_engine_that_shifts_ids_is_told_not_to(daemon, quick, tmp_path):
    """With userns-remap the container keeps the host's ids, or it could not read the key."""
    daemon.security.append("name=userns")
    done = run(daemon, quick, lay(tmp_path, ONE) / "docker/edge-1/run.sh")
    assert done.returncode == 0, done.stderr
    assert daemon.created[0]["HostConfig"]["UsernsMode"] == "host"


def test_options_reach_the_daemon(daemon, quick, tmp_path):
    """Every option ends where Docker looks for it."""
    extra = tmp_path / "extra env"
    extra.write_text("AWS_REGION=eu-west-1\nKONG_ROLE=traditional\n")
    plan = with_options(
        ONE,
        container_name="gateway",
        bind_address="::1",
        network="edge",
        restart="on-failure",
        stop_timeout=90,
        memory="2g",
        cpus="1.5",
        pull="always",
        platform="linux/arm64",
        log_driver="journald",
        env_file=str(extra),
        selinux=False,
    )
    bundle = lay(tmp_path, plan)
    done = run(daemon, quick, bundle / "docker/edge-1/run.sh")
    assert done.returncode == 0, done.stderr
    body = daemon.created[0]
    host = body["HostConfig"]
    environment = dict(item.split("=", 1) for item in body["Env"])  # of two, runc gives the container the last
    assert (body["name"], body["query"]["platform"], body["StopTimeout"]) == ("gateway", "linux/arm64", 90)
    assert f"pull {plan.image} linux/arm64" in daemon.done
    assert (host["NetworkMode"], host["RestartPolicy"]["Name"]) == ("edge", "on-failure")
    assert (host["Memory"], host["NanoCpus"], host["LogConfig"]["Type"]) == (2 << 30, 1_500_000_000, "journald")
    assert host["PortBindings"]["8000/tcp"] == [{"HostIp": "::1", "HostPort": "8000"}]
    assert host["PortBindings"]["8100/tcp"] == [{"HostIp": "127.0.0.1", "HostPort": "8100"}]
    assert sorted(host["Binds"]) == [
        f"{bundle}/nodes/edge-1:/konnect/node:ro",
        f"{bundle}/state/edge-1:/konnect/state:rw",
    ]
    assert (environment["AWS_REGION"], environment["KONG_ROLE"]) == ("eu-west-1", "data_plane")


@pytest.mark.parametrize("source", ["training", "manual"])
def test_the_host_network_needs_no_published_port(source, daemon, quick, tmp_path):
    """In the host's network Kong listens on the host's ports itself, its status on loopback only."""
    option = {} if source == "training" else {"network": "host"}
    plan = with_options(replace(PINNED, control_plane=replace(PINNED.control_plane, source=source)), **option)
    done = run(daemon, quick, lay(tmp_path, plan) / "docker/edge-2/run.sh")
    assert done.returncode == 0, done.stderr
    body = daemon.created[0]
    assert (body["HostConfig"]["NetworkMode"], body["HostConfig"]["PortBindings"]) == ("host", {})
    assert "KONG_STATUS_LISTEN=127.0.0.1:8101" in body["Env"]
    assert any(item.startswith("KONG_PROXY_LISTEN=0.0.0.0:8001 ") for item in body["Env"])


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files to others")
def test_sudo_runs_the_node_as_the_keys_owner(daemon, quick, tmp_path):
    """Under sudo the container gets the owner's ids, and the state it will write to belongs to them."""
    sudo = needs("sudo")
    bundle = lay(tmp_path, ONE, owner=OWNER)
    done = run(
        daemon,
        quick,
        bundle / "docker/edge-1/run.sh",
        before=(sudo, "--preserve-env=DOCKER_HOST,PATH"),
    )
    assert done.returncode == 0, done.stderr
    body = daemon.created[0]
    assert body["User"] == f"{OWNER}:{OWNER}"
    assert not [item for item in body["Env"] if item.startswith("KONG_NGINX_USER")]
    state = (bundle / "state/edge-1").stat()
    assert (state.st_uid, state.st_gid, state.st_mode & 0o7777) == (OWNER, OWNER, 0o700)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_another_user_is_told_to_use_sudo(daemon, quick, tmp_path):
    """Whoever cannot read the key is told whose it is."""
    sudo = needs("sudo")
    bundle = lay(tmp_path, ONE, owner=OWNER)
    for path in (bundle, *bundle.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)
    for folder in (tmp_path, *tmp_path.parents[:-2]):
        folder.chmod(folder.stat().st_mode | 0o055)
    done = run(
        daemon,
        quick,
        bundle / "docker/edge-1/run.sh",
        before=(sudo, "--preserve-env=DOCKER_HOST,PATH", "--user=nobody"),
    )
    assert done.returncode == 1
    assert f"belongs to {OWNER}:{OWNER} and cannot be read by you" in done.stderr


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files to others")
def test_state_of_another_owner_is_not_touched(daemon, quick, tmp_path):
    """State that the node could not write to is named with its cure before anything is stopped."""
    bundle = lay(tmp_path, ONE, owner=OWNER)
    (bundle / "state/edge-1").mkdir()
    done = run(daemon, quick, bundle / "docker/edge-1/run.sh")
    assert (done.returncode, daemon.done) == (1, [])
    assert f"sudo chown -R {OWNER}:{OWNER}" in done.stderr


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files to others")
def test_a_rootless_engine_refuses_a_key_of_somebody_else(daemon, quick, tmp_path):
    """A rootless engine cannot read another user's key: that is said, not tried."""
    daemon.security.append("name=rootless")
    done = run(daemon, quick, lay(tmp_path, ONE, owner=OWNER) / "docker/edge-1/run.sh")
    assert (done.returncode, "rootless engine" in done.stderr) == (1, True)


PODMAN = """#!/bin/sh
case "$*" in
  --version) echo podman version 5.4.0 ;;
  info*) echo "rootless=$ROOTLESS selinux=true" ;;
  "container inspect"*RestartCount*) echo running 0 ;;
  "container inspect"*) exit 125 ;;
  "image inspect"*) ;;
  run*) printf '%s\\n' "$@" >"$HOME/run" ;;
  *) exit 99 ;;
esac
"""


@pytest.mark.parametrize("rootless", ["true", "false"])
def test_podman_runs_the_node_too(rootless, daemon, quick, tmp_path):
    """Where there is only Podman it is asked: as root inside when rootless, without what only Docker takes."""
    bundle = lay(tmp_path, ONE)
    (quick / "podman").write_text(PODMAN)
    (quick / "podman").chmod(0o755)
    for name in ("sh", "dirname", "stat", "id", "mkdir", "chown", "rm", "find"):
        (quick / name).symlink_to(str(shutil.which(name)))
    done = run(daemon, quick, bundle / "docker/edge-1/run.sh", PATH=str(quick), ROOTLESS=rootless)
    assert done.returncode == 0, done.stderr
    asked = (tmp_path / "home/run").read_text().splitlines()
    assert asked[asked.index("--user") + 1] == ("0:0" if rootless == "true" else ME)
    assert ("KONG_NGINX_USER=root root" in asked) == ("0:0" in asked)
    assert not {"--log-driver", "--userns"} & set(asked)
    assert asked[-1] == ONE.image
