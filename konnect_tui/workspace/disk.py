"""Every call that changes the disk, one method each, so that a test can make any of them fail or be the last.

Looking (lstat, listing, reading) goes to `os` directly: it cannot leave anything half done.
"""

import errno
import os
import sys
import time
from typing import Final

# ioctl_fs.h: read and write a file's flags, and the flag "top of directory hierarchies" (chattr +T).
_GET_FLAGS: Final = 0x80086601
_SET_FLAGS: Final = 0x40086602
_TOP: Final = 0x00020000


class Disk:
    """The real disk. Every method but `spread` and the flushes is one system call, and raises OSError as `os` does."""

    def mkdir(self, path: str) -> None:
        """Make a folder that only its owner can enter."""
        os.mkdir(path, 0o700)

    def spread(self, folder: str) -> None:
        """Ask that the folders made in this one lie apart on the medium, where the file system knows how to.

        ext4 puts them side by side, and looks for a free inode past every one there that was deleted within the
        last minutes: right after somebody removed thousands of files, a thousand nodes took 2 s instead of 0.15.
        Everywhere else this does nothing, and it is never a reason to fail.
        """
        if sys.platform != "linux":
            return
        from fcntl import ioctl

        try:
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return
        try:
            flags = int.from_bytes(ioctl(handle, _GET_FLAGS, bytes(8))[:4], sys.byteorder)
            if not flags & _TOP:
                ioctl(handle, _SET_FLAGS, (flags | _TOP).to_bytes(4, sys.byteorder) + bytes(4))
        except OSError:
            return
        finally:
            os.close(handle)

    def open_new(self, path: str, mode: int) -> int:
        """A descriptor to write a file that did not exist, with no more than `mode` from the start."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)

    def write(self, handle: int, data: memoryview) -> int:
        """Write some of `data`; how much is returned."""
        return os.write(handle, data)

    def fchmod(self, handle: int, mode: int) -> None:
        """Give an open file its mode."""
        os.fchmod(handle, mode)

    def fchown(self, handle: int, owner: tuple[int, int]) -> None:
        """Give an open file its owner (uid, gid)."""
        os.fchown(handle, *owner)

    def chown(self, path: str, owner: tuple[int, int]) -> None:
        """Give a folder its owner (uid, gid)."""
        os.chown(path, *owner, follow_symlinks=False)

    def chmod(self, path: str, mode: int) -> None:
        """Give a file or folder its mode; the caller has made sure that it is no symlink."""
        os.chmod(path, mode)

    def mode(self, handle: int) -> int:
        """The permission bits that the file system says an open file has."""
        return os.fstat(handle).st_mode & 0o7777

    def close(self, handle: int) -> None:
        """Close a descriptor."""
        os.close(handle)

    def sync(self, path: str) -> None:
        """Return when the file's bytes are on the medium. Reading rights are enough to flush."""
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def sync_folder(self, path: str) -> None:
        """Return when the folder's entries are on the medium.

        Some network and FUSE file systems have no such call for folders and say EINVAL: they order renames
        themselves or not at all, and nobody can do more.
        """
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        except OSError as fault:
            if fault.errno not in (errno.EINVAL, errno.ENOTSUP):
                raise
        finally:
            os.close(handle)

    def link(self, old: str, new: str) -> None:
        """A second name for a file."""
        os.link(old, new, follow_symlinks=False)

    def rename(self, old: str, new: str) -> None:
        """Move a file or folder. A folder replaces an empty folder, and nothing else."""
        os.rename(old, new)

    def exchange(self, one: str, other: str) -> bool:
        """Swap two folders in one step. False where the system or the file system has no such call."""
        from konnect_tui.workspace.exchange import exchange

        return exchange(one, other)

    def unlink(self, path: str) -> None:
        """Remove a file or symlink."""
        os.unlink(path)

    def rmdir(self, path: str) -> None:
        """Remove an empty folder."""
        os.rmdir(path)

    def stamp(self) -> str:
        """Now, as backups are named: UTC, `20260131T235959Z`."""
        return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())

    def random(self) -> str:
        """Eight hexadecimal digits that make a staging folder's name its own."""
        return os.urandom(4).hex()
