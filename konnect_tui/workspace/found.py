"""What is on disk in a bundle: looked at without following a single symlink, within bounds, read when asked."""

import errno
import os
import stat
from collections.abc import Iterator
from hashlib import sha256
from typing import Final, Literal

from msgspec import Struct

from konnect_tui.errors import KonnectError

Kind = Literal["file", "folder", "symlink", "other", "unreadable"]

# Far above any bundle (1,000 nodes on all platforms are some 20,000 files), far below what would hang.
MOST_ENTRIES: Final = 200_000
MOST_BYTES: Final = 64 * 1024 * 1024
DEEPEST: Final = 32


class Found(Struct, frozen=True):
    """Something in a bundle. `mode` has the permission bits, `size` is in bytes, `place` is where it lies.

    `unreadable` is a folder that we may not list: it belongs to somebody else.
    """

    path: str
    kind: Kind
    mode: int
    size: int
    place: str

    def data(self) -> bytes:
        """The bytes of a file. KonnectError `unreadable-file` if it is none any more, too large or closed to us."""
        try:
            content, _ = read_plain(self.place, MOST_BYTES + 1)
        except OSError as fault:
            raise KonnectError("unreadable-file", f"{self.place} cannot be read: {fault.strerror}.") from fault
        if len(content) > MOST_BYTES:
            raise KonnectError("unreadable-file", f"{self.place} is larger than any file of a bundle.")
        return content

    def sha256(self) -> str:
        """SHA-256 over the bytes, 64 lower-case hex digits. Errors as `data`."""
        return sha256(self.data()).hexdigest()


def read_plain(path: str, most: int) -> tuple[bytes, os.stat_result]:
    """At most that many bytes of a plain file, and its status. OSError for anything else, a symlink too.

    Does not block: between looking and opening a pipe could have taken the file's place.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not a plain file", path)
        with open(handle, "rb", closefd=False) as stream:
            return stream.read(most), status
    finally:
        os.close(handle)


def walk(top: str, skip: tuple[str, ...] = ()) -> Iterator[Found]:
    """Everything below `top`, folders before what they hold. Folders named in `skip` are told, not entered.

    Raises OSError if `top` cannot be listed, KonnectError `too-many-files` beyond the bounds.
    """
    seen = 0
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        for entry in entries(f"{top}/{folder}" if folder else top):
            seen += 1
            if seen > MOST_ENTRIES or folder.count("/") > DEEPEST:
                raise KonnectError("too-many-files", f"{top} holds more than a bundle ever does.")
            found = look(entry, f"{folder}/{entry.name}" if folder else entry.name)
            if found.kind == "folder" and found.path not in skip:
                waiting.append(found.path)
            yield found


def entries(folder: str) -> list[os.DirEntry[str]]:
    """What a folder holds, by name."""
    with os.scandir(folder) as listing:
        return sorted(listing, key=lambda entry: entry.name)


def look(entry: os.DirEntry[str], path: str) -> Found:
    """One entry as a Found with that relative path."""
    status = entry.stat(follow_symlinks=False)
    kind: Kind = "other"
    if stat.S_ISREG(status.st_mode):
        kind = "file"
    elif stat.S_ISLNK(status.st_mode):
        kind = "symlink"
    elif stat.S_ISDIR(status.st_mode):
        kind = "folder" if os.access(entry.path, os.R_OK | os.X_OK) else "unreadable"
    return Found(path, kind, stat.S_IMODE(status.st_mode), status.st_size, entry.path)


def plain_mode(top: str, path: str) -> int | None:
    """The mode of the plain file or folder `path` in `top`, reached without a symlink; None if it is anything else.

    `path` may come from outside: whatever leads out of `top` is None.
    """
    parts = path.split("/") if path else []
    if any(part in ("", ".", "..") or "\0" in part for part in parts):
        return None
    place = top
    try:
        status = os.lstat(place)
        for part in parts:
            if not stat.S_ISDIR(status.st_mode):
                return None
            place = f"{place}/{part}"
            status = os.lstat(place)
    except OSError:
        return None
    plain = stat.S_ISDIR(status.st_mode) or stat.S_ISREG(status.st_mode)
    return stat.S_IMODE(status.st_mode) if plain else None
