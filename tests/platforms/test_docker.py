"""Platform docker: its options, its commands, and scripts that every shell and ShellCheck take."""

import re
import subprocess

import pytest
import samples
from msgspec.structs import replace

from konnect_tui.platforms import options_of, platform
from programs import needs

DOCKER = platform("docker")
SHELLS = {"sh": ["-n"], "bash": ["--posix", "-n"], "dash": ["-n"], "busybox": ["sh", "-n"]}
HOSTILE = (("headers", 'it\'s $HOME `id` $(id) \\ "q" # [/x]'), ("real_ip_header", " blank "))


def plan(names=("edge-1",), **chosen):
    """A pinned plan with these nodes and options."""
    nodes = tuple(samples.node(name, index) for index, name in enumerate(names))
    return replace(samples.pinned({"docker": options_of("docker", chosen)}), nodes=nodes)


def script(chosen):
    """run.sh of the first node."""
    files = DOCKER.render(chosen, samples.material(chosen))
    return files[f"docker/{chosen.nodes[0].name}/run.sh"].data


PLANS = {
    "pinned": plan(),
    "pki": samples.pki({"docker": options_of("docker", {})}),
    "hostile": replace(plan(), parameters=HOSTILE),
    "options": plan(
        container_name="gateway",
        bind_address="::1",
        network="edge",
        memory="2g",
        cpus="1.5",
        pull="never",
        platform="linux/arm64",
        log_driver="journald",
        env_file="/etc/a b/it's $x.env",
        selinux=False,
    ),
    "host": plan(network="host", log_driver="engine"),
    "distroless": replace(plan(), image="kong/kong-gateway:3.15.0.4-distroless@sha256:" + "0" * 64),
}


@pytest.mark.parametrize("name", PLANS)
def test_shellcheck_finds_nothing(name, tmp_path):
    """The script is clean at ShellCheck's level info, whatever values are in it."""
    (tmp_path / "run.sh").write_bytes(script(PLANS[name]))
    judged = subprocess.run(
        [needs("shellcheck"), "-S", "info", "-s", "sh", tmp_path / "run.sh"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (judged.returncode, judged.stdout, judged.stderr) == (0, "", "")


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("name", PLANS)
def test_every_shell_can_read_it(name, shell, tmp_path):
    """No shell finds anything to complain about."""
    (tmp_path / "run.sh").write_bytes(script(PLANS[name]))
    read = subprocess.run([needs(shell), *SHELLS[shell], tmp_path / "run.sh"], capture_output=True, check=False)
    assert (read.returncode, read.stderr) == (0, b"")


def test_what_env_files_cannot_say_alike_is_in_the_script():
    """A value that readers of env files would take differently goes the other way, and none goes both."""
    chosen = PLANS["hostile"]
    files = DOCKER.render(chosen, samples.material(chosen))
    kept = files["docker/edge-1/kong.env"].data.decode()
    assert "KONG_HEADERS" not in kept
    assert "KONG_REAL_IP_HEADER" not in kept
    assert script(chosen).decode().count("KONG_HEADERS=") == 1
    assert all(re.fullmatch(r"#.*|KONG_[A-Z0-9_]+=[^'\"$\\`]*", line) for line in kept.splitlines())


def test_an_image_without_a_shell_has_no_health_command():
    """Distroless images cannot run `kong health`, so they are not asked to."""
    assert b"--health-" not in script(PLANS["distroless"])
    assert b"--health-cmd 'kong health'" in script(PLANS["pinned"])


@pytest.mark.parametrize(
    ("chosen", "field", "code"),
    [
        ({"bind_address": "localhost"}, "platform.docker.bind_address", "invalid-value"),
        ({"bind_address": "fe80::1%eth0"}, "platform.docker.bind_address", "invalid-value"),
        ({"bind_address": "1.2.3"}, "platform.docker.bind_address", "invalid-value"),
        ({"network": "none"}, "platform.docker.network", "invalid-value"),
    ],
    ids=str,
)
def test_options_are_judged(chosen, field, code):
    """A wrong option is named by its key."""
    [problem] = DOCKER.check(plan(**chosen))
    assert (problem.field, problem.code, problem.severity) == (field, code, "error")


@pytest.mark.parametrize("bind", ["0.0.0.0", "127.0.0.1", "::", "::1", "2001:db8::1"])
def test_an_address_may_be_ipv4_or_ipv6(bind):
    """Any address of the host is taken."""
    assert DOCKER.check(plan(bind_address=bind)) == ()


def test_one_container_name_is_for_one_node():
    """A name given to several nodes is refused; one node may have it."""
    assert DOCKER.check(plan(container_name="gateway")) == ()
    [problem] = DOCKER.check(plan(("edge-1", "edge-2"), container_name="gateway"))
    assert (problem.field, problem.code) == ("platform.docker.container_name", "conflicting-values")


def test_a_low_port_in_the_hosts_network_is_a_warning():
    """Without capabilities a node cannot take port 443 there; published by an engine it can."""
    low = replace(samples.node("edge-1"), host_ports=(80, 443, 8100))
    [problem] = DOCKER.check(replace(plan(network="host"), nodes=(low,)))
    assert (problem.severity, problem.code) == ("warning", "privileged-port")
    assert DOCKER.check(replace(plan(), nodes=(low,))) == ()


def test_defaults_keep_to_their_own_rules():
    """Every default is one that could be written in an answers file."""
    for option in DOCKER.options:
        if option.pattern:
            assert re.fullmatch(option.pattern, str(option.default)), option.name
        if option.kind == "choice":
            assert option.default in option.choices


def test_commands_stay_short():
    """Few nodes get a line each, many one loop; every line is for the bundle's folder."""
    assert [command.line for command in DOCKER.commands(plan())] == [
        "docker/edge-1/run.sh",
        "docker/edge-1/run.sh status",
    ]
    assert len(DOCKER.commands(plan(tuple(f"edge-{number}" for number in range(40))))) == 2
