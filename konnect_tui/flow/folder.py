"""A folder as a list to choose from: folders first, hidden ones on request, and what typed letters leave of it."""

import os
from collections.abc import Sequence

from msgspec import Struct

from konnect_tui.errors import KonnectError
from konnect_tui.words import printable


class Entry(Struct, frozen=True):
    """A file or a folder. `folded` is its name for searching, without regard to case."""

    name: str
    path: str
    folder: bool
    folded: str


def listing(folder: str) -> tuple[Entry, ...]:
    """Everything in the folder, folders first, each by name. Raises KonnectError `not-readable`, `not-found`."""
    try:
        with os.scandir(folder) as found:
            entries = [Entry(each.name, each.path, _is_folder(each), each.name.casefold()) for each in found]
    except PermissionError:
        raise KonnectError("not-readable", f"You may not read the folder {printable(folder)}.") from None
    except (OSError, ValueError):
        raise KonnectError("not-found", f"There is no folder {printable(folder)}.") from None
    return tuple(sorted(entries, key=lambda each: (not each.folder, each.folded, each.name)))


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to a place that can't be looked at
        return False


def nameless(path: str) -> str:
    """Why no answers file could name this path; empty where one can."""
    return "" if path.isascii() or path.encode(errors="replace").decode() == path else "its name is not UTF-8"


def matching(entries: Sequence[Entry], typed: str, *, hidden: bool) -> list[int]:
    """The places in `entries` of those whose name holds what was typed, names that begin with it first.

    Hidden ones are among them with `hidden`, or when a leading dot was typed.
    """
    wanted = typed.casefold()
    hidden = hidden or wanted.startswith(".")
    left = [at for at, each in enumerate(entries) if wanted in each.folded and (hidden or each.name[:1] != ".")]
    return sorted(left, key=lambda at: not entries[at].folded.startswith(wanted)) if wanted else left


def begin(path: str, *others: str) -> str:
    """The folder to begin in: the one of `path`, else the first of the others that is there, else the home folder."""
    for place in (path, os.path.dirname(path), *others):
        if place and os.path.isdir(place):
            return os.path.abspath(place)
    return os.path.expanduser("~")
