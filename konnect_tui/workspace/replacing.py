"""What becomes of every file when a bundle is replaced: worked out by looking, before anything is written."""

from collections.abc import Callable, Collection
from typing import Final

from msgspec import Struct

from konnect_tui.bundle import Files, folders
from konnect_tui.workspace.faults import file_in_the_way, symlink_in_the_way
from konnect_tui.workspace.found import Found, entries, look, read_plain

MANIFEST: Final = "konnect-tui.toml"


class Replacement(Struct, frozen=True):
    """`same` files stay as they are; `carried` paths move over whole; `dropped` ones of ours are removed.

    `folders` have to be made besides those that the new files need.
    """

    same: frozenset[str]
    carried: tuple[str, ...]
    dropped: tuple[str, ...]
    folders: tuple[str, ...]


def compare(
    live: str, files: Files, *, owned: Collection[str], more_folders: Collection[str], keep_backup: bool
) -> Replacement:
    """Sort everything in the folder `live` into ours and the operator's.

    `owned` are the paths that were ours, as the old manifest lists them; the manifest itself always is. A file
    that is byte for byte what would be written counts as ours too. KonnectError `file-in-the-way` or
    `symlink-in-the-way` where something of the operator's stands where a new file or folder belongs.
    """
    ours = {*owned, MANIFEST}
    new_folders = set(folders(files))
    shared = new_folders | set(folders(ours))
    same: set[str] = set()
    carried: list[str] = []
    dropped: list[str] = []

    def sort(found: Found) -> None:
        if found.kind == "folder" and found.path in shared:
            visit(found.path)
        elif found.kind not in ("folder", "unreadable") and (found.path in ours or _equal(found, files)):
            if _equal(found, files):
                same.add(found.path)
            if found.path in same or not keep_backup:
                dropped.append(found.path)
        elif found.path in files or found.path in new_folders or any(above in files for above in folders([found.path])):
            raise _clash(found)
        else:
            carried.append(found.path)

    def visit(folder: str) -> None:
        _each(live, folder, sort)

    visit("")
    missing = [folder for folder in more_folders if not _within(folder, carried)]
    return Replacement(
        same=frozenset(same),
        carried=tuple(carried),
        dropped=tuple(dropped),
        folders=tuple(dict.fromkeys([*missing, *folders(carried)])),
    )


def _within(path: str, tops: Collection[str]) -> bool:
    return any(path == top or path.startswith(f"{top}/") for top in tops)


def _each(live: str, folder: str, act: Callable[[Found], None]) -> None:
    for entry in entries(f"{live}/{folder}" if folder else live):
        act(look(entry, f"{folder}/{entry.name}" if folder else entry.name))


def _equal(found: Found, files: Files) -> bool:
    """Whether this is already, byte for byte and with its mode, the new file of that path."""
    file = files.get(found.path)
    if file is None or found.kind != "file" or found.mode != file.mode or found.size != len(file.data):
        return False
    try:
        return read_plain(found.place, len(file.data) + 1)[0] == file.data
    except OSError:
        return False


def _clash(found: Found) -> Exception:
    if found.kind == "symlink":
        return symlink_in_the_way(found.place)
    return file_in_the_way(found.place, _WHAT[found.kind])


_WHAT: Final = {
    "file": "A file that konnect-tui did not write",
    "folder": "A folder",
    "unreadable": "A folder that we may not enter",
    "other": "Something that is neither a file nor a folder",
}
