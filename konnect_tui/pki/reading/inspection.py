"""What a set of files holds, and which keys belong to which certificates among them."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from konnect_tui.errors import KonnectError
from konnect_tui.pki import parse
from konnect_tui.pki.describe import Described, describe
from konnect_tui.pki.read import Key, Reading, read_file
from konnect_tui.secret import Secret


class KeyFound(Struct, frozen=True):
    """A private key. `type` is None while it is locked; `matches` are the SHA-256 of the certificates it fits."""

    type: str | None
    encrypted: bool
    matches: tuple[str, ...]


class FileFound(Struct, frozen=True):
    """One file. `mends` says what was not clean PEM in it; `fault` what it is instead, or why it can't be read."""

    path: str
    certificates: tuple[Described, ...] = ()
    keys: tuple[KeyFound, ...] = ()
    mends: tuple[str, ...] = ()
    fault: KonnectError | None = None


def inspect(paths: Sequence[str], now: datetime, passphrase: Secret | None = None) -> tuple[FileFound, ...]:
    """Every file in the order given. Keys are matched with the certificates of all of them."""
    readings = [(path, _read(path, passphrase)) for path in paths]
    holders: dict[bytes, list[str]] = {}
    for _, reading in readings:
        for der in reading.certificates if isinstance(reading, Reading) else ():
            certificate = parse.certificate(der)
            public = parse.public_bytes(certificate)
            if public is not None:
                holders.setdefault(public, []).append(parse.fingerprint(certificate))
    return tuple(_file(path, reading, holders, now) for path, reading in readings)


def _read(path: str, passphrase: Secret | None) -> Reading | KonnectError:
    try:
        return read_file(path, passphrase)
    except KonnectError as fault:
        return fault


def _file(path: str, reading: Reading | KonnectError, holders: dict[bytes, list[str]], now: datetime) -> FileFound:
    if isinstance(reading, KonnectError):
        return FileFound(path, fault=reading)
    keys = tuple(_key(key, holders) for key in reading.keys)
    return FileFound(path, tuple(describe(der, now) for der in reading.certificates), keys, reading.mends)


def _key(key: Key, holders: dict[bytes, list[str]]) -> KeyFound:
    found = holders.get(key.public, []) if key.public is not None else []
    return KeyFound(key.type, key.encrypted, tuple(dict.fromkeys(found)))
