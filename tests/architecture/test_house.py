"""The shape of the source: small files, small functions, telling names, nothing secret."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "konnect_tui"
MODULES = sorted(PACKAGE.rglob("*.py"))
OURS = ("konnect_tui", "tests", "benchmarks", "screenshots", "docs", ".ci")

VAGUE = {"utils", "util", "helpers", "helper", "common", "core", "misc", "base", "lib"}
TALKERS = ("cli", "ui", "plain.py", "crash.py")
"""Where the product talks to a terminal."""

PRIVATE_KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=\r\n]{64,}")
REGISTRY_HOST = re.compile(rb"(?i)pypi\.org|pythonhosted\.org|registry\.npmjs|npmjs\.(com|org)/|proxy\.golang\.org")


def _name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def _files() -> Iterator[Path]:
    """Every file that is ours and not made by a tool."""
    yield from (path for path in ROOT.iterdir() if path.is_file() and path.suffix in {".md", ".toml"})
    for folder in OURS:
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_small(path: Path) -> None:
    """No module passes 400 lines and no function 60: what grows beyond is split by subject."""
    text = path.read_text()
    assert text.count("\n") <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= 60, f"{node.name} has {length} lines"


def test_telling_names() -> None:
    """A newcomer finds a file by guessing: no module has a name that says nothing."""
    assert [_name(path) for path in MODULES if {path.stem, path.parent.name} & VAGUE] == []


@pytest.mark.parametrize("path", [path for path in MODULES if not _name(path).startswith(TALKERS)], ids=_name)
def test_only_the_front_ends_talk(path: Path) -> None:
    """stdout belongs to the front ends: nothing else prints or touches a standard stream."""
    for node in ast.walk(ast.parse(path.read_text())):
        assert not (isinstance(node, ast.Name) and node.id == "print"), f"print at line {node.lineno}"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "sys":
            assert node.attr not in {"stdout", "stderr", "stdin"}, f"sys.{node.attr} at line {node.lineno}"


def test_no_private_key_is_kept() -> None:
    """The repository holds no private key, not even one for tests: tests make their own."""
    assert [path for path in _files() if PRIVATE_KEY.search(path.read_bytes())] == []


def test_no_registry_or_machine_is_named() -> None:
    """Nothing names a package registry's host: the operator's own index settings decide."""
    this = Path(__file__)
    assert [path for path in _files() if path != this and REGISTRY_HOST.search(path.read_bytes())] == []
