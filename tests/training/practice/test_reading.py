"""A practice node reads the very files that a platform writes, as the platform's program and Kong would."""

import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import kong_conf_reader
import pytest
import samples
import yaml
from hypothesis import given as drawn
from hypothesis import reject, strategies

from konnect_tui.errors import KonnectError
from konnect_tui.gateway import escape
from konnect_tui.gateway.settings import CONTAINER, CONTAINER_LOGS, settings
from konnect_tui.training.practice import compose_file, conf, scripts
from konnect_tui.training.practice.given import given

GOLDEN = Path(__file__).parents[2] / "golden"
CASES = [(mode, node.name) for mode in samples.PLANS for node in samples.PLANS[mode]().nodes]


@pytest.mark.parametrize(("mode", "node"), CASES)
def test_docker(mode: str, node: str) -> None:
    """Of `run.sh` and `kong.env` come all values that the platform gave Kong, the ports and mounts of the container."""
    plan = samples.PLANS[mode]()
    [planned] = [each for each in plan.nodes if each.name == node]
    found = given(str(GOLDEN / "docker" / mode), node, version="1.0.0.0")
    assert found.files == (f"docker/{node}/run.sh", f"docker/{node}/kong.env")
    assert (found.platform, found.hostname, found.version) == ("docker", node, plan.version)
    wanted = settings(plan, planned, CONTAINER, ports=(8000, 8443, 8100), extra=CONTAINER_LOGS)
    for name in wanted.keys() - {"port_maps", "status_listen", "proxy_listen"}:
        assert found.values[name] == wanted[name], name
    assert found.published is not None
    assert found.published[8000] == ("0.0.0.0", planned.host_ports[0])
    assert found.published[8100] == ("127.0.0.1", planned.host_ports[2])
    assert found.here("/konnect/node/tls.crt").endswith(f"docker/{mode}/nodes/{node}/tls.crt")
    assert found.here("/etc/other") == "/etc/other"


@pytest.mark.parametrize(("mode", "node"), CASES)
def test_compose(mode: str, node: str) -> None:
    """Of `compose.yaml` comes what a YAML reader that others wrote finds there."""
    found = given(str(GOLDEN / "compose" / mode), node, version="1.0.0.0")
    read = yaml.safe_load((GOLDEN / "compose" / mode / "compose" / "compose.yaml").read_text())["services"][node]
    pairs = [line.replace("$$", "$").split("=", 1) for line in read["environment"] if "=" in line]
    assert found.values == {name.removeprefix("KONG_").lower(): value for name, value in pairs}
    assert found.places.keys() == {each["target"] for each in read["volumes"]}
    assert len(found.published or ()) == len(read["ports"])
    assert found.files == ("compose/compose.yaml",)
    assert found.hostname == read["hostname"]


@pytest.mark.parametrize(("mode", "node"), CASES)
def test_linux(mode: str, node: str) -> None:
    """Of `kong.conf` comes what Kong finds there; the paths that install.sh would make lead into the bundle."""
    found = given(str(GOLDEN / "linux" / mode), node, version="1.0.0.0", environ={})
    text = (GOLDEN / "linux" / mode / "linux" / node / "kong.conf").read_text()
    assert found.values == kong_conf_reader.read(text)
    assert found.here(found.values["cluster_cert_key"]).endswith(f"linux/{mode}/nodes/{node}/tls.key")
    assert found.published is None


def test_the_environment_wins_over_the_file() -> None:
    """On a Linux host KONG_* of the environment wins over kong.conf, however silently."""
    told = {"KONG_CLUSTER_SERVER_NAME": "other.example", "HOME": "/root"}
    found = given(str(GOLDEN / "linux" / "pki"), "pay-1", version="1.0.0.0", environ=told)
    assert found.values["cluster_server_name"] == "other.example"
    assert "home" not in found.values


def test_an_env_file_of_the_operators(tmp_path: Path) -> None:
    """What an operator's own env file says counts, and `kong.env` wins over it, as in the script."""
    folder = tmp_path / "docker" / "edge-1"
    folder.mkdir(parents=True)
    source = GOLDEN / "docker" / "pinned" / "docker" / "edge-1"
    own = tmp_path / "own.env"
    own.write_text("# mine\nKONG_ROLE=control_plane\nKONG_PLUGINS=bundled,mine\nnot a setting\n")
    for name in ("run.sh", "kong.env"):
        (folder / name).write_text((source / name).read_text().replace("env_file=''", f"env_file='{own}'"))
    found = given(str(tmp_path), "edge-1", version="1.0.0.0")
    assert (found.values["role"], found.values["plugins"]) == ("data_plane", "bundled,mine")
    assert "own.env" in found.files


