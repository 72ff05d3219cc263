"""Platform compose: quoted scalars, its options, and a script that every shell and ShellCheck take."""

import re
import subprocess

import pytest
import samples
import yaml
from msgspec.structs import replace

from konnect_tui.platforms import options_of, platform
from programs import needs

COMPOSE = platform("compose")
SHELLS = {"sh": ["-n"], "bash": ["--posix", "-n"], "dash": ["-n"], "busybox": ["sh", "-n"]}


def plan(**chosen):
    """A pinned plan with options of the platform."""
    return samples.pinned({"compose": options_of("compose", chosen)})


def files(chosen):
    """What the platform writes for the plan."""
    return COMPOSE.render(chosen, samples.material(chosen))


PLANS = {
    "pinned": plan(),
    "pki": samples.pki({"compose": options_of("compose", {})}),
    "options": plan(bind_address="::1", network="edge", memory="2g", cpus="1.5", pull="never", platform="linux/arm64"),
    "env file": plan(env_file="/etc/a b/it's $x.env", selinux=False, log_driver="engine"),
    "host": plan(network="host"),
}


@pytest.mark.parametrize("name", PLANS)
def test_shellcheck_finds_nothing(name, tmp_path):
    """The script is clean at ShellCheck's level info."""
    (tmp_path / "up.sh").write_bytes(files(PLANS[name])["compose/up.sh"].data)
    judged = subprocess.run(
        [needs("shellcheck"), "-S", "info", "-s", "sh", tmp_path / "up.sh"], capture_output=True, text=True, check=False
    )
    assert (judged.returncode, judged.stdout, judged.stderr) == (0, "", "")


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_can_read_it(shell, tmp_path):
    """No shell finds anything to complain about."""
    (tmp_path / "up.sh").write_bytes(files(PLANS["pki"])["compose/up.sh"].data)
    read = subprocess.run([needs(shell), *SHELLS[shell], tmp_path / "up.sh"], capture_output=True, check=False)
    assert (read.returncode, read.stderr) == (0, b"")


@pytest.mark.parametrize("name", PLANS)
def test_every_scalar_that_could_be_misread_is_quoted(name):
    """Without quotes there are only keys of ours, true, false and whole numbers."""
    for line in files(PLANS[name])["compose/compose.yaml"].data.decode().splitlines():
        assert re.fullmatch(
            r'#.*|\s*(- )?([a-z_]+|"[^"]+"):( (true|false|[0-9]+|"([^"\\]|\\.)*"|\[("[^"]*"(, )?)+\]))?'
            r'|\s*- "([^"\\]|\\.)*"',
            line,
        ), line


def test_one_name_for_the_project_and_its_containers():
    """Several bundles on one host never share a project or a container."""
    found = yaml.safe_load(files(plan())["compose/compose.yaml"].data)
    slug = plan().slug
    assert found["name"] == slug
    assert [service["container_name"] for service in found["services"].values()] == [f"{slug}-edge-1", f"{slug}-edge-2"]


def test_an_image_without_a_shell_has_no_health_check():
    """Distroless images cannot run `kong health`, so they are not asked to."""
    chosen = replace(plan(), image="kong/kong-gateway:3.15.0.4-distroless")
    found = yaml.safe_load(files(chosen)["compose/compose.yaml"].data)
    assert "healthcheck" not in found["services"]["edge-1"]


def test_options_are_judged():
    """A wrong option is named by its key."""
    [problem] = COMPOSE.check(plan(bind_address="everywhere"))
    assert (problem.field, problem.code) == ("platform.compose.bind_address", "invalid-value")


def test_the_commands_are_for_the_bundles_folder():
    """The first command starts everything."""
    assert COMPOSE.commands(plan())[0].line == "compose/up.sh"
