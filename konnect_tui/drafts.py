"""Drafts of the wizard, kept when it is left and offered when it comes back. They are answers files: no secret inside.

A draft that cannot be read is never a reason to fail: it is moved aside and told.
"""

import os
import re
import time
from typing import Final

from msgspec import Struct

from konnect_tui.bundle import SECRET_MODE, File
from konnect_tui.errors import KonnectError
from konnect_tui.workspace import tree
from konnect_tui.workspace.disk import Disk
from konnect_tui.workspace.faults import explained
from konnect_tui.workspace.found import read_plain

MOST_BYTES: Final = 1024 * 1024
_SUFFIX: Final = ".toml"
_ASIDE: Final = ".broken"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


class Saved(Struct, frozen=True):
    """A saved draft: its name, when it was saved (seconds since the epoch, UTC), and its text."""

    name: str
    saved: float
    text: str


class Drafts:
    """The drafts in `folder`, which is made when the first one is saved."""

    def __init__(self, folder: str | os.PathLike[str], disk: Disk | None = None) -> None:
        self.folder = os.path.abspath(folder)
        self._disk = disk or Disk()
        self.aside: list[str] = []
        """The drafts that were moved aside because they could not be read, as paths: for telling."""

    def save(self, text: str, name: str) -> str:
        """Keep this answers file under that name in place of what was there; its path. Others can't read it.

        KonnectError `workspace-not-writable`, `disk-full` and the like; `bad-bundle-name`.
        """
        path = self._path(name)
        with explained(self.folder, len(text)):
            self._make_folder()
            tree.put(self._disk, path, File(text.encode(), SECRET_MODE))
        return path

    def list(self) -> tuple[Saved, ...]:
        """All drafts that can be read, the latest first."""
        try:
            names = [name.removesuffix(_SUFFIX) for name in os.listdir(self.folder) if name.endswith(_SUFFIX)]
        except OSError:
            return ()
        found = [saved for name in names if _NAME.fullmatch(name) and (saved := self._read(name))]
        return tuple(sorted(found, key=lambda saved: (-saved.saved, saved.name)))

    def latest(self) -> Saved | None:
        """The draft saved last, if there is one."""
        return next(iter(self.list()), None)

    def remove(self, name: str) -> None:
        """Forget a draft; it may be gone already."""
        with explained(self.folder):
            tree.remove(self._disk, self._path(name))

    def put_aside(self, name: str) -> None:
        """Move a draft whose text means nothing any more out of the way, keeping it. Never fails."""
        path = self._path(name)
        target = f"{path}.{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}{_ASIDE}"
        try:
            self._disk.rename(path, target)
        except OSError:
            target = path
        self.aside.append(target)

    def _read(self, name: str) -> Saved | None:
        path = self._path(name)
        try:
            content, status = read_plain(path, MOST_BYTES + 1)
            if len(content) <= MOST_BYTES:
                return Saved(name, status.st_mtime, content.decode())
        except (OSError, UnicodeDecodeError):
            pass
        self.put_aside(name)
        return None

    def _path(self, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise KonnectError("bad-bundle-name", f"{name!r} cannot be the name of a draft.")
        return f"{self.folder}/{name}{_SUFFIX}"

    def _make_folder(self) -> None:
        missing = []
        path = self.folder
        while not os.path.lexists(path):
            missing.append(path)
            path = os.path.dirname(path) or "."
        for folder in reversed(missing):
            try:
                tree.make_folder(self._disk, folder)
            except FileExistsError:
                continue
