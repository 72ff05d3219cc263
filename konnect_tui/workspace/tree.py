"""A folder of files, written so that it survives a power cut, and removed again."""

import errno
import os
import stat
from collections.abc import Callable, Collection, Sequence
from typing import Final

from konnect_tui.bundle import File, Files, folders
from konnect_tui.errors import KonnectError
from konnect_tui.workspace.disk import Disk
from konnect_tui.workspace.faults import file_in_the_way, symlink_in_the_way
from konnect_tui.workspace.found import entries

Owner = tuple[int, int] | None
"""uid and gid that what is made shall have; None: those of the process."""

# Few files: starting threads costs more than it saves. Many: flushes that wait together share one commit of
# the file system's journal. 2,000 files on ext4, two CPUs, flushing alone: 1 thread 1.2 to 1.6 s, 4 threads 0.32 s,
# 8 0.22 s, 16 0.17 s in one run; no gain beyond. 30 entries on a busy disk: 1 thread 110 ms, 4 to 8 threads 12 to 20.
FEW: Final = 12
THREADS: Final = 16
EACH: Final = 4


def write(
    disk: Disk,
    top: str,
    files: Files,
    *,
    more_folders: Collection[str] = (),
    same: Collection[str] = (),
    origin: str = "",
    owner: Owner = None,
    meanwhile: Callable[[], None] | None = None,
) -> None:
    """Make the folder `top` with `files` and `more_folders` in it, everything flushed when this returns.

    `meanwhile` is called while the disk flushes; what it raises ends the writing.

    All is written first and flushed then: half the time of flushing file by file. `same` are those of `files`
    that lie unchanged in the folder `origin`: they get a second name instead of a second copy, so that they
    keep their owner, times and inode; where that is not possible they are written like the others.
    """
    made = [top, *(f"{top}/{folder}" for folder in dict.fromkeys([*folders(files), *with_parents(more_folders)]))]
    for folder in made:
        make_folder(disk, folder, owner)
    written = []
    for path, file in files.items():
        if path in same and _linked(disk, f"{origin}/{path}", f"{top}/{path}"):
            continue
        write_file(disk, f"{top}/{path}", file, owner)
        written.append(f"{top}/{path}")
    _flush(disk, written, made, meanwhile or _nothing)


def with_parents(paths: Collection[str]) -> list[str]:
    """These folders and all above them, parents first."""
    return list(folders(f"{path}/" for path in paths))


def make_folder(disk: Disk, path: str, owner: Owner = None) -> None:
    """A folder that only its owner can enter, whatever the umask takes away."""
    disk.mkdir(path)
    disk.chmod(path, 0o700)
    if owner is not None:
        disk.chown(path, owner)


def heir(folder: str) -> Owner:
    """Who shall own what is made in `folder`: under sudo, whoever owns it. Scripts run nodes as the owner of
    `tls.key`, so that a bundle must not change hands because root converged it once.
    """
    if os.geteuid() != 0:
        return None
    status = os.lstat(folder)
    return (status.st_uid, status.st_gid) if status.st_uid != 0 else None


def private_folder(disk: Disk, path: str) -> None:
    """Make sure of a folder of ours that nobody else can enter.

    KonnectError `symlink-in-the-way`, `file-in-the-way`, `workspace-open-to-others`.
    """
    try:
        make_folder(disk, path, heir(os.path.dirname(path)))
        return
    except FileExistsError:
        status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode):
        raise symlink_in_the_way(path)
    if not stat.S_ISDIR(status.st_mode):
        raise file_in_the_way(path)
    if status.st_mode & 0o077:
        if os.geteuid() not in (0, status.st_uid):
            raise KonnectError("workspace-open-to-others", f"{path} belongs to another user and is open to others.")
        disk.chmod(path, 0o700)


def _linked(disk: Disk, old: str, new: str) -> bool:
    """Whether the file got its second name. Not every file system or owner allows it (link(2), protected_hardlinks)."""
    try:
        disk.link(old, new)
    except OSError as fault:
        if fault.errno == errno.ENOSPC:
            raise
        return False
    return True


def write_file(disk: Disk, path: str, file: File, owner: Owner = None) -> None:
    """A new file with its mode from its first byte. Not flushed."""
    handle = disk.open_new(path, file.mode)
    try:
        disk.fchmod(handle, file.mode)  # a umask can only have narrowed it
        if owner is not None:
            disk.fchown(handle, owner)
        rest = memoryview(file.data)
        while rest:
            count = disk.write(handle, rest)
            if count == 0:
                raise OSError(errno.EIO, os.strerror(errno.EIO), path)
            rest = rest[count:]
    except OSError as fault:
        fault.filename = path  # calls on a descriptor do not know it
        raise
    finally:
        disk.close(handle)


def put(disk: Disk, path: str, file: File) -> None:
    """One file in the place of what was there, flushed: whole, or not at all. Raises OSError."""
    beside = f"{path}.{disk.random()}"
    try:
        write_file(disk, beside, file)
        disk.sync(beside)
        disk.rename(beside, path)
    except BaseException:
        remove(disk, beside)
        raise
    disk.sync_folder(os.path.dirname(path) or os.curdir)


def _nothing() -> None:
    """What is to be done while the disk flushes, where there is nothing to do."""


def _flush(disk: Disk, files: Sequence[str], made: Sequence[str], meanwhile: Callable[[], None]) -> None:
    if len(files) + len(made) <= FEW:
        for path in files:
            disk.sync(path)
        for path in made:
            disk.sync_folder(path)
        meanwhile()
    else:
        _in_threads(disk.sync, files, meanwhile)
        _in_threads(disk.sync_folder, made, _nothing)


def _in_threads(call: Callable[[str], None], paths: Sequence[str], meanwhile: Callable[[], None]) -> None:
    """`call` for every path, and `meanwhile` here; the first exception stops all and is raised here."""
    from threading import Thread

    faults: list[BaseException] = []

    def work(share: Sequence[str]) -> None:
        try:
            for path in share:
                if faults:
                    return
                call(path)
        except BaseException as fault:  # noqa: BLE001 - raised again in the caller's thread
            faults.append(fault)

    count = min(THREADS, -(-len(paths) // EACH))
    threads = [Thread(target=work, args=(paths[first::count],)) for first in range(count)]
    try:
        for thread in threads:
            thread.start()
        meanwhile()
        for thread in threads:
            thread.join()
    except BaseException as fault:  # Ctrl-C arrives here, in the main thread: the others stop at their next file
        faults.append(fault)
        raise
    if faults:
        raise faults[0]


def remove(disk: Disk, path: str) -> None:
    """Remove a file, a symlink or a folder with all in it. Nothing there is fine. Follows no symlink."""
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(status.st_mode):
        disk.unlink(path)
        return
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        disk.chmod(path, 0o700)
    for entry in entries(path):
        remove(disk, entry.path)
    disk.rmdir(path)


def prune(disk: Disk, folder: str) -> None:
    """Remove the folder if there is no file anywhere in it, and all such folders below it."""
    try:
        inner = [entry.path for entry in entries(folder) if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return
    for path in inner:
        prune(disk, path)
    try:
        disk.rmdir(folder)
    except OSError:
        return


def inode(path: str) -> int | None:
    """The inode number of what stands there, a symlink's own; None for nothing."""
    try:
        return os.lstat(path).st_ino
    except FileNotFoundError:
        return None