WRITTEN = """\
# a comment
; another
proxy_server = http://user:pa\\#ss@proxy:3128 # for now
cluster-server-name = a.example
log_level = \\
  info
lua_ssl_verify_depth = 010
headers=off#x
novalue
"""


def test_how_kong_reads_its_file() -> None:
    """Comments, escaped hashes, joined lines, numbers and names are read as Kong does."""
    assert conf.kong_conf(WRITTEN) == {
        "proxy_server": "http://user:pa#ss@proxy:3128",
        "cluster_server_name": "a.example",
        "log_level": "info",
        "lua_ssl_verify_depth": "10",
        "headers": "off",
    }


def test_a_bundle_with_nothing_to_practise(tmp_path: Path) -> None:
    """Where no platform is one that a practice node can stand in for, that is said, with those that are."""
    with pytest.raises(KonnectError) as caught:
        given(str(tmp_path), "edge-1", version="3.10.0.0")
    assert caught.value.code == "nothing-to-practise"
    assert "docker, compose, linux" in caught.value.hint


@pytest.mark.parametrize("written", ["services:\n", "services: nothing\n", 'services:\n  "edge-1"\n', "\x00", "- a\n"])
def test_a_damaged_compose_file(tmp_path: Path, written: str) -> None:
    """A compose file that the platform would not write is named, and nothing worse happens."""
    (tmp_path / "compose").mkdir()
    (tmp_path / "compose" / "compose.yaml").write_text(written)
    with pytest.raises(KonnectError) as caught:
        given(str(tmp_path), "edge-1", version="3.10.0.0")
    assert caught.value.code in ("practice-files", "nothing-to-practise")


VALUES = strategies.text(
    strategies.sampled_from("ab0.1 #\\'\"$`!{}:=,-\u00e9\U0001f600"), max_size=12
) | strategies.text(max_size=8)


def written(escaped: Callable[[str], str], value: str) -> str:
    """The value in that language; a value that it can't say is no example."""
    try:
        return escaped(value)
    except KonnectError:
        reject()


@drawn(VALUES)
def test_kong_conf_is_read_as_it_was_meant(value: str) -> None:
    """Every value that the product can write into kong.conf is read from there as it was."""
    assert conf.kong_conf(f"log_level = {written(escape.kong_conf, value)}\n") == {"log_level": value}


@drawn(VALUES)
def test_a_script_is_read_as_it_was_meant(value: str) -> None:
    """Every value that the product can write into a shell script is read from there as it was."""
    assert scripts.words(f"--env {written(escape.shell, value)}", {}) == ["--env", value]


@drawn(VALUES)
def test_compose_is_read_as_it_was_meant(value: str) -> None:
    """Every value that the product can write into compose.yaml is read from there as it was."""
    text = f'services:\n  "edge-1":\n    environment:\n      - {written(escape.compose, value)}\n    end: "x"\n'
    assert compose_file.services(text)["edge-1"].environment == (value,)


@drawn(VALUES)
def test_an_env_file_is_read_as_it_was_meant(value: str) -> None:
    """Every value that the product can write into an env file is read from there as it was."""
    assert conf.environment([f"KONG_LOG_LEVEL={written(escape.env_file, value)}"]) == {"log_level": value}


@drawn(data=strategies.data(), platform=strategies.sampled_from(["docker", "compose", "linux"]))
def test_edited_files_do_no_harm(data: strategies.DataObject, platform: str) -> None:
    """Whatever somebody did to the files, they are read or refused in words."""
    with TemporaryDirectory() as folder:
        bundle = Path(folder, "bundle")
        shutil.copytree(GOLDEN / platform / "pki", bundle)
        files = [path for path in sorted(bundle.rglob("*")) if path.is_file() and path.name != "modes.txt"]
        for path in files:
            lines = path.read_text().splitlines(keepends=True)
            for _ in range(data.draw(strategies.integers(0, 3))):
                at = data.draw(strategies.integers(0, len(lines) - 1))
                lines[at] = data.draw(strategies.sampled_from(["", lines[at] * 2, lines[at].strip(), "x", '- "', ": "]))
            path.write_text("".join(lines))
        assert read_or_refused(bundle) in ("pay-1", "practice-files", "nothing-to-practise")


def read_or_refused(bundle: Path) -> str:
    """The node's name where its files could be read, else the code of the refusal."""
    try:
        return given(str(bundle), "pay-1", version="3.10.0.0", environ={}).node
    except KonnectError as refused:
        return refused.code
