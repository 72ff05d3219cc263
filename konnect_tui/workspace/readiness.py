"""Whether keys would be safe in a workspace, asked before the first one is made."""

import errno
import os
import stat
from typing import Final

from konnect_tui.bundle import SCRIPT_MODE, SECRET_MODE
from konnect_tui.errors import KonnectError
from konnect_tui.workspace import tree
from konnect_tui.workspace.disk import Disk
from konnect_tui.workspace.faults import file_in_the_way, symlink_in_the_way
from konnect_tui.workspace.journal import STAGING

_PROBE: Final = ".probe-"


def prepare(disk: Disk, root: str) -> None:
    """Make `root` (0700) and the folders above it, if need be; try that it can be written and keeps modes.

    Raises KonnectError as `Workspace.prepare` says, and OSError. What was made for nothing is removed again.
    """
    look(root)
    made = _make(disk, root)
    try:
        _try(disk, root)
        tree.private_folder(disk, f"{root}/{STAGING}")
        if os.lstat(f"{root}/{STAGING}").st_mode & 0o777 != 0o700:
            raise _without_modes(root)
    except BaseException:
        if made:
            tree.prune(disk, made[0])
        raise


def look(root: str) -> None:
    """What can be told without touching anything. Raises as `prepare`."""
    nearest, status = _nearest(root)
    if stat.S_ISLNK(status.st_mode):
        raise symlink_in_the_way(root)
    if not stat.S_ISDIR(status.st_mode):
        raise file_in_the_way(nearest)
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise PermissionError(*_denied(nearest))
    if nearest == root and status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX:
        raise KonnectError(
            "workspace-open-to-others",
            f"Every user of this machine may rename what lies in {root} (mode {stat.S_IMODE(status.st_mode):04o}).",
            context="Somebody could put a bundle of their own in the place of yours, and you would run its scripts.",
        )


def _nearest(root: str) -> tuple[str, os.stat_result]:
    """The workspace, else the folder nearest above it that there is. Only the workspace itself may not be a symlink.

    Above it they are the system's business: /tmp is one on macOS.
    """
    path = root
    while not os.path.lexists(path):
        path = os.path.dirname(path)
    if path == root:
        return path, os.lstat(path)
    try:
        return path, os.stat(path)
    except FileNotFoundError:
        raise symlink_in_the_way(path) from None


def _denied(path: str) -> tuple[int, str, str]:
    number = errno.EROFS if os.statvfs(path).f_flag & os.ST_RDONLY else errno.EACCES
    return number, os.strerror(number), path


def _make(disk: Disk, root: str) -> list[str]:
    """Make the folders that are missing down to `root`; those that were made."""
    missing: list[str] = []
    path = root
    while not os.path.lexists(path):
        missing.append(path)
        path = os.path.dirname(path)
    made: list[str] = []
    try:
        for folder in reversed(missing):
            tree.make_folder(disk, folder, tree.heir(os.path.dirname(folder)))
            made.append(folder)
    except BaseException:
        if made:
            tree.prune(disk, made[0])
        raise
    return made


def _try(disk: Disk, root: str) -> None:
    """Write a nameless file with the modes a bundle has. FAT, some CIFS and FUSE mounts keep none or invent them."""
    path = f"{root}/{_PROBE}{disk.random()}"
    handle = disk.open_new(path, SECRET_MODE)
    try:
        disk.unlink(path)
        disk.write(handle, memoryview(b"\n"))
        born = disk.mode(handle)
        try:
            disk.fchmod(handle, SCRIPT_MODE)
        except PermissionError:
            raise _without_modes(root) from None
        if born & ~SECRET_MODE or disk.mode(handle) != SCRIPT_MODE:
            raise _without_modes(root)
    finally:
        disk.close(handle)


def _without_modes(root: str) -> KonnectError:
    return KonnectError(
        "workspace-without-modes",
        f"The file system of {root} does not keep file modes.",
        context="A private key there could be read by every user of this machine.",
    )
