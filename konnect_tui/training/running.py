"""One server for one state: who holds it, and where the others find it."""

import fcntl
import os
import time
from typing import Final

import msgspec
from msgspec import Struct

from konnect_tui.bundle import FOLDER_MODE, SECRET_MODE, File
from konnect_tui.errors import KonnectError
from konnect_tui.workspace import tree
from konnect_tui.workspace.disk import Disk
from konnect_tui.workspace.found import read_plain

_LOCK: Final = ".lock"
_FILE: Final = "running.json"
TOKEN_FILE: Final = "token"  # noqa: S105 - a file's name
_MOST: Final = 64 * 1024
_LOOKS: Final = 4
_BETWEEN: Final = 0.02


class Running(Struct, frozen=True):
    """A server that runs. `api_url` is what `--api-url` takes, `control_plane` where nodes connect to.

    `token` is its own and opens nothing else; it lies in `token_file`, too. `ca` is the path of the CA that signed the
    control plane's certificate. `api_port_before` is the port its API had until another program took that. `alone`: it
    is `training serve`; else it ends with the wizard, or the command, that has started it.
    """

    api_url: str
    token: str
    token_file: str
    control_plane: str
    ca: str
    seed: str
    pid: int
    api_port_before: int | None = None
    alone: bool = False


def hold(folder: str) -> int:
    """Take the state for this process: a descriptor that holds it until closed. The folder is made where it is missing.

    Raises KonnectError `training-running`, `training-state`.
    """
    handle = None
    try:
        os.makedirs(folder, mode=FOLDER_MODE, exist_ok=True)
        handle = os.open(f"{folder}/{_LOCK}", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        _lock(handle)
    except OSError as fault:
        if handle is not None:
            os.close(handle)
        if isinstance(fault, BlockingIOError):
            raise KonnectError("training-running", f"The training organisation in {folder} runs already.") from None
        raise KonnectError("training-state", f"{folder} can't be used: {fault.strerror}.") from None
    return handle


def _lock(handle: int) -> None:
    """Whoever looks whether it is held (`find`) holds it for that moment: one look does not count."""
    for _ in range(_LOOKS):
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_BETWEEN)
    return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def find(folder: str) -> Running | None:
    """The server that holds this state; None where none does, or where it runs for one command only."""
    try:
        handle = os.open(f"{folder}/{_LOCK}", os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return None
    except OSError:
        return _read(folder)
    finally:
        os.close(handle)


def _read(folder: str) -> Running | None:
    """None while it has only begun to start."""
    try:
        return msgspec.json.decode(read_plain(f"{folder}/{_FILE}", _MOST)[0], type=Running)
    except (OSError, msgspec.DecodeError):
        return None


def announce(folder: str, running: Running) -> None:
    """Tell the others where it is. Only this user can read it: it holds the token."""
    put(f"{folder}/{_FILE}", msgspec.json.encode(running), SECRET_MODE)


def put(path: str, content: bytes, mode: int) -> None:
    """A file of the state, in place of what was there. Raises KonnectError `training-state`."""
    try:
        tree.put(Disk(), path, File(content, mode))
    except OSError as fault:
        raise KonnectError("training-state", f"{path} can't be written: {fault.strerror}.") from None


def withdraw(folder: str) -> None:
    """It is over, or has not yet begun. Raises KonnectError `training-state`."""
    try:
        tree.remove(Disk(), f"{folder}/{_FILE}")
    except OSError as fault:
        raise KonnectError("training-state", f"{folder}/{_FILE} can't be removed: {fault.strerror}.") from None
