"""Open a file that someone named, and never be held up by it: no directory, FIFO or device, nothing huge."""

import os
import stat
from contextlib import suppress
from errno import EACCES, EISDIR, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, ENXIO, EPERM

from konnect_tui.errors import KonnectError
from konnect_tui.words import printable

LIMIT = 4 << 20
"""Bytes. OpenSSL can need half a minute for one text file of two megabytes; certificates take kilobytes."""

_BY_ERRNO = {
    ENOENT: ("not-found", "There is no file {path}."),
    ENOTDIR: ("not-found", "There is no file {path}: a part of the path is no folder."),
    ELOOP: ("not-a-file", "{path} is a symbolic link that leads nowhere."),
    ENAMETOOLONG: ("not-found", "The path {path} is longer than the system takes."),
    EISDIR: ("not-a-file", "{path} is a folder."),
    ENXIO: ("not-a-file", "{path} is no regular file."),
    EACCES: ("not-readable", "You may not read {path}."),
    EPERM: ("not-readable", "You may not read {path}."),
}


def read_bytes(path: str | os.PathLike[str], limit: int = LIMIT) -> bytes:
    """What the file holds, at most `limit` bytes.

    Raises KonnectError `not-found`, `not-a-file`, `not-readable`, `too-large`.
    """
    shown = printable(os.fspath(path))
    try:
        # without O_NONBLOCK, opening a FIFO waits for a writer
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError as problem:
        code, message = _BY_ERRNO.get(problem.errno or 0, ("not-readable", "{path} cannot be opened."))
        raise KonnectError(code, message.format(path=shown)) from problem
    except ValueError as problem:
        raise KonnectError("not-found", f"{shown} is no path.") from problem
    try:
        return _read(descriptor, shown, limit)
    except OSError as problem:
        raise KonnectError("not-readable", f"{shown} cannot be read: {problem.strerror}.") from problem
    finally:
        with suppress(OSError):
            os.close(descriptor)


def _read(descriptor: int, shown: str, limit: int) -> bytes:
    status = os.fstat(descriptor)
    if stat.S_ISDIR(status.st_mode):
        raise KonnectError("not-a-file", f"{shown} is a folder.")
    if not stat.S_ISREG(status.st_mode):
        raise KonnectError("not-a-file", f"{shown} is no regular file.")
    chunks: list[bytes] = []
    size = 0
    while size <= limit:
        chunk = os.read(descriptor, limit + 1 - size)
        if not chunk:
            return b"".join(chunks)
        chunks.append(chunk)
        size += len(chunk)
    raise KonnectError("too-large", f"{shown} is larger than {limit >> 20} MB.")
