"""What was imported by text rather than by path: kept in the workspace's `.imports/`, where only its owner gets."""

from contextlib import suppress
from itertools import count
from typing import Final

from konnect_tui.bundle import Files
from konnect_tui.workspace import readiness, tree
from konnect_tui.workspace.disk import Disk
from konnect_tui.workspace.faults import explained

FOLDER: Final = ".imports"


def keep(disk: Disk, root: str, name: str, files: Files) -> str:
    """A new folder with these files, flushed; its path. Where `name` is taken it is `name-2` and so on.

    Nothing that was kept before is ever written over, and of what can't be kept whole nothing stays. Raises
    KonnectError as `Workspace.prepare` does, `disk-full`.
    """
    above = f"{root}/{FOLDER}"
    with explained(above):
        readiness.prepare(disk, root)
        tree.private_folder(disk, above)
        for number in count(1):
            place = f"{above}/{name}" if number == 1 else f"{above}/{name}-{number}"
            try:
                tree.write(disk, place, files, owner=tree.heir(root))
            except FileExistsError:
                continue
            except OSError:
                with suppress(OSError):
                    tree.remove(disk, place)
                raise
            disk.sync_folder(above)
            return place
    raise AssertionError  # counting never ends
