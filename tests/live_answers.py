"""Answers files for control planes of an account, and what a bundle remembers of it."""

import tomllib
from pathlib import Path
from typing import Any

PINNED = """\
schema = 1
[control_plane]
source = "konnect"
region = "eu"
name = "payments"
auth_mode = "pinned"
[node]
names = ["edge-{1..2}"]
"""
PKI = PINNED.replace('"pinned"', '"pki"') + '[certificate]\nca_key = "plain"\nintermediates = 1\n'
CREATE = PINNED.replace('name = "payments"\n', 'name = "payments"\ncreate = true\n')


def manifest_of(bundle: Path) -> dict[str, Any]:
    """The `[manifest]` of a bundle."""
    found: dict[str, Any] = tomllib.loads((bundle / "konnect-tui.toml").read_text())["manifest"]
    return found
