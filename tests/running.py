"""Runs the command line inside the test process, as `konnect-tui ARGUMENTS` would run."""

import contextlib
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from konnect_tui.cli import main


class Outcome(NamedTuple):
    """What a run gave back."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on stdout."""
        found: dict[str, Any] = json.loads(self.out)
        return found

    def codes(self, severity: str = "error") -> list[tuple[str, str]]:
        """Field and code of each problem of that severity in the document."""
        return [(row["field"], row["code"]) for row in self.document["problems"] if row["severity"] == severity]


Apply = Callable[..., Outcome]
"""The text of an answers file and options → what applying it gave back."""


def run(*arguments: object) -> Outcome:
    """Run it; nothing is printed by the test itself."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(argument) for argument in arguments])
    return Outcome(code, out.getvalue(), err.getvalue())


def tree(folder: Path) -> dict[str, tuple[str, bytes]]:
    """Every file below a folder: path → (octal mode, bytes); folders with a `/` at their end."""
    return dict(_entries(folder))


def _entries(folder: Path) -> Iterator[tuple[str, tuple[str, bytes]]]:
    for path in sorted(folder.rglob("*")):
        mode = f"{path.lstat().st_mode & 0o7777:04o}"
        name = str(path.relative_to(folder))
        yield (f"{name}/", (mode, b"")) if path.is_dir() else (name, (mode, path.read_bytes()))


def control_plane(mode: str) -> str:
    """The answers up to `[control_plane]`, for a bundle called payments-eu."""
    return f"""\
schema = 1
[control_plane]
source = "manual"
region = "eu"
name = "Payments"
auth_mode = "{mode}"
prefix = "0123456789"
"""


PINNED = """\
schema = 1
[control_plane]
source = "manual"
region = "eu"
name = "payments"
auth_mode = "pinned"
prefix = "acfe5f253f"
"""

PKI = """\
schema = 1
[control_plane]
source = "manual"
region = "us"
name = "orders"
auth_mode = "pki"
prefix = "9e0353434a"
[certificate]
intermediates = 1
ca_key = "plain"
[node]
names = ["edge-{1..3}"]
[output]
platforms = ["docker", "compose", "linux", "helm"]
"""
