"""Open PKCS#12 (RFC 7292): what it would cost is added up first, then cryptography does the work."""

import warnings
from collections.abc import Iterator
from typing import NamedTuple

from konnect_tui.errors import KonnectError
from konnect_tui.pki import parse
from konnect_tui.pki.reading import costs
from konnect_tui.pki.reading.asn1 import FIRST, OCTETS, SEQUENCE, dotted, element, elements, encode, from_ber
from konnect_tui.pki.reading.costs import Budget
from konnect_tui.pki.reading.found import HOW_TO_UNLOCK, Key
from konnect_tui.pki.reading.keys import encrypted_key, found_key, plain_key
from konnect_tui.secret import Secret

_DATA = "1.2.840.113549.1.7.1"
_ENCRYPTED = "1.2.840.113549.1.7.6"
_KEY_BAG = "1.2.840.113549.1.12.10.1.1"
_DEAREST_CHECK = costs.LIMIT // 2
_SHROUDED_BAG = "1.2.840.113549.1.12.10.1.2"


class _Shape(NamedTuple):
    """What can be seen without a passphrase. Costs are in units of `costs`, `check` that of OpenSSL's tests of primes.

    `locked` are keys in encrypted PKCS#8, `plain` in PKCS#8; `rest` is the store without them and its MAC.
    """

    mac: int
    contents: int
    check: int
    locked: tuple[bytes, ...]
    plain: tuple[bytes, ...]
    rest: bytes


_Opened = tuple[tuple[bytes, ...], list[Key]]


def open_store(der: bytes, what: str, passphrase: Secret | None, budget: Budget) -> _Opened:
    """Its certificates, the one for its key first, and its keys. No passphrase and an empty one are tried as well.

    Raises KonnectError `passphrase-needed`, `wrong-passphrase`, `derivation-too-costly`, `unsupported-key`,
    `damaged-key`, `not-a-certificate`.
    """
    try:
        der = from_ber(der)[0]
        shape = _shape(der)
    except (ValueError, IndexError) as problem:
        raise KonnectError("not-a-certificate", f"The PKCS#12 in {what} is damaged.") from problem
    tries = [passphrase, None] if passphrase is not None else [None]
    budget.spend(len(tries) * shape.mac + shape.contents)
    in_parts = shape.check > _DEAREST_CHECK or len(shape.locked) + len(shape.plain) > 1
    for secret in tries:
        opened = _in_parts(shape, what, secret) if in_parts else _whole(der, shape, what, secret)
        if opened is not None:
            return opened
    if passphrase is None:
        message = f"The PKCS#12 in {what} is encrypted and no passphrase was given."
        raise KonnectError("passphrase-needed", message, hint=HOW_TO_UNLOCK)
    raise KonnectError("wrong-passphrase", f"The passphrase does not open the PKCS#12 in {what}.")


def _whole(der: bytes, shape: _Shape, what: str, secret: Secret | None) -> _Opened | None:
    """All of it as cryptography loads it; None where the passphrase is another."""
    loaded = _load(der, what, secret)
    if loaded is None:
        return None
    certificates, key = loaded
    return certificates, [found_key(key, bool(shape.locked), what)] if key is not None else []


def _in_parts(shape: _Shape, what: str, secret: Secret | None) -> _Opened | None:
    """Each key by itself: cryptography loads one of several, and OpenSSL's check of a very large one takes seconds."""
    passphrase = secret or Secret(b"")
    try:
        keys = [encrypted_key(bag, what, passphrase, Budget(what)) for bag in shape.locked]
    except KonnectError as fault:
        if fault.code == "wrong-passphrase":
            return None
        raise
    keys += [plain_key(bag, what) for bag in shape.plain]
    loaded = _load(shape.rest, what, secret)
    return (loaded[0], keys) if loaded is not None else None


def _load(der: bytes, what: str, secret: Secret | None) -> tuple[tuple[bytes, ...], object] | None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import pkcs12

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # it murmurs about BER and odd serial numbers
            store = pkcs12.load_pkcs12(der, secret.reveal() if secret is not None else None)
        bags = (store.cert, *store.additional_certs)
        return tuple(parse.encoded(bag.certificate) for bag in bags if bag is not None), store.key
    except UnsupportedAlgorithm as problem:
        message = f"Something in the PKCS#12 in {what} is of a kind that is not read here."
        raise KonnectError("unsupported-key", message) from problem
    except parse.UNREADABLE as problem:
        if "password" in str(problem).lower() or isinstance(problem, UnicodeError):
            return None
        raise KonnectError("not-a-certificate", f"Something in the PKCS#12 in {what} cannot be read.") from problem


def _shape(der: bytes) -> _Shape:
    version, contents, *rest = elements(element(der).content)
    kind, wrapped = elements(contents.content)
    safes = element(from_ber(element(wrapped.content).content)[0])
    derivations: list[bytes] = []
    locked: list[bytes] = []
    plain: list[bytes] = []
    kept: list[bytes] = []
    for safe in elements(safes.content):
        before = len(locked) + len(plain)
        name, content = elements(safe.content)
        inner = element(content.content)
        if dotted(name.content) == _ENCRYPTED:
            _, encrypted = elements(inner.content)
            derivations.append(tuple(elements(encrypted.content))[1].content)
        elif dotted(name.content) == _DATA:
            bags = tuple(_bags(inner.content))
            locked += [bag for bag_kind, bag in bags if bag_kind == _SHROUDED_BAG]
            plain += [bag for bag_kind, bag in bags if bag_kind == _KEY_BAG]
        if len(locked) + len(plain) == before:
            kept.append(safe.raw)
    derivations += [element(element(bag).content).content for bag in locked]
    bare = encode(OCTETS, encode(SEQUENCE, b"".join(kept)))
    return _Shape(
        mac=costs.mac(rest[0].content) if rest else 0,
        contents=sum(costs.encryption(derivation) for derivation in derivations),
        check=sum(costs.key_check(len(bag)) for bag in (*locked, *plain)),
        locked=tuple(locked),
        plain=tuple(plain),
        rest=encode(SEQUENCE, version.raw + encode(SEQUENCE, kind.raw + encode(FIRST, bare))),
    )


def _bags(contents: bytes) -> Iterator[tuple[str, bytes]]:
    """The kind and the value of every bag in SafeContents."""
    for bag in elements(element(contents).content):
        kind, value, *_ = elements(bag.content)
        if value.tag == FIRST:
            yield dotted(kind.content), value.content
