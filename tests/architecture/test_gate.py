"""The tools that judge the whole repository, run as tests so that one command is the gate."""

import re
import subprocess
from pathlib import Path

from programs import needs

ROOT = Path(__file__).parents[2]


def _clean(*command: str) -> None:
    """Run a judge at the root of the repository; what it says is the failure's message."""
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, f"{' '.join(command[1:]) or command[0]}\n{run.stdout}{run.stderr}"


def test_format() -> None:
    """Every Python file is formatted as ruff formats it."""
    _clean(needs("ruff"), "format", "--check", "--quiet", "--diff", ".")


def test_lint() -> None:
    """No file breaks a lint rule; each ignored rule says why in pyproject.toml."""
    _clean(needs("ruff"), "check", "--quiet", "--output-format=concise", ".")


def test_types() -> None:
    """The package is fully typed."""
    _clean(needs("mypy"), "--no-error-summary")


def test_import_contracts() -> None:
    """Modules import each other only in the directions that pyproject.toml allows."""
    _clean(needs("lint-imports"), "--no-cache")


def test_scripts_of_the_repository() -> None:
    """The repository's own shell scripts are clean by shellcheck."""
    _clean(needs("shellcheck"), "-S", "info", ".ci/run")


def test_readme_has_one_test_command() -> None:
    """.ci/run finds exactly one command between its markers in the README: what newcomers run is what is gated."""
    text = (ROOT / "README.md").read_text()
    found = re.findall(r"<!-- test command -->\n```\w*\n(.+)\n```\n<!-- end -->", text)
    assert len(found) == 1
    assert "pytest" in found[0]
