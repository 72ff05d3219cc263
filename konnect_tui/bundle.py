"""A bundle as data: every file it will hold, with its mode, before anything touches a disk.

Preview, diff, dry run, golden tests and writing all consume this one mapping.
"""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256

from msgspec import Struct

FOLDER_MODE = 0o700
SECRET_MODE = 0o600
SCRIPT_MODE = 0o755
PUBLIC_MODE = 0o644


class File(Struct, frozen=True):
    """One file of a bundle. `mode` is what it has from its first byte on. A secret never shows its data."""

    data: bytes
    mode: int = PUBLIC_MODE

    @property
    def secret(self) -> bool:
        """Whether nobody but the owner may read it, and no preview or diff may show it."""
        return self.mode == SECRET_MODE

    @property
    def digest(self) -> str:
        """SHA-256 over the bytes, 64 lower-case hex digits."""
        return sha256(self.data).hexdigest()

    def __repr__(self) -> str:
        return f"File({len(self.data)} bytes, {self.mode:04o})"


Files = Mapping[str, File]
"""Relative POSIX path → file."""


def text(content: str, mode: int = PUBLIC_MODE) -> File:
    """A UTF-8 text file."""
    return File(content.encode(), mode)


def script(content: str) -> File:
    """An executable text file."""
    return File(content.encode(), SCRIPT_MODE)


def secret(data: bytes) -> File:
    """A file that only its owner may read, from its first byte."""
    return File(data, SECRET_MODE)


def merge(parts: Iterable[Files]) -> dict[str, File]:
    """All parts in one mapping, sorted by path. Two parts that claim one path are a fault of ours."""
    merged: dict[str, File] = {}
    for part in parts:
        clash = merged.keys() & part.keys()
        if clash:
            raise ValueError(f"two renderers write {min(clash)}")
        merged.update(part)
    return dict(sorted(merged.items()))


def folders(files: Iterable[str]) -> Iterator[str]:
    """Every folder that these paths need, parents first, each once."""
    seen: set[str] = set()
    for path in files:
        parts = path.split("/")[:-1]
        for depth in range(1, len(parts) + 1):
            folder = "/".join(parts[:depth])
            if folder not in seen:
                seen.add(folder)
                yield folder
