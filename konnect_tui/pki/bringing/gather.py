"""Certificates and a key out of files and folders that may hold anything."""

import os
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from konnect_tui.errors import KonnectError
from konnect_tui.pki.read import read_file
from konnect_tui.secret import Secret

MOST: Final = 1000
"""Files of a folder that are read."""


class Gathered(Struct, frozen=True):
    """All certificates (DER), each once, and the first key that could be opened."""

    certificates: tuple[bytes, ...] = ()
    key: Secret | None = None


def gather(paths: Sequence[str], passphrase: Secret | None = None) -> tuple[Gathered, str]:
    """What these files hold, and what is wrong with the first that was named itself and can't be read.

    In a folder, what is neither a certificate nor a key is passed over.
    """
    certificates: dict[bytes, None] = {}
    key: Secret | None = None
    fault = ""
    for path, named in _files(paths):
        try:
            reading = read_file(path, passphrase)
        except KonnectError as wrong:
            fault = fault or (f"{wrong.message} {wrong.hint}" if named else "")
            continue
        certificates |= dict.fromkeys(reading.certificates)
        key = key or next((found.secret for found in reading.keys if found.secret), None)
    return Gathered(tuple(certificates), key), fault


def _files(paths: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Each file, and whether it was named itself. A folder that can't be listed is told of by reading it."""
    for path in paths:
        try:
            names = sorted(os.listdir(path))[:MOST]
        except OSError:
            yield path, True
            continue
        yield from ((inner, False) for name in names if not os.path.isdir(inner := os.path.join(path, name)))
