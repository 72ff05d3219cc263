"""The passphrase of the CA's key, from where the operator put it. It is in no Draft and no answers file."""

import os
from collections.abc import Mapping

from konnect_tui.draft import Draft
from konnect_tui.errors import KonnectError, error
from konnect_tui.pki.material import Secret

_LONGEST_PASSPHRASE = 4096
_FIELD = "certificate.ca_passphrase_file"


def ca_passphrase(draft: Draft, environ: Mapping[str, str]) -> Secret | None:
    """The passphrase of the CA's key: from `ca_passphrase_file`, else the environment, else None.

    One newline at the end of the file doesn't count. Raises `invalid-input` where the file can't be used.
    """
    path = draft.certificate.ca_passphrase_file
    if path is None:
        told = environ.get("KONNECT_TUI_CA_PASSPHRASE")
        return Secret(os.fsencode(told)) if told else None
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            content = file.read(_LONGEST_PASSPHRASE + 1) or b""  # None: a pipe that nobody has written to yet
    except (OSError, ValueError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "its name can't be a path"
        raise _unusable("not-readable", f"{path} can't be read: {reason}.") from None
    line = content.removesuffix(b"\n").removesuffix(b"\r")
    if not line or len(content) > _LONGEST_PASSPHRASE or b"\n" in line:
        raise _unusable("invalid-value", f"{path} holds no passphrase: it is one line of at most 4096 bytes.")
    return Secret(line)


def _unusable(code: str, message: str) -> KonnectError:
    return KonnectError("invalid-input", message, problems=(error(_FIELD, code, message),))
