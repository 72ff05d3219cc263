"""Certificate requests (CSR, PKCS#10, RFC 2986): made for keys that stay here, and matched with what comes back."""

import os
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import islice

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from msgspec.structs import replace

from konnect_tui.errors import KonnectError, Problem, error, note, warning
from konnect_tui.pki import parse
from konnect_tui.pki.bringing.arrange import alone, arrange
from konnect_tui.pki.bringing.scrutiny import scrutinise
from konnect_tui.pki.bringing.supply import Given, Progress, Supply, quiet
from konnect_tui.pki.describe import validity
from konnect_tui.pki.judging.case import climb
from konnect_tui.pki.judging.handshake import private_key
from konnect_tui.pki.judging.verdict import Mode
from konnect_tui.pki.making import make
from konnect_tui.pki.read import read_file
from konnect_tui.secret import Secret
from konnect_tui.words import printable

FIELD = "certificate.signed"
_MOST_FILES = 20_000


def request(subject: x509.Name, key: make.PrivateKey, sans: Sequence[str]) -> bytes:
    """A request, PEM, that asks for what a node's certificate must say: CA:FALSE, digitalSignature, both EKUs."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    for value, critical in make.leaf_extensions(sans):
        builder = builder.add_extension(value, critical=critical)
    return builder.sign(key, make.hash_for(key)).public_bytes(serialization.Encoding.PEM)


def asks(held: bytes | None, subject: x509.Name, public: bytes, sans: Sequence[str]) -> bool:
    """Whether a request that is there already (PEM) asks for exactly this, for this key (DER)."""
    if held is None:
        return False
    try:
        found = x509.load_pem_x509_csr(held)
        extensions = [(each.value, each.critical) for each in found.extensions]
        return (
            found.subject == subject
            and requested_key(held) == public
            and extensions == list(make.leaf_extensions(sans))
        )
    except parse.UNREADABLE:
        return False


def requested_key(held: bytes) -> bytes | None:
    """The public key (DER) that a request (PEM) is for; None where it cannot be read."""
    try:
        return (
            x509.load_pem_x509_csr(held)
            .public_key()
            .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        )
    except parse.UNREADABLE:
        return None


class Signed:
    """The certificates that came back, from files and folders, in any order and format.

    `known` are certificates (DER) that the bundle has already; `outdated` those that answer an earlier request.
    `settled` says that Konnect was given something before.
    """

    def __init__(
        self,
        paths: Sequence[str],
        known: Iterable[bytes] = (),
        outdated: Container[bytes] = (),
        *,
        settled: bool = False,
    ) -> None:
        self._settled = settled
        self._problems: list[Problem] = []
        self._notes: list[Problem] = []
        self._sources: dict[bytes, str] = dict.fromkeys(known, "")
        self._named: set[bytes] = set()
        for index, path in enumerate(paths):
            self._take(path, f"{FIELD}[{index}]")
        self._certificates = {der: parse.certificate(der) for der in self._sources if der not in outdated}

    def supply(
        self,
        names: Collection[str],
        publics: Mapping[str, bytes],
        mode: Mode,
        upload: str,
        now: datetime,
        progress: Progress = quiet,
    ) -> tuple[Supply, tuple[Problem, ...]]:
        """What belongs to whom, and everything that is wrong with it.

        `names` are all identities of the bundle (node names, or `shared`), `publics` the keys that requests were made
        for (SubjectPublicKeyInfo, DER). `upload` is `root` or `intermediate`. As long as nothing is settled and a
        certificate is missing, the others are kept with everything above them, and nothing is uploaded.
        """
        leaves = self._leaves(publics)
        strangers = self._strangers(publics)
        if self._problems or (strangers and not leaves):
            return Supply(), (*self._problems, *(replace(each, severity="error") for each in strangers))
        pool = tuple(der for der in self._certificates if der not in leaves.values())
        settled = bool(leaves) and (self._settled or len(leaves) == len(names))
        ordered = list(leaves.values())
        if not settled:
            anchor, chains = None, tuple(self._climb(leaf, pool) for leaf in ordered)
        else:
            anchor, chains = arrange(ordered, pool, upload, now) if mode == "pki" else alone(ordered)
            if mode == "pki" and anchor is None:
                return Supply(), (self._no_authority(ordered[0]),)
        identities = {name: Given(chain) for name, chain in zip(leaves, chains, strict=True)}
        # whom Konnect is to trust may not be known yet: then each leaf is judged alone, for what is wrong with itself
        judged = list(identities.values()) if settled else [Given((leaf,)) for leaf in ordered]
        found = scrutinise(mode, anchor, [(FIELD, each) for each in judged], now, progress)
        supply = Supply(
            identities,
            upload=anchor,
            settled=settled,
            not_after=min((validity(self._certificates[der])[1] for der in ordered), default=None),
            notes=(*self._notes, *strangers, *(each for each in found if settled and each.severity != "error")),
        )
        return supply, tuple(each for each in found if each.severity == "error")

    def _leaves(self, publics: Mapping[str, bytes]) -> dict[str, bytes]:
        """The certificate for each key; of several the one that ends last."""
        by_key: dict[bytes | None, list[bytes]] = {}
        for der, certificate in self._certificates.items():
            by_key.setdefault(parse.public_bytes(certificate), []).append(der)
        return {
            name: max(by_key[public], key=lambda der: validity(self._certificates[der])[1])
            for name, public in publics.items()
            if public in by_key
        }

    def _strangers(self, publics: Mapping[str, bytes]) -> list[Problem]:
        """Certificates that are no CA's and belong to no key here. In a folder that is nothing to wonder at."""
        keys = set(publics.values())
        found = []
        for der, certificate in self._certificates.items():
            if self._sources[der] and not parse.is_ca(certificate) and parse.public_bytes(certificate) not in keys:
                message = f"{parse.called(certificate)} in {self._sources[der]} belongs to none of the bundle's keys."
                tell = warning if der in self._named else note
                found.append(tell(FIELD, "not-requested", message))
        return found

    def _no_authority(self, leaf: bytes) -> Problem:
        issuer = parse.called(self._certificates[leaf], "issuer")
        message = f"Konnect has to be given {issuer}, and no CA is among the signed certificates."
        return error(FIELD, "missing-key", message, f"Name the file with the certificate of {issuer} too.")

    def _climb(self, leaf: bytes, pool: Iterable[bytes]) -> tuple[bytes, ...]:
        """The leaf and everything above it, as far as it came along."""
        way = climb(self._certificates[leaf], [self._certificates[der] for der in pool])
        return tuple(parse.encoded(each) for each in way)

    def _take(self, path: str, field: str) -> None:
        if not os.path.isdir(path):
            try:
                reading = read_file(path)
            except KonnectError as fault:
                self._problems.append(error(field, fault.code, fault.message, fault.hint))
                return
            self._notes += (note(field, "repaired", f"{printable(path)}: {mend}") for mend in reading.mends)
            self._keep(reading.certificates, path)
            self._named.update(reading.certificates)
            return
        for file in islice(_files_below(path), _MOST_FILES):
            with suppress(KonnectError):  # a folder may hold anything beside
                self._keep(read_file(file).certificates, file)

    def _keep(self, certificates: Iterable[bytes], path: str) -> None:
        for der in certificates:
            self._sources.setdefault(der, printable(path))


def _files_below(folder: str) -> Iterator[str]:
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        yield from (os.path.join(where, name) for name in sorted(names) if not name.startswith("."))


def public_of(stored: Secret | None) -> bytes | None:
    """The public half (DER) of a key as it is stored; None where there is none that can be read."""
    if stored is None:
        return None
    try:
        return parse.public_half(private_key(stored))
    except KonnectError:
        return None
