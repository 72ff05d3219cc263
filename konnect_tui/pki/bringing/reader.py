"""Read the files that answers name, each once, and gather what is wrong with them under the keys that name them."""

from collections.abc import Callable

from konnect_tui.errors import KonnectError, Problem, error, note
from konnect_tui.pki.read import Reading, read_file
from konnect_tui.secret import Secret
from konnect_tui.words import printable


class Reader:
    """`passphrase` is asked once, and only when something is locked; `locked_field` is where it would be named."""

    def __init__(self, passphrase: Callable[[], Secret | None], locked_field: str) -> None:
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []
        self._ask = passphrase
        self._locked_field = locked_field
        self._known: dict[str, Reading | None] = {}
        self._passphrase: tuple[Secret | None] | None = None

    def read(self, path: str, field: str) -> Reading | None:
        """What the file holds, unlocked; None where that is a problem, which is kept."""
        if path not in self._known:
            self._known[path] = self._open(path, field)
        return self._known[path]

    def certificates(self, path: str, field: str) -> tuple[bytes, ...]:
        """The certificates in the file, DER; none where that is a problem, which is kept."""
        reading = self.read(path, field)
        if reading is not None and not reading.certificates:
            message = f"{printable(path)} holds a private key and no certificate."
            self.problems.append(error(field, "is-private-key", message))
        return reading.certificates if reading is not None else ()

    def _open(self, path: str, field: str) -> Reading | None:
        try:
            reading = self._unlocked(path)
        except KonnectError as fault:
            at = self._locked_field if fault.code in ("passphrase-needed", "wrong-passphrase") else field
            self.problems += fault.problems or (error(at, fault.code, fault.message, fault.hint),)
            return None
        self.notes += (note(field, "repaired", f"{printable(path)}: {mend}") for mend in reading.mends)
        return reading

    def _unlocked(self, path: str) -> Reading:
        """Raises KonnectError `passphrase-needed` where a key or container stays locked."""
        try:
            reading = read_file(path)
        except KonnectError as fault:
            if fault.code != "passphrase-needed":
                raise
            return read_file(path, self._secret(path))
        if all(key.secret is not None for key in reading.keys):
            return reading
        return read_file(path, self._secret(path))

    def _secret(self, path: str) -> Secret:
        if self._passphrase is None:
            self._passphrase = (self._ask(),)
        if self._passphrase[0] is None:
            message = f"{printable(path)} is encrypted and no passphrase was given."
            raise KonnectError("passphrase-needed", message)
        return self._passphrase[0]
