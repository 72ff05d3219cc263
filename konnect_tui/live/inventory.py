"""The certificates a control plane was given, each with what is in it, who uses it and what is to be said about it.

Konnect keeps text and asks nothing of it, so an entry may hold anything: it is shown as what it is.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from konnect_tui.errors import KonnectError
from konnect_tui.konnect.client import Client
from konnect_tui.konnect.models import ClientCertificate, Node
from konnect_tui.konnect.pem import fingerprints
from konnect_tui.live.arrival import connected
from konnect_tui.live.remarks import Remark, remarks
from konnect_tui.pki import parse
from konnect_tui.pki.describe import Described, describe
from konnect_tui.pki.read import Reading, read
from konnect_tui.words import cells, clip, printable

_LONGEST: Final = 60
"""Columns of a name that people can be asked to type."""


class User(Struct, frozen=True):
    """A node that came in with a certificate. `name` is its host name, printable."""

    name: str
    connected: bool


class Entry(Struct, frozen=True):
    """One entry of a control plane's list. `title` is as Konnect has it: not yet safe to print.

    `holds` are its certificates, mostly one; where there are none, `fault` says what it is instead. `publics` are
    their keys as DER, without those that can't be read. `digests` are the SHA-256 over the DER of each.
    """

    id: str
    title: str
    given: datetime
    holds: tuple[Described, ...] = ()
    publics: tuple[bytes, ...] = ()
    digests: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    private: bool = False
    fault: KonnectError | None = None
    nodes: tuple[User, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def name(self) -> str:
        """How it is called where it is talked about: its subject's name in quotes, else its title. Printable."""
        return self.names[0] if self.names else f"“{clip(printable(self.title), _LONGEST)}”" if self.title else self.id

    @property
    def ends(self) -> datetime | None:
        """When the first of its certificates ends; None where it holds none."""
        return min((each.not_after for each in self.holds), default=None)

    @property
    def days_left(self) -> int | None:
        """Whole days until then, negative when past."""
        return min((each.days_left for each in self.holds), default=None)


class Inventory(Struct, frozen=True):
    """Everything a control plane was given, soonest end first; an entry that can't be read comes before.

    `mode` is `pinned`, `pki` or Konnect's own word. `untold` are the nodes that don't say which certificate they came
    in with, `astray` those whose certificate is no longer among the entries, both printable. Where the nodes could not
    be listed, `nodes_fault` says why, and nothing is known of who uses what.
    """

    mode: str
    entries: tuple[Entry, ...]
    nodes: int = 0
    untold: tuple[str, ...] = ()
    astray: tuple[str, ...] = ()
    nodes_fault: KonnectError | None = None

    @property
    def telling(self) -> bool:
        """Whether it is known of every node which certificate it came in with."""
        return self.nodes_fault is None and not self.untold

    def holding(self, sha256: str) -> Entry | None:
        """The entry that has this certificate, by the SHA-256 over its DER."""
        return next((each for each in self.entries if sha256 in each.digests), None)


async def take_stock(client: Client, region: str, control_plane: str, mode: str, now: datetime) -> Inventory:
    """Ask Konnect for certificates and nodes at once. Raises KonnectError where the certificates can't be listed."""
    certificates, nodes = await asyncio.gather(
        client.certificates(region, control_plane), client.nodes(region, control_plane), return_exceptions=True
    )
    if isinstance(certificates, BaseException):
        raise certificates
    if isinstance(nodes, KonnectError):
        return replace(await asyncio.to_thread(stock, certificates, None, mode, now), nodes_fault=nodes)
    if isinstance(nodes, BaseException):
        raise nodes
    return await asyncio.to_thread(stock, certificates, nodes, mode, now, client.ahead)


def stock(
    certificates: Sequence[ClientCertificate],
    nodes: Sequence[Node] | None,
    mode: str,
    now: datetime,
    ahead: float = 0.0,
) -> Inventory:
    """The inventory that these make; `nodes` is None where they are not known.

    `now` is aware, and so many seconds `ahead` of Konnect's clock, by which nodes ping.
    """
    users: dict[str, list[User]] = {}
    untold = []
    for node in nodes or ():
        user = User(printable(node.hostname) or node.id, connected(node, now.timestamp() - ahead))
        if node.data_plane_cert_id:
            users.setdefault(node.data_plane_cert_id, []).append(user)
        else:
            untold.append(user.name)
    known = {each.id for each in certificates}
    astray = tuple(user.name for held, those in users.items() if held not in known for user in those)
    entries = [_entry(each, users, now) for each in certificates]
    said = remarks(mode, entries, now, telling=nodes is not None and not untold)
    told = [replace(each, remarks=own) for each, own in zip(entries, said, strict=True)]
    return Inventory(mode, tuple(sorted(told, key=_soonest)), len(nodes or ()), tuple(untold), astray)


def _soonest(entry: Entry) -> tuple[datetime, str]:
    return entry.ends or datetime.min.replace(tzinfo=UTC), entry.title


def _entry(certificate: ClientCertificate, users: Mapping[str, Sequence[User]], now: datetime) -> Entry:
    title = certificate.title or ""
    bare = Entry(
        certificate.id,
        title,
        _moment(certificate.created_at),
        digests=fingerprints(certificate.cert),
        nodes=tuple(users.get(certificate.id, ())),
    )
    try:
        reading = read(certificate.cert.encode(errors="replace"), f"The entry {bare.name}")
        return _read(bare, reading, now)
    except KonnectError as fault:
        return replace(bare, fault=fault)


def _read(bare: Entry, reading: Reading, now: datetime) -> Entry:
    if not reading.certificates:
        raise KonnectError("is-private-key", f"The entry {bare.name} holds a private key and no certificate.")
    parsed = [parse.certificate(der) for der in reading.certificates]
    publics = (parse.public_bytes(each) for each in parsed)
    return replace(
        bare,
        holds=tuple(describe(der, now) for der in reading.certificates),
        publics=tuple(each for each in publics if each is not None),
        names=tuple(parse.called(each) for each in parsed),
        private=bool(reading.keys),
    )


def _moment(seconds: int) -> datetime:
    """The beginning of time for what no clock shows."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return datetime.fromtimestamp(0, UTC)


def typed_name(entry: Entry, inventory: Inventory) -> tuple[str, str]:
    """What has to be typed to remove it, and the word for that: its title, else its name, else its fingerprint.

    Taken is the first that no other entry shares and that shows as what it is.
    """
    others = [each for each in inventory.entries if each.id != entry.id]
    titles = {each.title.strip() for each in others}
    names = {_bare(name) for each in others for name in each.names}
    for word, text, taken in (
        ("title", entry.title.strip(), titles),
        ("name", _bare(entry.names[0]) if entry.names else "", names),
        ("fingerprint", entry.holds[0].sha256[:16] if entry.holds else "", _begun(others)),
    ):
        if text and text not in taken and text.isprintable() and text == printable(text) and cells(text) <= _LONGEST:
            return word, text
    return "id", printable(entry.id)


def _bare(name: str) -> str:
    """A name without its quotes; nothing for a certificate without one."""
    return name[1:-1] if name.startswith("“") else ""


def _begun(entries: Sequence[Entry]) -> set[str]:
    """How the fingerprints in these begin."""
    return {held.sha256[:16] for each in entries for held in each.holds}
