"""One writer in a workspace at a time, be it a thread, a process or another machine on a shared disk."""

import errno
import os
import re
from typing import Final

from konnect_tui.errors import KonnectError
from konnect_tui.workspace import tree
from konnect_tui.workspace.disk import Disk

NAME: Final = ".lock"
_HOLDER = re.compile(r"pid (\d{1,10}) on ([A-Za-z0-9._-]{1,255})\n")


def take(disk: Disk, root: str) -> int:
    """Take the workspace's lock: a descriptor that holds it until closed, at the latest when the process ends.

    The file itself stays and means nothing. KonnectError `workspace-locked` at once if somebody else has it,
    `workspace-without-locks`; OSError as `open` raises it.
    """
    path = f"{root}/{NAME}"
    handle = _open(disk, path, root)
    try:
        _lock(handle, path)
    except BaseException:
        os.close(handle)
        raise
    try:
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"pid {os.getpid()} on {os.uname().nodename}\n".encode(), 0)
    except OSError:
        pass  # a full disk: these are only words for those who come in vain
    return handle


def _open(disk: Disk, path: str, root: str) -> int:
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        handle = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return os.open(path, flags)
    disk.fchmod(handle, 0o600)
    owner = tree.heir(root)
    if owner is not None:
        disk.fchown(handle, owner)
    return handle


def _lock(handle: int, path: str) -> None:
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as fault:
        if fault.errno in (errno.EWOULDBLOCK, errno.EACCES):
            raise _held(handle, path) from None
        raise KonnectError(
            "workspace-without-locks",
            f"The file system of {path} cannot lock files: {fault.strerror}.",
            context="Two runs at once could write into one bundle.",
        ) from fault


def _held(handle: int, path: str) -> KonnectError:
    holder = _HOLDER.fullmatch(os.pread(handle, 512, 0).decode("ascii", "replace"))
    who = f"process {holder[1]} on {holder[2]}" if holder else "another run of konnect-tui"
    return KonnectError("workspace-locked", f"{os.path.dirname(path)} is in use by {who}.")
