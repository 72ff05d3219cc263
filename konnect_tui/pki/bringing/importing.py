"""Take over certificates and keys that others made: whose is whose, what goes where, and would it be accepted.

Whatever form the files have, what comes out is clean: the leaf first, exactly the intermediates that what Konnect
is given requires, the key as unencrypted PKCS#8, as Kong reads it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from konnect_tui.errors import Problem, error, note
from konnect_tui.pki import parse
from konnect_tui.pki.bringing.arrange import alone, arrange
from konnect_tui.pki.bringing.reader import Reader
from konnect_tui.pki.bringing.scrutiny import scrutinise
from konnect_tui.pki.bringing.supply import Brought, Given, Progress, Supply, quiet
from konnect_tui.pki.describe import validity
from konnect_tui.pki.judging.verdict import Mode
from konnect_tui.secret import Secret
from konnect_tui.words import printable

CHAIN = "certificate.chain"
_OF_USE = ("rsa-", "ec-p256", "ec-p384", "ec-p521", "ed25519", "ed448")
"""How the types of keys begin that TLS 1.3 can sign with (RFC 8446 §4.2.3)."""


class _Pair(Struct, frozen=True):
    """A leaf with its key, and the other certificates of its file in their order."""

    where: str
    leaf: bytes
    key: Secret
    listed: tuple[bytes, ...]


def bring(
    files: Mapping[str, Brought],
    chain: str | None,
    mode: Mode,
    upload: str,
    passphrase: Callable[[], Secret | None],
    now: datetime,
    progress: Progress = quiet,
) -> tuple[Supply, tuple[Problem, ...]]:
    """What these files give every identity, and everything that is wrong with them. Raises nothing of its own.

    `upload` is `root` or `intermediate`. `passphrase` is asked for only where something is locked.
    """
    reader = Reader(passphrase, "certificate.passphrase_file")
    found = {name: _pair(brought, reader) for name, brought in files.items()}
    above = reader.certificates(chain, CHAIN) if chain is not None else ()
    problems = (*reader.problems, *(each for each in found.values() if isinstance(each, Problem)))
    if problems:
        return Supply(), problems
    pairs = {name: each for name, each in found.items() if isinstance(each, _Pair)}
    pool = tuple(dict.fromkeys((*(der for pair in pairs.values() for der in pair.listed), *above)))
    return _arranged(pairs, pool, mode, upload, now, tuple(reader.notes), progress)


def _arranged(
    pairs: Mapping[str, _Pair],
    pool: tuple[bytes, ...],
    mode: Mode,
    upload: str,
    now: datetime,
    notes: tuple[Problem, ...],
    progress: Progress,
) -> tuple[Supply, tuple[Problem, ...]]:
    leaves = [pair.leaf for pair in pairs.values()]
    anchor, chains = arrange(leaves, pool, upload, now) if mode == "pki" else alone(leaves)
    if mode == "pki" and anchor is None:
        return Supply(), (_no_authority(leaves),)
    identities = {
        name: Given(presented, pair.key) for (name, pair), presented in zip(pairs.items(), chains, strict=True)
    }
    changed = [each for name, pair in pairs.items() for each in _changed(pair, identities[name].chain, anchor)]
    fields = [(f"{pairs[name].where}.certificate", given) for name, given in identities.items()]
    found = scrutinise(mode, anchor, fields, now, progress)
    supply = Supply(
        identities,
        upload=anchor,
        not_after=min((validity(parse.certificate(leaf))[1] for leaf in leaves), default=None),
        notes=(*notes, *changed, *(each for each in found if each.severity != "error")),
    )
    return supply, tuple(each for each in found if each.severity == "error")


def _pair(brought: Brought, reader: Reader) -> _Pair | Problem | None:
    """The leaf and its key out of one or two files, or why not; None where the reader has said it already."""
    at_certificate, at_key = f"{brought.where}.certificate", f"{brought.where}.private_key"
    key_path = brought.private_key or brought.certificate
    reading = reader.read(brought.certificate, at_certificate)
    other = reader.read(key_path, at_key)
    if reading is None or other is None:
        return None
    listed = tuple(dict.fromkeys((*reading.certificates, *other.certificates)))
    if not listed:
        message = f"{printable(brought.certificate)} holds a private key and no certificate."
        return error(at_certificate, "is-private-key", message)
    keys = {key.public: key.secret for key in other.keys if key.public is not None and key.secret is not None}
    if not keys and brought.private_key is None:
        message = f"`{at_key}` is missing: {printable(key_path)} holds no private key."
        return error(at_key, "missing-key", message, "Name the file with the private key.")
    if not keys:
        return error(at_key, "is-certificate", f"{printable(key_path)} holds certificates and no private key.")
    leaf = _leaf(listed, keys)
    if leaf is None:
        useless = [key.type for key in other.keys if key.type and not key.type.startswith(_OF_USE)]
        if len(useless) == len(other.keys):
            message = f"The private key in {printable(key_path)} is of type {useless[0]}, which TLS cannot use here."
            return error(at_key, "unsupported-key", message)
        name = parse.called(parse.certificate(listed[0]))
        message = f"The private key in {printable(key_path)} belongs to no certificate in "
        message += f"{printable(brought.certificate)}; the first there is {name}."
        return error(at_key, "key-mismatch", message)
    return _Pair(brought.where, leaf, keys[parse.public_bytes(parse.certificate(leaf)) or b""], listed)


def _leaf(listed: Sequence[bytes], keys: Mapping[bytes, Secret]) -> bytes | None:
    """The certificate that one of the keys belongs to: a node's before a CA's, then the one that ends last."""
    read = [parse.certificate(der) for der in listed]
    owned = [each for each in read if parse.public_bytes(each) in keys]
    best = max(owned, key=lambda each: (not parse.is_ca(each), validity(each)[1]), default=None)
    return parse.encoded(best) if best is not None else None


def _no_authority(leaves: Sequence[bytes]) -> Problem:
    issuer = parse.called(parse.certificate(leaves[0]), "issuer") if leaves else "a CA"
    message = f"`{CHAIN}` is missing: Konnect has to be given {issuer}, and no CA was among the files."
    return error(CHAIN, "missing-key", message, "Name a file with the CA certificates above the node's own.")


def _changed(pair: _Pair, presented: tuple[bytes, ...], anchor: bytes | None) -> Iterator[Problem]:
    """What is written otherwise than it was given, in words."""
    field = f"{pair.where}.certificate"
    leaf = parse.called(parse.certificate(pair.leaf))
    if pair.listed[0] != pair.leaf:
        yield note(field, "repaired", f"The node's own certificate, {leaf}, is put first.")
    added = _names(der for der in presented if der not in pair.listed)
    if added:
        yield note(field, "repaired", f"{added} is put behind {leaf}: the node has to present it.")
    dropped = [der for der in pair.listed if der not in presented]
    given = [der for der in dropped if der == anchor]
    if given:
        yield note(field, "repaired", f"{_names(given)} is not presented: Konnect is given it.")
    spare = _names(der for der in dropped if der != anchor)
    if spare:
        yield note(field, "repaired", f"{spare} is left out: no control plane needs it from {leaf}.")


def _names(certificates: Iterator[bytes] | Sequence[bytes]) -> str:
    names = [parse.called(parse.certificate(der)) for der in certificates]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
