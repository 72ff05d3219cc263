"""A workspace of its own for each test, and `apply` on it."""

from pathlib import Path

import pytest
from running import Apply, Outcome, run


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Where the bundles land."""
    return tmp_path / "dp"


@pytest.fixture
def apply(tmp_path: Path, workspace: Path) -> Apply:
    """Writes the text as an answers file and applies it."""

    def applied(text: str, *options: str) -> Outcome:
        file = tmp_path / "answers.toml"
        file.write_text(text)
        return run("apply", file, "--workspace", workspace, "--json", *options)

    return applied
