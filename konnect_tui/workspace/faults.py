"""What the operating system says about a disk, in words an operator can act on."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from konnect_tui.errors import KonnectError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)
_IN_THE_WAY = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR, errno.EISDIR)


@contextmanager
def explained(path: str, needed: int = 0) -> Iterator[None]:
    """Whatever OSError is raised inside leaves as the KonnectError that `explain` makes of it."""
    try:
        yield
    except OSError as fault:
        raise explain(fault, path, needed) from fault


def explain(fault: OSError, path: str, needed: int = 0) -> KonnectError:
    """The error to raise for `fault`. `path` is named if the fault names none; `needed` is in bytes."""
    where = os.fsdecode(fault.filename) if isinstance(fault.filename, str | bytes) else path
    if fault.errno in _FULL:
        return _full(fault, path, needed)
    if fault.errno in _REFUSED:
        why = "the file system is mounted read-only" if fault.errno == errno.EROFS else "permission denied"
        return KonnectError(
            "workspace-not-writable",
            f"{where} cannot be written: {why}.",
            context="A bundle is written completely or not at all, so nothing was written.",
        )
    if fault.errno == errno.ENAMETOOLONG:
        return KonnectError("path-too-long", f"{where} is a longer path or name than this file system takes.")
    if fault.errno == errno.ELOOP:
        return symlink_in_the_way(where)
    if fault.errno in _IN_THE_WAY:
        return file_in_the_way(where)
    return KonnectError("disk-failed", f"{where}: {fault.strerror or type(fault).__name__}.")


def _full(fault: OSError, where: str, needed: int) -> KonnectError:
    room = f" {_size(needed)} were to be written." if needed else ""
    if fault.errno == errno.ENOSPC:
        return KonnectError("disk-full", f"No space is left on the disk of {where}.{room}")
    limit = "The disk quota is used up" if fault.errno == errno.EDQUOT else "The limit on a file's size is reached"
    return KonnectError("disk-full", f"{limit} at {where}.{room}", hint="Raise the limit, or take another workspace.")


def _size(count: int) -> str:
    """Bytes for people; rounded up, since it is said how much must be free."""
    for unit, factor in (("MiB", 1024 * 1024), ("KiB", 1024)):
        if count >= factor:
            return f"{-(-count // factor)} {unit}"
    return f"{count} bytes"


def file_in_the_way(path: str, what: str = "A file") -> KonnectError:
    """Something that is not ours stands where something of ours belongs."""
    return KonnectError(
        "file-in-the-way",
        f"{what} is in the way: {path}.",
        context="konnect-tui overwrites only what it has written itself.",
    )


_WRITTEN: Final = "Keys are never written through a symlink: whoever made it would decide where they land."


def symlink_in_the_way(path: str, why: str = _WRITTEN) -> KonnectError:
    """A symlink stands where a file or folder of ours belongs. Its target is named when it can be read."""
    try:
        leads = f" (it leads to {os.readlink(path)})"
    except OSError:
        leads = ""
    return KonnectError(
        "symlink-in-the-way",
        f"A symlink is in the way: {path}{leads}.",
        context=why,
    )
