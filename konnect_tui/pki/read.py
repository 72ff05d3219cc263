"""Read the certificates and keys in a file, whatever its form, and name what is in it instead where there are none.

One fault fails a file: Kong refuses a file with one broken block, and a chain that was read in part would be judged as
another chain. Passed over, and told in `mends`, is only what cannot be missed where there is something to use: what is
whole but neither certificate nor private key (a request, parameters), and beside certificates a key block with
something else in it, as where a key was blacked out.
"""

import os

from konnect_tui.errors import KonnectError
from konnect_tui.pki.reading.contents import Contents
from konnect_tui.pki.reading.found import HOW_TO_UNLOCK, Key, Reading
from konnect_tui.pki.reading.layers import blocks
from konnect_tui.pki.reading.opening import read_bytes
from konnect_tui.secret import Secret
from konnect_tui.words import printable

__all__ = ["Key", "Reading", "certificates_in", "certificates_of", "key_of", "read", "read_file"]

_BLANK = b" \t\r\n\f\v\0\xef\xbb\xbf\xfe\xff"  # with the marks of UTF-8 and UTF-16


def read_file(path: str | os.PathLike[str], passphrase: Secret | None = None) -> Reading:
    """Every certificate and key in the file. An encrypted key without a passphrase is there, but locked.

    Raises KonnectError: what the file is instead, or why it cannot be read.
    """
    return read(read_bytes(path), printable(os.fspath(path)), passphrase)


def read(data: bytes, name: str, passphrase: Secret | None = None) -> Reading:
    """As `read_file`, of bytes that came from elsewhere; `name` is how messages call them."""
    if not data.strip(_BLANK) and (data.strip(b"\0") or not data):
        raise KonnectError("empty", f"{name} is empty.")
    contents = Contents(name, passphrase)
    for block in blocks(data, name, contents.mends):
        contents.take(block)
    return contents.reading()


def certificates_of(data: bytes) -> tuple[bytes, ...]:
    """The certificates in PEM that this product wrote, as DER; none where it can no longer be read."""
    try:
        return read(data, "it").certificates
    except KonnectError:
        return ()


def certificates_in(path: str | os.PathLike[str], passphrase: Secret | None = None) -> tuple[bytes, ...]:
    """The certificates in a file that has to have some. Raises as `read_file` does, and `is-private-key`."""
    found = read_file(path, passphrase).certificates
    if not found:
        raise KonnectError("is-private-key", f"{printable(os.fspath(path))} holds a private key and no certificate.")
    return found


def key_of(path: str | os.PathLike[str], passphrase: Secret | None = None) -> Secret:
    """The private key in a file that has to have one, unencrypted.

    Raises as `read_file` does, `is-certificate` and `passphrase-needed`.
    """
    reading = read_file(path, passphrase)
    shown = printable(os.fspath(path))
    if not reading.keys:
        raise KonnectError("is-certificate", f"{shown} holds certificates and no private key.")
    secret = reading.keys[0].secret
    if secret is None:
        message = f"The key in {shown} is encrypted and no passphrase was given."
        raise KonnectError("passphrase-needed", message, hint=HOW_TO_UNLOCK)
    return secret
