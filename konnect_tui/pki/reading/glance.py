"""What a file holds in a few words, for lists of files, and which keys belong to which certificates among them."""

import os
import stat
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from msgspec import Struct

from konnect_tui.errors import KonnectError
from konnect_tui.pki import parse
from konnect_tui.pki.describe import validity
from konnect_tui.pki.read import Key, Reading, read_file
from konnect_tui.secret import Secret

LARGEST: Final = 256 << 10
"""Bytes. Larger files are not looked into for a list; a trust store of all public CAs has 230,000."""

_WORDS: Final = {
    "is-csr": "certificate request (CSR)",
    "is-crl": "revocation list",
    "is-public-key": "public key",
    "is-ssh": "SSH key",
    "is-pgp": "PGP data",
    "is-putty": "PuTTY key",
    "is-java-keystore": "Java keystore",
    "is-archive": "archive",
    "is-parameters": "key parameters",
    "empty": "empty",
    "truncated": "cut off: its end is missing",
    "bad-base64": "damaged: not base64",
    "not-a-certificate": "no certificate, no key",
    "passphrase-needed": "passphrase needed",
    "wrong-passphrase": "locked by another passphrase",
    "derivation-too-costly": "its passphrase would take hours to try",
    "unsupported-key": "a key that TLS can't use",
    "damaged-key": "damaged key",
    "not-a-file": "no regular file",
    "not-found": "gone",
    "not-readable": "you may not read it",
    "too-large": "too large to look into",
}
_LOCKED: Final = ("passphrase-needed", "wrong-passphrase")


class Certified(Struct, frozen=True):
    """A certificate of a file: how it is called (printable), when it ends, its key. `public` is DER or None."""

    name: str
    is_ca: bool
    ends: datetime
    public: bytes | None


class Glance(Struct, frozen=True):
    """What one file holds. `locked`: a passphrase is needed to know. `fault` is what it is or has instead.

    `keys` are DER public keys, None for one that is locked.
    """

    words: str
    certificates: tuple[Certified, ...] = ()
    keys: tuple[bytes | None, ...] = ()
    locked: bool = False
    fault: KonnectError | None = None


def glance(path: str, now: datetime, passphrase: Secret | None = None) -> Glance:
    """What the file at `path` holds. Never raises for what is in a file, and never waits for one."""
    try:
        status = os.stat(path)
        if stat.S_ISREG(status.st_mode) and status.st_size > LARGEST:
            raise KonnectError("too-large", "It is too large to look into here.")
        return of(read_file(path, passphrase), now)
    except KonnectError as fault:
        return Glance(_named(fault), locked=fault.code in _LOCKED, fault=fault)
    except (OSError, ValueError):
        return Glance(_WORDS["not-found"], fault=KonnectError("not-found", "It is not there any more."))


def of(reading: Reading, now: datetime) -> Glance:
    """The same of what was read already."""
    certificates = tuple(_certified(der) for der in reading.certificates)
    keys = tuple(key.public for key in reading.keys)
    words = "; ".join([*_of_certificates(certificates, now), *_of_keys(reading.keys)])
    return Glance(words, certificates, keys)


def _named(fault: KonnectError) -> str:
    """The fault in a few words; a container that is locked by what it is."""
    words = _WORDS.get(fault.code, fault.message)
    return f"PKCS#12, {words}" if fault.code in _LOCKED and "PKCS#12" in fault.message else words


def _certified(der: bytes) -> Certified:
    certificate = parse.certificate(der)
    return Certified(
        parse.called(certificate), parse.is_ca(certificate), validity(certificate)[1], parse.public_bytes(certificate)
    )


def _of_certificates(certificates: tuple[Certified, ...], now: datetime) -> Iterator[str]:
    if not certificates:
        return
    first = _first(certificates)
    kind = "CA" if first.is_ca else "certificate"
    when = f"{'ended' if first.ends < now else 'ends'} {first.ends:%Y-%m-%d}"
    more = f" and {len(certificates) - 1} more" if len(certificates) > 1 else ""
    yield f"{kind} {first.name}{more}, {when}"


def _first(certificates: tuple[Certified, ...]) -> Certified:
    """The one that a file is named for: the node's own, else the first."""
    return next((each for each in certificates if not each.is_ca), certificates[0])


def _of_keys(keys: Iterable[Key]) -> Iterator[str]:
    for key in keys:
        yield f"private key, {'encrypted' if key.encrypted and not key.type else key.type}"


def each(reading: Reading, now: datetime) -> Iterator[str]:
    """A line for every certificate and key that was read."""
    for der in reading.certificates:
        yield from _of_certificates((_certified(der),), now)
    yield from _of_keys(reading.keys)


def lacks(glance: Glance, wants: str) -> str:
    """Why the file can't serve where a `certificate`, a `key` or a `ca` is wanted; empty where it can or may."""
    if glance.locked:
        return ""
    if glance.fault is not None:
        return glance.words
    if wants == "key" and not glance.keys:
        return "no private key in it"
    if wants in ("certificate", "ca") and not glance.certificates:
        return "no certificate in it"
    if wants == "ca" and not any(each.is_ca for each in glance.certificates):
        return "not a CA"
    return ""


def partners(glance: Glance, others: Iterable[tuple[str, Glance]]) -> Iterator[str]:
    """In words, where the other half of what this file holds is: `others` are names and what they hold."""
    known = list(others)
    certified = [name for name, other in known if _publics(other) & set(glance.keys)]
    opened = [name for name, other in known if _first_public(glance) & set(other.keys)]
    if certified:
        yield f"Its key belongs to the certificate in {_listed(certified)}."
    if opened:
        yield f"The key of its certificate is in {_listed(opened)}."


def _listed(names: list[str]) -> str:
    rest = len(names) - 2
    more = f" and {rest} more file{'s' * (rest > 1)}" if rest > 0 else ""
    return ", ".join(names[:2]) + more


def _first_public(glance: Glance) -> set[bytes | None]:
    return {_first(glance.certificates).public} - {None} if glance.certificates else set()


def _publics(glance: Glance) -> set[bytes | None]:
    return {each.public for each in glance.certificates if each.public is not None}
