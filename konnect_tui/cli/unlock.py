"""The passphrase of encrypted keys and PKCS#12 files that a command is to read, never an argument's value."""

import os

from konnect_tui.secret import Secret


def passphrase() -> Secret | None:
    """What KONNECT_TUI_PASSPHRASE holds; None where it is not set or empty."""
    told = os.environ.get("KONNECT_TUI_PASSPHRASE")
    return Secret(os.fsencode(told)) if told else None
