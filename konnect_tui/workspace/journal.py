"""Replacing a bundle so that it is whole at every moment: written down, then done, finished by whoever comes next.

A replacement lives in `.staging/<bundle>-<random>/`:

    journal.json   what is to happen; there from before the first rename until the last trace is gone
    new            the complete new bundle; after an exchange, the old one
    old            the old bundle, between the two renames of a system that cannot exchange

The order: write and flush `new`; write and flush the journal; move what is carried (state, the operator's own files)
from the live folder into `new`; swap the two — *the commit*; clear the old folder away. Which side of the commit
a crash fell on is read off the disk: the journal has the inode numbers of both folders. What is carried belongs
into whichever is live, so finishing and rolling back are the same few steps, and can themselves be cut short and
repeated. A staging folder without a journal never touched the live bundle: it is removed.
"""

import os
from typing import Final

import msgspec
from msgspec import Struct

from konnect_tui.bundle import SECRET_MODE, File
from konnect_tui.workspace import tree
from konnect_tui.workspace.disk import Disk

STAGING: Final = ".staging"
BACKUP: Final = ".backup"
_NAME: Final = "journal.json"


class Journal(Struct, frozen=True):
    """`old` and `new` are the inode numbers of the two folders, `carried` and `dropped` paths in the old one.

    `carried` go into the new bundle, `dropped` are removed; whatever else is left of the old bundle is the backup.
    Paths are bytes, as the system has them: an operator's file may have a name that is not UTF-8.
    """

    bundle: str
    old: int
    new: int
    carried: tuple[bytes, ...] = ()
    dropped: tuple[bytes, ...] = ()


class Outcome(Struct, frozen=True):
    """How a replacement ended: `committed` or rolled back; `backup` is the folder of what was put aside."""

    committed: bool
    backup: str | None = None


def save(disk: Disk, stage: str, journal: Journal) -> None:
    """Write the journal into its staging folder. It is complete if it is there at all."""
    tree.write_file(disk, f"{stage}/journal", File(msgspec.json.encode(journal), SECRET_MODE))
    disk.sync(f"{stage}/journal")
    disk.rename(f"{stage}/journal", f"{stage}/{_NAME}")
    disk.sync_folder(stage)


def swap(disk: Disk, root: str, stage: str, journal: Journal) -> None:
    """Carry, then commit. On any exception `settle` tells what was reached and ends it."""
    live, new = f"{root}/{journal.bundle}", f"{stage}/new"
    for path in map(os.fsdecode, journal.carried):
        disk.rename(f"{live}/{path}", f"{new}/{path}")
    if not disk.exchange(live, new):
        disk.rename(live, f"{stage}/old")
        disk.rename(new, live)


def settle(disk: Disk, root: str, stage: str) -> Outcome:
    """Finish or roll back what a staging folder is about, and remove it. Repeatable from any point."""
    try:
        with open(f"{stage}/{_NAME}", "rb") as stream:
            journal = msgspec.json.decode(stream.read(), type=Journal)
    except FileNotFoundError:
        tree.remove(disk, stage)
        return Outcome(committed=False)
    except msgspec.DecodeError:
        return Outcome(committed=False, backup=_unknown(disk, root, stage))
    live, new, old = f"{root}/{journal.bundle}", f"{stage}/new", f"{stage}/old"
    if tree.inode(live) is None and tree.inode(old) is not None:
        _stand_up(disk, live, new, old)
    standing = tree.inode(live)
    if standing == journal.new:
        outcome = _finish(disk, root, stage, journal)
    elif standing == journal.old:
        outcome = _roll_back(disk, root, stage, journal)
    else:
        return Outcome(committed=False, backup=_unknown(disk, root, stage))
    disk.unlink(f"{stage}/{_NAME}")
    disk.rmdir(stage)
    return outcome


def _stand_up(disk: Disk, live: str, new: str, old: str) -> None:
    """Between the two renames: the new bundle is complete and flushed, so it is it; if it can't be moved, the old."""
    try:
        disk.rename(new, live)
    except OSError:
        disk.rename(old, live)


def _finish(disk: Disk, root: str, stage: str, journal: Journal) -> Outcome:
    live = f"{root}/{journal.bundle}"
    spent = f"{stage}/old" if tree.inode(f"{stage}/old") is not None else f"{stage}/new"
    _bring_home(disk, spent, live, journal)
    # What is removed next is the only other copy: the swap has to have reached the medium.
    for folder in (root, stage):
        disk.sync_folder(folder)
    for path in map(os.fsdecode, journal.dropped):
        try:
            disk.unlink(f"{spent}/{path}")
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            continue  # gone since, or closed to us: then it goes to the backup
    if tree.inode(spent) is not None:
        tree.prune(disk, spent)
    backup = put_aside(disk, root, journal.bundle, spent) if tree.inode(spent) is not None else None
    return Outcome(committed=True, backup=backup)


def _roll_back(disk: Disk, root: str, stage: str, journal: Journal) -> Outcome:
    new = f"{stage}/new"
    if _bring_home(disk, new, f"{root}/{journal.bundle}", journal):
        tree.remove(disk, new)
        return Outcome(committed=False)
    return Outcome(committed=False, backup=put_aside(disk, root, journal.bundle, new))


def _bring_home(disk: Disk, origin: str, live: str, journal: Journal) -> bool:
    """Move what is carried into the live folder, and flush. False if something stands in its place there."""
    home = True
    carried = [os.fsdecode(path) for path in journal.carried]
    for path in carried:
        if tree.inode(f"{origin}/{path}") is None:
            continue
        if tree.inode(f"{live}/{path}") is not None and not _cleared(disk, f"{live}/{path}"):
            home = False
            continue
        disk.rename(f"{origin}/{path}", f"{live}/{path}")
    for folder in sorted({os.path.dirname(f"{live}/{path}") for path in carried} | {live}):
        disk.sync_folder(folder)
    return home


def _cleared(disk: Disk, path: str) -> bool:
    """Whether the place is free: a script that ran in between may have made an empty state/ anew."""
    try:
        disk.rmdir(path)
    except OSError:
        return False
    return True


def _unknown(disk: Disk, root: str, stage: str) -> str:
    """Nothing on disk fits the journal (someone put a folder back by hand): keep everything, touch nothing live."""
    return put_aside(disk, root, os.path.basename(stage).rpartition("-")[0], stage)


def put_aside(disk: Disk, root: str, bundle: str, folder: str) -> str:
    """Move a folder to `.backup/<bundle>/<UTC>`, with a number behind it if two fall into one second."""
    parent = root
    for name in (BACKUP, bundle):
        parent = f"{parent}/{name}"
        tree.private_folder(disk, parent)
    stamp = disk.stamp()
    place, count = f"{parent}/{stamp}", 1
    while os.path.lexists(place):
        count += 1
        place = f"{parent}/{stamp}-{count}"
    disk.rename(folder, place)
    disk.sync_folder(parent)
    return place
