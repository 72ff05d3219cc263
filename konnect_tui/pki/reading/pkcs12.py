"""Open PKCS#12 (RFC 7292): what it would cost is added up first, then cryptography does the work."""

import warnings
from collections.abc import Iterator
from typing import NamedTuple

from konnect_tui.errors import KonnectError
from konnect_tui.pki import parse
from konnect_tui.pki.material import Secret
from konnect_tui.pki.reading import costs
from konnect_tui.pki.reading.asn1 import FIRST, MalformedError, dotted, element, elements, from_ber
from konnect_tui.pki.reading.costs import Budget
from konnect_tui.pki.reading.found import HOW_TO_UNLOCK, Key
from konnect_tui.pki.reading.keys import encrypted_key, found_key

_DATA = "1.2.840.113549.1.7.1"
_ENCRYPTED = "1.2.840.113549.1.7.6"
_KEY_BAG = "1.2.840.113549.1.12.10.1.1"
_SHROUDED_BAG = "1.2.840.113549.1.12.10.1.2"


class _Shape(NamedTuple):
    """What can be seen without a passphrase. Costs are in units of `costs`; `shrouded` are encrypted PKCS#8."""

    mac: int
    contents: int
    shrouded: tuple[bytes, ...]
    locked: bool


def open_store(der: bytes, what: str, passphrase: Secret | None, budget: Budget) -> tuple[tuple[bytes, ...], list[Key]]:
    """Its certificates, the one for its key first, and its keys. No passphrase and an empty one are tried as well.

    Raises KonnectError `passphrase-needed`, `wrong-passphrase`, `derivation-too-costly`, `unsupported-key`,
    `damaged-key`, `not-a-certificate`.
    """
    try:
        der = from_ber(der)[0]
        shape = _shape(der)
    except (MalformedError, IndexError) as problem:
        raise KonnectError("not-a-certificate", f"The PKCS#12 in {what} is damaged.") from problem
    tries = [passphrase, None] if passphrase is not None else [None]
    budget.spend(len(tries) * shape.mac + shape.contents)
    for secret in tries:
        loaded = _load(der, what, secret)
        if loaded is not None:
            certificates, key = loaded
            keys = [found_key(key, shape.locked, what)] if key is not None else []
            return certificates, _with_others(keys, shape, what, secret, budget)
    if passphrase is None:
        message = f"The PKCS#12 in {what} is encrypted and no passphrase was given."
        raise KonnectError("passphrase-needed", message, hint=HOW_TO_UNLOCK)
    raise KonnectError("wrong-passphrase", f"The passphrase does not open the PKCS#12 in {what}.")


def _load(der: bytes, what: str, secret: Secret | None) -> tuple[tuple[bytes, ...], object] | None:
    """None where the passphrase is another."""
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
    except (ValueError, TypeError) as problem:
        if "password" in str(problem):
            return None
        raise KonnectError("not-a-certificate", f"Something in the PKCS#12 in {what} cannot be read.") from problem


def _with_others(keys: list[Key], shape: _Shape, what: str, secret: Secret | None, budget: Budget) -> list[Key]:
    """The keys behind the first, which cryptography passes over."""
    if len(shape.shrouded) < 2:
        return keys
    found = [encrypted_key(bag, what, secret or Secret(b""), budget) for bag in shape.shrouded]
    return found or keys


def _shape(der: bytes) -> _Shape:
    _, contents, *rest = elements(element(der).content)
    mac = costs.mac(rest[0].content) if rest else 0
    safe = element(element(contents.content, len(element(contents.content).raw)).content).content
    cost = 0
    shrouded: list[bytes] = []
    locked = False
    for info in elements(element(from_ber(safe)[0]).content):
        kind, content = elements(info.content)
        inner = element(content.content)
        if dotted(kind.content) == _ENCRYPTED:
            _, encrypted = elements(inner.content)
            algorithm = tuple(elements(encrypted.content))[1]
            cost += costs.encryption(algorithm.content)
        elif dotted(kind.content) == _DATA:
            for bag_kind, bag in _bags(inner.content):
                if bag_kind == _SHROUDED_BAG:
                    locked = True
                    shrouded.append(bag)
                    cost += costs.encryption(element(element(bag).content).content)
                if bag_kind in (_SHROUDED_BAG, _KEY_BAG):
                    cost += costs.key_check(len(bag))
    return _Shape(mac, cost, tuple(shrouded), locked)


def _bags(contents: bytes) -> Iterator[tuple[str, bytes]]:
    """The kind and the value of every bag in SafeContents."""
    for bag in elements(element(contents).content):
        kind, value, *_ = elements(bag.content)
        if value.tag == FIRST:
            yield dotted(kind.content), value.content
