"""An organisation in a stand-in for Konnect, and commands that ask it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from running import Apply, Outcome, run

from fake_konnect import FakeKonnect


@pytest.fixture
def konnect() -> Iterator[FakeKonnect]:
    """Konnect, strict: what it does not know and what nobody asks for fails the test."""
    with FakeKonnect() as stand_in:
        yield stand_in


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Where the bundles land."""
    return tmp_path / "dp"


@pytest.fixture
def live(tmp_path: Path, workspace: Path, konnect: FakeKonnect, monkeypatch: pytest.MonkeyPatch) -> Apply:
    """Runs a command with the token of that organisation in the environment."""
    monkeypatch.setenv("KONNECT_TOKEN", konnect.token)
    monkeypatch.setenv("KONNECT_API_URL", konnect.url)

    def command(name: str, *arguments: object) -> Outcome:
        return run(name, *arguments, "--workspace", workspace, "--json")

    return command


@pytest.fixture
def apply(tmp_path: Path, live: Apply) -> Apply:
    """Writes the text as an answers file and applies it."""

    def applied(text: str, *options: str) -> Outcome:
        file = tmp_path / "answers.toml"
        file.write_text(text)
        return live("apply", file, *options)

    return applied
