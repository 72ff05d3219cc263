"""Paths as people type, paste and drop them, and the questions that are answered with one."""

import os

from konnect_tui.draft import Draft
from konnect_tui.flow.step import Field, Value, Wants, read, write


def shown(path: str) -> str:
    """A path as people write it: from the home folder where it is in there."""
    home = os.path.expanduser("~")
    return f"~{path[len(home) :]}" if path.startswith(f"{home}{os.sep}") else path


def homely(text: str) -> str:
    """A sentence with the paths in it as people write them."""
    home = os.path.expanduser("~")
    if len(home) < 2 or f"{home}{os.sep}" not in text:
        return text
    import re  # the first page needs `shown` alone

    return re.sub(rf"(?<![^\s“(:,]){re.escape(home)}{os.sep}", f"~{os.sep}", text)


def typed(text: str) -> str:
    """The absolute path that is meant; empty for a blank text.

    Takes `~`, a path from here, and what terminals and file managers give for a file that is dropped or copied:
    quotes, backslashes before blanks, `file://`.
    """
    text = text.strip()
    if text[:1] in ("'", '"') or "\\ " in text:
        text = next(iter(_words(text)), "")
    return _absolute(text) if text else ""


def _absolute(path: str) -> str:
    if path.startswith("file://"):
        from urllib.parse import unquote, urlsplit  # rare, and not free to import

        path = unquote(urlsplit(path).path)
    return os.path.abspath(os.path.expanduser(path))


def written(path: str) -> str:
    """A path as one word of a line that `several` reads."""
    path = shown(path)
    return f"~/{_quoted(path[2:])}" if path.startswith("~/") else _quoted(path)


def line(path: str) -> str:
    """A path as a line that `typed` reads: as it is, unless it would be read as something else."""
    return shown(path) if typed(shown(path)) == path else _quoted(path)


def several(text: str) -> tuple[str, ...]:
    """The absolute paths of one line, parted by blanks and quoted where they hold some; each once."""
    return tuple(dict.fromkeys(map(_absolute, _words(text))))


def _quoted(path: str) -> str:
    from shlex import quote  # the first page needs `shown` alone

    return quote(path)


def _words(text: str) -> list[str]:
    import shlex  # as above

    try:
        return shlex.split(text)
    except ValueError:  # a quote that is not closed yet
        return text.replace("'", "").replace('"', "").split()


def one_file(
    key: str,
    label: str,
    wants: Wants,
    *,
    help: str,  # noqa: A002 - the field's own word
    default: str = "",
    required: bool = False,
) -> Field:
    """A question answered with one file, kept at `key` as an absolute path."""

    def get(draft: Draft) -> Value:
        found = read(draft, key)
        return line(found) if isinstance(found, str) else None

    def put(draft: Draft, value: Value) -> Draft:
        return write(draft, key, typed(str(value or "")))

    return Field(
        key=key, label=label, kind="path", wants=wants, help=help, default=default, get=get, put=put, required=required
    )


def files(key: str, label: str, wants: Wants, *, help: str, default: str = "") -> Field:  # noqa: A002 - the field's own word
    """A question answered with files and folders, kept at `key` as absolute paths."""

    def get(draft: Draft) -> Value:
        found = read(draft, key)
        return " ".join(written(path) for path in found) if isinstance(found, tuple) else None

    def put(draft: Draft, value: Value) -> Draft:
        return write(draft, key, several(str(value or "")))

    return Field(key=key, label=label, kind="paths", wants=wants, help=help, default=default, get=get, put=put)
