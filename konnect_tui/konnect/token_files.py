"""The token out of `--token-file`: a file, a pipe, or standard input for `-`."""

import os
import shlex
import stat
from typing import Final

from konnect_tui.errors import KonnectError, Problem, warning
from konnect_tui.konnect.token_text import MOST_BYTES, looks_like_token, token
from konnect_tui.secret import Secret

FIELD: Final = "--token-file"
STDIN: Final = "-"


def read(path: str) -> tuple[Secret, tuple[Problem, ...]]:
    """The token in that file, and what is to be said about the file.

    Raises KonnectError `not-found`, `not-readable`, `not-a-file`, `bad-token`. A path that leads nowhere is not
    repeated: it may be the token itself, given by mistake.
    """
    try:
        handle = os.dup(0) if path == STDIN else os.open(os.path.expanduser(path), os.O_RDONLY | os.O_CLOEXEC)
    except (OSError, ValueError) as fault:
        raise _unopened(path, fault) from None
    where = "Standard input" if path == STDIN else f"The token file {path}"
    try:
        found = os.fstat(handle)
        if not any(kind(found.st_mode) for kind in (stat.S_ISREG, stat.S_ISFIFO, stat.S_ISSOCK)):
            hint = "Give a file with the token, or pipe it in."
            raise KonnectError("not-a-file", f"{where} is neither a file nor a pipe.", hint=hint)
        secret = token(_all_of(handle), where)
    except OSError as fault:
        raise KonnectError("not-readable", f"{where} can't be read: {fault.strerror}.") from None
    finally:
        os.close(handle)
    if path == STDIN or not stat.S_ISREG(found.st_mode) or not found.st_mode & 0o044:
        return secret, ()
    message = f"Other users of this machine may read {path}, which holds a token."
    return secret, (warning(FIELD, "token-file-open", message, f"chmod 600 {shlex.quote(path)}"),)


def _all_of(handle: int) -> bytes:
    data = b""
    while len(data) <= 2 * MOST_BYTES and (more := os.read(handle, MOST_BYTES)):
        data += more
    return data


def _unopened(path: str, fault: Exception) -> KonnectError:
    if path == STDIN:
        return KonnectError("not-readable", "Standard input is closed.", hint="Send the token there, or give its file.")
    if looks_like_token(path):
        return KonnectError(
            "not-found",
            "--token-file was given what looks like a token itself; it takes the path of a file.",
            context="Command lines are seen by other users and kept by the shell's history.",
            hint="Revoke that token in Konnect, make a new one and put it in a file.",
        )
    if isinstance(fault, PermissionError):
        return KonnectError("not-readable", f"The token file {path} may not be read.")
    return KonnectError("not-found", "The file given with --token-file can't be opened: there is no such file.")
