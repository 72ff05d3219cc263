"""Read the files of a lesson: plain files of its own folder, small, and never out of it by a link."""

import os
import re
import stat
import tomllib
from typing import Any, Final

from konnect_tui.errors import KonnectError, error

LARGEST: Final = 256 * 1024
"""Bytes. The longest lesson shipped has 9 KB."""
LESSON: Final = "lesson.toml"
_TEXT: Final = re.compile(r"text\.([a-z]{2})\.toml")
_FOLDER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_MOST: Final = 500


def lesson_folders(folder: str) -> tuple[str, ...]:
    """The folders in this one that hold a lesson, by name. Links are passed over. Raises `not-readable`."""
    try:
        with os.scandir(folder) as entries:
            names = [each.name for each in entries if each.is_dir(follow_symlinks=False)]
    except OSError as fault:
        raise KonnectError("not-readable", f"The folder {folder} can't be read: {fault.strerror}.") from None
    fitting = sorted(name for name in names if _FOLDER.fullmatch(name))[:_MOST]
    return tuple(f"{folder}/{name}" for name in fitting if os.path.lexists(f"{folder}/{name}/{LESSON}"))


def languages(folder: str) -> tuple[str, ...]:
    """The languages that the lesson in this folder is there in, as two letters.

    Raises KonnectError `invalid-input`, with the problem, where the folder can't be listed.
    """
    try:
        names = os.listdir(folder)
    except OSError as fault:
        raise _unusable("not-readable", f"The folder {folder} can't be listed: {fault.strerror}.") from None
    return tuple(sorted(found[1] for name in names if (found := _TEXT.fullmatch(name))))


def table(folder: str, name: str) -> dict[str, Any]:
    """The TOML in a file of that folder. Raises KonnectError `invalid-input`, with the problem."""
    path = f"{folder}/{name}"
    try:
        return tomllib.loads(content(folder, name).decode())
    except UnicodeDecodeError as fault:
        raise _unusable("not-text", f"Byte {fault.start + 1} of {path} is not UTF-8 text.") from None
    except tomllib.TOMLDecodeError as fault:
        raise _unusable("toml-syntax", f"{path} is not valid TOML: {fault}.") from None
    except ValueError:  # a number of more digits than Python converts, a date that is none
        raise _unusable("toml-syntax", f"{path} holds a value that can't be read.") from None
    except RecursionError:
        raise _unusable("toml-syntax", f"{path} nests its values too deeply.") from None


def content(folder: str, name: str) -> bytes:
    """The bytes of a file of that folder. Raises KonnectError `invalid-input`, with the problem."""
    path = f"{folder}/{name}"
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise _unusable("not-found", f"There is no file {path}.") from None
    except (OSError, ValueError):
        said = f"{path} can't be read, or is a link: a lesson's files are plain ones."
        hint = "Put a copy in place of a link, and give yourself the right to read it."
        raise _unusable("not-readable", said, hint) from None
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise _unusable("not-a-file", f"{path} is not a file.")
        data = os.read(handle, LARGEST + 1)
    finally:
        os.close(handle)
    if len(data) > LARGEST:
        hint = "Say it shorter, or in several lessons."
        raise _unusable("too-large", f"{path} is larger than {LARGEST // 1024} KB; no lesson is.", hint)
    return data


def _unusable(code: str, message: str, hint: str = "") -> KonnectError:
    return KonnectError("invalid-input", message, problems=(error("", code, message, hint),))
