"""Passphrases, from where the operator put them. They are in no Draft and no answers file."""

import os
from collections.abc import Mapping

from konnect_tui.draft import Draft
from konnect_tui.errors import KonnectError, error
from konnect_tui.secret import Secret

_LONGEST_PASSPHRASE = 4096


class Passphrases:
    """Each is fetched only when it is asked for, so that one that nobody needs can't be in the way.

    `ca` and `key` are what was typed, and go first. Else it is the file that the answers name, else the
    environment's.
    """

    def __init__(
        self, draft: Draft, environ: Mapping[str, str], *, ca: Secret | None = None, key: Secret | None = None
    ) -> None:
        self._said = draft.certificate
        self._environ = environ
        self._ca = ca
        self._key = key

    def ca(self) -> Secret | None:
        """For the key of the CA, made here or the operator's; None where there is none.

        Raises KonnectError `invalid-input` where its file can't be used.
        """
        return self._ca or self._told("ca_passphrase_file", "KONNECT_TUI_CA_PASSPHRASE")

    def key(self) -> Secret | None:
        """For imported keys and containers; None where there is none. Raises as `ca`."""
        return self._key or self._told("passphrase_file", "KONNECT_TUI_PASSPHRASE")

    def _told(self, key: str, variable: str) -> Secret | None:
        path = getattr(self._said, key)
        if path is not None:
            return _of_file(path, f"certificate.{key}")
        told = self._environ.get(variable)
        return Secret(os.fsencode(told)) if told else None


def _of_file(path: str, field: str) -> Secret:
    """The one line of that file. A newline at its end doesn't count."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            content = file.read(_LONGEST_PASSPHRASE + 1) or b""  # None: a pipe that nobody has written to yet
    except (OSError, ValueError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "its name can't be a path"
        raise _unusable(field, "not-readable", f"{path} can't be read: {reason}.") from None
    line = content.removesuffix(b"\n").removesuffix(b"\r")
    if not line or len(content) > _LONGEST_PASSPHRASE or b"\n" in line:
        raise _unusable(field, "invalid-value", f"{path} holds no passphrase: it is one line of at most 4096 bytes.")
    return Secret(line)


def _unusable(field: str, code: str, message: str) -> KonnectError:
    return KonnectError("invalid-input", message, problems=(error(field, code, message),))
