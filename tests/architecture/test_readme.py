"""What the README tells a newcomer to type works as it stands there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
COMMANDS = sorted(set(re.findall(r"^konnect-tui ([a-z]+)", README, re.MULTILINE)))


def _konnect_tui(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "konnect_tui", *arguments]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_the_example_makes_a_bundle(tmp_path: Path) -> None:
    """The README's answers file makes a bundle, which is whole and whose nodes a control plane would accept."""
    answers = re.findall(r"```toml\n(.+?)```", README, re.DOTALL)[0]
    (tmp_path / "answers.toml").write_text(answers)
    workspace = ("--workspace", str(tmp_path / "bundles"))
    _konnect_tui(tmp_path, "apply", "answers.toml", "--dry-run", *workspace)
    assert not (tmp_path / "bundles").exists()
    bundle = Path(_konnect_tui(tmp_path, "apply", "answers.toml", *workspace).strip())
    assert sorted(path.name for path in (bundle / "nodes").iterdir()) == ["edge-1", "edge-2"]
    _konnect_tui(tmp_path, "verify", str(bundle))
    _konnect_tui(tmp_path, "rehearse", str(bundle))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_exists(command: str, tmp_path: Path) -> None:
    """Every command that the README shows explains itself."""
    assert command in _konnect_tui(tmp_path, command, "--help")


def test_every_link_leads_somewhere() -> None:
    """The documentation links only to files that exist."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\((?!https?://)([^)#\s]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
