"""Small files for one user's eyes: 0600 from their first byte, in folders of 0700, whole or not at all."""

import contextlib
import errno
import os
import stat
from typing import Final

_MOST: Final = 64 * 1024


def write(path: str, data: bytes) -> None:
    """Write the file in place of what was there.

    Raises OSError; ENOTSUP, before a byte is written, where the file system would let others read it.
    """
    _make_folders(os.path.dirname(path))
    beside = f"{path}.{os.urandom(4).hex()}"
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with open(handle, "wb") as file:
            if os.fstat(handle).st_mode & 0o077:
                raise OSError(errno.ENOTSUP, "the file system keeps no modes, so others could read it", beside)
            file.write(data)
            file.flush()
            os.fsync(handle)
        os.rename(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise


def _make_folders(path: str) -> None:
    """Make what is missing of them. `os.makedirs` would give only the last one its mode."""
    if not os.path.isdir(path):
        _make_folders(os.path.dirname(path))
        with contextlib.suppress(FileExistsError):
            os.mkdir(path, 0o700)


def read(path: str) -> bytes:
    """What the regular file holds. Raises OSError, for what is no regular file or far too large as well."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    with open(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError("it is no regular file")
        data = file.read(_MOST + 1)
    if len(data) > _MOST:
        raise OSError("it is far too large")
    return data


def remove(path: str) -> bool:
    """Remove the file; whether there was one. Raises OSError."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return False
    return True


def open_to_others(path: str) -> bool:
    """Whether other users may read the file."""
    try:
        return bool(os.stat(path).st_mode & 0o044)
    except OSError:
        return False
