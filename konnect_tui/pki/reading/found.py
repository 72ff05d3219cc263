"""What reading a file gives."""

from msgspec import Struct

from konnect_tui.secret import Secret

HOW_TO_UNLOCK = "Set KONNECT_TUI_PASSPHRASE to its passphrase, in the environment of this one command."


class Key(Struct, frozen=True):
    """A private key as found. `type` and `public` (DER) are None while it is locked by a passphrase.

    `secret` is the key as unencrypted PKCS#8 PEM, as a node needs it; None while it is locked.
    """

    type: str | None
    encrypted: bool
    public: bytes | None = None
    secret: Secret | None = None


class Reading(Struct, frozen=True):
    """What one file holds, in its order. Certificates are DER.

    `mends` says in sentences, printable, what was not clean PEM in it; empty where writing it back would give the
    same bytes.
    """

    certificates: tuple[bytes, ...] = ()
    keys: tuple[Key, ...] = ()
    mends: tuple[str, ...] = ()
