"""What happened in lessons, kept: one line of JSON an entry, each bound to all before it.

Who edits a line, removes one or puts one between breaks the binding of all that follow, and that is seen. It is no
proof: whoever has this file can write all of it anew. Therefore results are held against the control plane's record.
"""

import fcntl
import os
from hashlib import sha256
from typing import Final

import msgspec
from msgspec import Struct

from konnect_tui.errors import KonnectError
from konnect_tui.training.lessons.progress import Entry

FILE: Final = "lessons.jsonl"
_BEGINNING: Final = "konnect-tui lessons 1"
_MOST: Final = 64 * 1024 * 1024


class _Line(Struct, frozen=True):
    entry: msgspec.Raw
    seal: str


class Written(Struct, frozen=True):
    """The entries that are as they were written. `altered` is the number of the first line that is not, else 0."""

    entries: tuple[Entry, ...]
    altered: int = 0


class Evidence:
    """The file of one learner, in the folder of the training state."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.path = f"{folder}/{FILE}"

    def read(self) -> Written:
        """All entries. A last line that a crash cut off was never written. Raises KonnectError `training-evidence`."""
        try:
            with open(self.path, "rb") as file:
                data = file.read(_MOST)
        except FileNotFoundError:
            return Written(())
        except OSError as fault:
            raise self._unusable(fault) from None
        return _read(data)[0]

    def sound(self) -> tuple[Entry, ...]:
        """All entries. Raises KonnectError `evidence-altered` where there is one that is not as it was written."""
        written = self.read()
        if written.altered:
            raise self._altered(written.altered)
        return written.entries

    def append(self, entry: Entry) -> None:
        """Write one entry behind those there are; on disk when this returns.

        Raises KonnectError `training-evidence`, and `evidence-altered`: behind a line that was altered nothing counts.
        """
        try:
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            with open(handle, "r+b") as file:
                fcntl.flock(handle, fcntl.LOCK_EX)
                data = file.read(_MOST)
                whole = data.rfind(b"\n") + 1
                written, seal = _read(data[:whole])
                if written.altered:
                    raise self._altered(written.altered)
                raw = msgspec.json.encode(entry)
                line = msgspec.json.encode(_Line(msgspec.Raw(raw), _seal(seal, raw)))
                file.seek(whole)
                file.truncate()
                file.write(line + b"\n")
                file.flush()
                os.fsync(handle)
        except OSError as fault:
            raise self._unusable(fault) from None

    def set_aside(self) -> None:
        """Begin a new file; the old one stays beside it, under a name with a number."""
        number = 1
        while os.path.lexists(f"{self.path}.{number}"):
            number += 1
        try:
            os.rename(self.path, f"{self.path}.{number}")
        except FileNotFoundError:
            return
        except OSError as fault:
            raise self._unusable(fault) from None

    def _altered(self, line: int) -> KonnectError:
        hint = "`konnect-tui training reset` begins a new file; this one stays beside it."
        return KonnectError("evidence-altered", f"{self.path} was altered from line {line} on.", hint=hint)

    def _unusable(self, fault: OSError) -> KonnectError:
        return KonnectError("training-evidence", f"{self.path} can't be used: {fault.strerror}.")


def _read(data: bytes) -> tuple[Written, str]:
    """The entries, and the seal of the last line that is as it was written."""
    entries: list[Entry] = []
    seal = _BEGINNING
    for number, line in enumerate(data.split(b"\n")[:-1], start=1):
        try:
            found = msgspec.json.decode(line, type=_Line)
            if found.seal != _seal(seal, bytes(found.entry)):
                return Written(tuple(entries), number), seal
            entries.append(msgspec.json.decode(found.entry, type=Entry))
        except (msgspec.DecodeError, UnicodeDecodeError):
            return Written(tuple(entries), number), seal
        seal = found.seal
    return Written(tuple(entries)), seal


def _seal(before: str, raw: bytes) -> str:
    return sha256(before.encode() + b"\n" + raw).hexdigest()
