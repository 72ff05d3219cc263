"""Puts a rendered bundle on disk for the programs that read it, and says what is there."""

import stat
from pathlib import Path

from konnect_tui.bundle import FOLDER_MODE, Files, folders


def write(files: Files, root: Path) -> Path:
    """Every file with its mode, every folder 0700."""
    root.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    for folder in folders(files):
        (root / folder).mkdir(mode=FOLDER_MODE, exist_ok=True)
    for path, file in files.items():
        (root / path).write_bytes(file.data)
        (root / path).chmod(file.mode)
    return root


def mode(path: Path) -> int:
    """The permission bits of what is there itself, links not followed."""
    return stat.S_IMODE(path.lstat().st_mode)
