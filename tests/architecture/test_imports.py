"""What a command loads, seen in a process of its own: a static graph cannot tell when an import happens."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import grimp
import pytest

from konnect_tui.platforms import available

PROBE = """
import json, sys
result = sys.argv.pop(1)
from konnect_tui.cli import main
sys.argv[0] = "konnect-tui"
try:
    code = main()
except SystemExit as end:
    code = end.code
loaded = sorted({name.partition(".")[0] for name in sys.modules})
with open(result, "w") as file:
    json.dump([code or 0, loaded], file)
"""

ANSWERS = """
schema = 1
[control_plane]
source = "manual"
region = "eu"
name = "edge"
auth_mode = "pinned"
prefix = "0123456789"
[output]
platforms = ["docker", "compose", "linux", "helm"]
"""


def _loaded(folder: Path, *arguments: str) -> set[str]:
    """The top-level modules that a command which ends well has loaded."""
    result = folder / "loaded.json"
    command = [sys.executable, "-c", PROBE, str(result), *arguments]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    code, loaded = json.loads(result.read_text())
    assert code == 0, run.stderr
    return set(loaded)


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_asking_for_help_loads_almost_nothing(option: str, tmp_path: Path) -> None:
    """--version and --help answer before any library is loaded."""
    heavy = {"textual", "rich", "cryptography", "OpenSSL", "msgspec", "asyncio", "tomllib", "platformdirs"}
    assert _loaded(tmp_path, option) & heavy == set()


@pytest.mark.parametrize("command", ["regions", "versions"])
def test_tables_load_no_screen_and_no_keys(command: str, tmp_path: Path) -> None:
    """regions and versions load neither Textual nor cryptography nor asyncio."""
    assert _loaded(tmp_path, command) & {"textual", "rich", "cryptography", "OpenSSL", "asyncio"} == set()


def test_headless_commands_load_no_screen(tmp_path: Path) -> None:
    """apply, verify and inspect load no Textual, and offline nothing that speaks to Konnect or a keyring."""
    (tmp_path / "answers.toml").write_text(ANSWERS)
    screen = {"textual", "rich", "asyncio", "aiohttp", "keyring", "truststore", "platformdirs"}
    assert _loaded(tmp_path, "apply", "answers.toml", "--workspace", "bundles") & screen == set()
    bundle = next((tmp_path / "bundles").glob("[a-z]*"))
    assert _loaded(tmp_path, "verify", str(bundle)) & screen == set()
    certificate = next(bundle.glob("nodes/*/tls.crt"))
    assert _loaded(tmp_path, "inspect", str(certificate)) & screen == set()


def test_logins_load_no_screen_and_no_network(tmp_path: Path) -> None:
    """What is done with saved tokens loads neither Textual nor cryptography nor what speaks HTTP."""
    assert _loaded(tmp_path, "logout") & {"textual", "rich", "cryptography", "OpenSSL", "aiohttp", "asyncio"} == set()


@cache
def _graph() -> grimp.ImportGraph:
    return grimp.build_graph("konnect_tui", cache_dir=None)


def test_errors_stand_alone() -> None:
    """The errors know the register of codes and nothing else of ours, so that anything may raise one."""
    graph = _graph()
    assert graph.find_modules_directly_imported_by("konnect_tui.errors") == {"konnect_tui.codes"}
    assert graph.find_modules_directly_imported_by("konnect_tui.codes") == set()


def test_nobody_calls_the_command_line() -> None:
    """Only the entry point hands over to the command line."""
    graph = _graph()
    callers = {
        importer
        for module in graph.find_descendants("konnect_tui.cli") | {"konnect_tui.cli"}
        for importer in graph.find_modules_that_directly_import(module)
        if not importer.startswith("konnect_tui.cli")
    }
    assert callers <= {"konnect_tui.__main__"}


@pytest.mark.parametrize("name", available())
def test_platforms_know_nothing_of_each_other(name: str) -> None:
    """A platform imports no other platform, so that a new one is one new file and a removed one is missed by none."""
    graph = _graph()
    others = {f"konnect_tui.platforms.{other}" for other in available() if other != name}
    assert graph.find_upstream_modules(f"konnect_tui.platforms.{name}") & others == set()
