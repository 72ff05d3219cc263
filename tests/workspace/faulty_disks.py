"""Disks on which something goes wrong at a chosen call, and what a bundle looks like afterwards."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from konnect_tui.bundle import Files, secret, text
from konnect_tui.workspace import Disk

CALLS = frozenset(name for name in vars(Disk) if not name.startswith("_") and name not in ("mode", "stamp", "random"))
GROWING = frozenset({"mkdir", "open_new", "write", "link"})


class Killed(BaseException):
    """The process is gone: nothing after this is done, no cleaning up either."""


class Watched(Disk):
    """A disk that tells every call to `before` first. Flushing is counted, not done: these tests cut no power."""

    def __init__(self, *, exchanges: bool = True) -> None:
        self.count = 0
        self.exchanges = exchanges

    def before(self, name: str) -> None:
        """Called before the call of that name; `count` calls were made so far."""

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name not in CALLS:
            return found

        def call(*arguments: Any) -> Any:
            try:
                self.before(name)
            except BaseException:
                if name == "close":
                    found(*arguments)
                raise
            self.count += 1
            return found(*arguments)

        return call

    def sync(self, path: str) -> None:
        assert Path(path).exists()

    def sync_folder(self, path: str) -> None:
        assert Path(path).is_dir()

    def exchange(self, one: str, other: str) -> bool:
        return super().exchange(one, other) if self.exchanges else False


class Crashing(Watched):
    """Dies after `last` calls, for good."""

    def __init__(self, last: int, *, exchanges: bool = True) -> None:
        super().__init__(exchanges=exchanges)
        self.last = last

    def before(self, name: str) -> None:
        if self.count >= self.last:
            raise Killed


class Failing(Watched):
    """Raises `fault()` at the call after `last`, once, and works again."""

    def __init__(self, last: int, fault: Callable[[], BaseException], *, exchanges: bool = True) -> None:
        super().__init__(exchanges=exchanges)
        self.last = last
        self.fault = fault
        self.failed = ""

    def before(self, name: str) -> None:
        if self.count == self.last and not self.failed:
            self.failed = name
            raise self.fault()


class Full(Watched):
    """Has room for `room` bytes and no more."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def write(self, handle: int, data: memoryview) -> int:
        if self.room <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        count = super().write(handle, data[: self.room])
        self.room -= count
        return count


def contents(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file below the folder with its mode and bytes; symlinks with where they lead."""
    found: dict[str, tuple[int, bytes]] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = (0, os.readlink(path).encode())
        elif path.is_file():
            found[name] = (path.stat().st_mode & 0o7777, path.read_bytes())
    return found


def as_written(files: Files) -> dict[str, tuple[int, bytes]]:
    """What `contents` says of a bundle that holds exactly these files."""
    return {path: (file.mode, file.data) for path, file in sorted(files.items())}


def leftovers(root: Path) -> list[str]:
    """What lies in the workspace's staging."""
    staging = root / ".staging"
    return sorted(path.name for path in staging.iterdir()) if staging.exists() else []


FIRST: dict[str, Any] = {
    "konnect-tui.toml": text("first"),
    "README.md": text("same in both"),
    "nodes/a/tls.key": secret(b"key of a"),
    "nodes/a/tls.crt": text("certificate of a"),
    "compose/compose.yaml": text("services of first"),
    "docker/a/run.sh": text("#!/bin/sh", 0o755),
}
SECOND: dict[str, Any] = {
    "konnect-tui.toml": text("second"),
    "README.md": text("same in both"),
    "nodes/a/tls.key": secret(b"new key of a"),
    "nodes/a/tls.crt": text("certificate of a"),
    "nodes/b/tls.key": secret(b"key of b"),
    "compose/compose.yaml": text("services of second"),
}
OPERATORS = {
    "state/a/config.cache": (0o640, b"cached"),
    "compose/.env": (0o600, b"UID=1"),
    "docker/a/notes.txt": (0o644, b"the operator's own"),
    "mine/deep/file": (0o644, b"also"),
}


def add_operators_files(bundle: Path) -> None:
    """Put into a bundle what an operator and a running node put there."""
    for name, (mode, data) in OPERATORS.items():
        path = bundle / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        path.chmod(mode)
