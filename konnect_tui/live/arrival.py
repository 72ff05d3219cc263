"""Which of a control plane's node records is which node of a bundle, and how far that node has come. Pure.

Konnect keeps records of nodes long gone, may hold several for one host name, and says little about which is whose.
A node is known by the certificate it came in with, else by its host name, else by the label `node` that every bundle
sets. What the API leaves out is taken as not known, never as a no.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Literal

from msgspec import Struct

from konnect_tui.konnect.models import Issue, Node
from konnect_tui.words import printable

PINGS: Final = 60.0
"""Seconds; a node pings every 30, so one that missed two is gone where Konnect does not say (Kong/kong, constants)."""
SILENT: Final = 300.0
"""Seconds without a ping after which Konnect's own "connected" is not believed: it says that of stopped nodes for hours
(Kong/developer.konghq.com, `data-plane-reference.md`)."""
NO_CONFIGURATION: Final = frozenset("0")
"""All that is in the hash of a node that has none: 32 zeros."""

Stage = Literal["unseen", "gone", "empty", "behind", "untold", "ready"]
"""Never seen; seen, and not connected; connected without a configuration; with another than Konnect expects; with
one while it is not known what Konnect expects; done."""


class Expected(Struct, frozen=True):
    """A node of the bundle. `upload` is the file with the certificate that lets it in, `sha256` that over its DER.

    `certificate` is the id that Konnect gave it once, as the bundle remembers it.
    """

    name: str
    hostname: str
    upload: str = ""
    sha256: str = ""
    certificate: str = ""


class Subject(Struct, frozen=True):
    """What is watched: nodes of a bundle, and the control plane they are to come to. `mode` is `pinned` or `pki`.

    `shared` says that all nodes present the same certificate.
    """

    region: str
    control_plane: str
    mode: str
    nodes: tuple[Expected, ...]
    shared: bool = False


class NodeState(Struct, frozen=True):
    """How far a node has come. `record` is Konnect's, None while there is none.

    `given` says whether Konnect has the certificate that lets it in, None where that is not known. `strangers` are
    records of its name that came in with other certificates; `twins` how many more are connected with its own.
    `overdue` says that Konnect calls it connected, though it has not pinged for too long for that.
    """

    name: str
    stage: Stage = "unseen"
    record: Node | None = None
    given: bool | None = None
    seen_ago: float | None = None
    overdue: bool = False
    strangers: tuple[Node, ...] = ()
    twins: int = 0
    upload: str = ""

    @property
    def connected(self) -> bool:
        """Whether it is connected now."""
        return self.stage in ("empty", "behind", "untold", "ready")

    @property
    def in_sync(self) -> bool:
        """Whether it is connected and has the configuration that Konnect expects."""
        return self.stage == "ready"

    @property
    def version(self) -> str:
        """The gateway's version, printable; empty while it is not known."""
        return printable(self.record.version) if self.record else ""

    @property
    def issues(self) -> tuple[Issue, ...]:
        """What in the configuration its version can't do."""
        status = self.record.compatibility_status if self.record else None
        return (status.issues or ()) if status else ()

    @property
    def incompatible(self) -> bool:
        """Whether Konnect says that its version does not fit the configuration."""
        status = self.record.compatibility_status if self.record else None
        return status is not None and status.state == "COMPATIBILITY_STATE_INCOMPATIBLE"

    @property
    def refusals(self) -> tuple[str, ...]:
        """Why it did not take a configuration, as it reported that; printable. Of no concern once it is in sync."""
        if self.record is None or self.stage == "ready":
            return ()
        return tuple(_flattened(self.record))


def arrivals(
    subject: Subject,
    records: Sequence[Node],
    expected_hash: str | None,
    held: Mapping[str, frozenset[str]] | None,
    now: float,
) -> tuple[NodeState, ...]:
    """How far each node has come, in the bundle's order.

    `held` are the certificates that the control plane was given, SHA-256 over DER → the ids they have; None where
    that is not known: then the ids count that the bundle remembers. `expected_hash` is None where it is not known.
    `now` is Unix seconds by Konnect's clock.
    """
    sorting = _Sorting(subject, records, _remembered(subject) if held is None else held)
    states = []
    for node in subject.nodes:
        mine, strangers = sorting.of(node)
        newest = max(mine, key=_age, default=None)
        states.append(
            NodeState(
                node.name,
                stage=_stage(newest, expected_hash, now),
                record=newest,
                given=None if held is None or not node.sha256 else node.sha256 in held,
                seen_ago=now - newest.last_ping if newest and newest.last_ping else None,
                overdue=newest is not None and _overdue(newest, now),
                strangers=strangers,
                twins=sum(connected(each, now) for each in mine if each is not newest),
                upload=node.upload,
            )
        )
    return tuple(states)


def _remembered(subject: Subject) -> dict[str, frozenset[str]]:
    return {node.sha256: frozenset((node.certificate,)) for node in subject.nodes if node.certificate}


def connected(record: Node, now: float) -> bool:
    """Whether that node is connected: as Konnect says, unless its pings belie that; else by how long ago it pinged."""
    said = _said(record)
    if said is None:
        return now - record.last_ping < PINGS
    return said and not _overdue(record, now)


def _said(record: Node) -> bool | None:
    return record.connection_state.is_connected if record.connection_state else None


def _overdue(record: Node, now: float) -> bool:
    """Whether Konnect calls it connected, and it has missed too many pings. One whose pings aren't known has not."""
    return _said(record) is True and 0 < record.last_ping < now - SILENT


def _age(record: Node) -> tuple[int, int, int]:
    """Of several records that of the newest ping counts: the others are of earlier lives."""
    return record.last_ping, record.updated_at, record.created_at


class _Sorting:
    """Sorts a control plane's records by the nodes of a bundle: each is looked at once, however many there are.

    Where one entry in Konnect holds the certificates of several nodes, its id tells no more than a shared one's.
    """

    def __init__(self, subject: Subject, records: Sequence[Node], held: Mapping[str, frozenset[str]]) -> None:
        self._subject = subject
        self._names = {node.name for node in subject.nodes}
        self._by_certificate = _by(records, lambda each: each.data_plane_cert_id or "")
        self._by_host = _by(records, lambda each: each.hostname.lower())
        self._by_label = _by(records, _label)
        self._own = {node.name: held.get(node.sha256, frozenset()) for node in subject.nodes}
        self._ours = frozenset[str]().union(*self._own.values())
        together = len(self._ours) < sum(map(len, self._own.values()))
        self._shared = subject.shared or (subject.mode == "pinned" and together)
        self._replicas = self._nameless() if self._shared else []

    def _nameless(self) -> list[Node]:
        """With the shared certificate under host names of their own, as the pods of one Helm release; newest last."""
        hosts = {node.hostname.lower() for node in self._subject.nodes}
        found = self._certified(self._ours)
        return sorted((each for each in found if each.hostname.lower() not in hosts), key=_age)

    def _certified(self, certificates: frozenset[str]) -> list[Node]:
        return [each for certificate in certificates for each in self._by_certificate.get(certificate, ())]

    def of(self, node: Expected) -> tuple[list[Node], tuple[Node, ...]]:
        """The records that are this node's; where there are none, those of its name with certificates of others."""
        own, pinned = self._own[node.name], self._subject.mode == "pinned"
        if pinned and not self._shared and (certified := self._certified(own)):
            return certified, ()
        by_host, by_label = self._called(node)
        mine = _with(by_host, own)
        if not mine and self._replicas:
            return [self._replicas.pop()], ()
        mine = mine or _with(by_label, own)
        if mine:
            return mine, ()
        strangers = [each for each in by_host or by_label if each.data_plane_cert_id not in self._ours]
        if pinned:
            return [], tuple(strangers)
        # In PKI mode several CAs of the control plane may vouch for one chain, and Konnect names one of them.
        return strangers or (self._certified(own) if len(self._subject.nodes) == 1 else []), ()

    def _called(self, node: Expected) -> tuple[list[Node], list[Node]]:
        """The records of its host name, and those of its label. One labelled as another node's is neither."""
        hosted = self._by_host.get(node.hostname.lower(), [])
        by_host = [each for each in hosted if (label := _label(each)) == node.name or label not in self._names]
        return by_host, self._by_label.get(node.name, [])


def _by(records: Sequence[Node], key: Callable[[Node], str]) -> dict[str, list[Node]]:
    found: dict[str, list[Node]] = {}
    for each in records:
        found.setdefault(key(each), []).append(each)
    return found


def _label(record: Node) -> str:
    return (record.labels or {}).get("node", "")


def _with(records: Sequence[Node], certificates: frozenset[str]) -> list[Node]:
    """Those that came in with one of the certificates, or that don't say with which."""
    return [each for each in records if not each.data_plane_cert_id or each.data_plane_cert_id in certificates]


def _stage(record: Node | None, expected_hash: str | None, now: float) -> Stage:
    if record is None:
        return "unseen"
    if not connected(record, now):
        return "gone"
    if set(record.config_hash) <= NO_CONFIGURATION:
        return "empty"
    if expected_hash is None:
        return "untold"
    return "ready" if record.config_hash == expected_hash else "behind"


def _flattened(record: Node) -> Iterator[str]:
    for error in record.errors or ():
        whole = printable(error.message or error.name) or "it gave no reason"
        entities = error.flattened_errors or ()
        if not entities:
            yield whole
        for entity in entities:
            what = printable(f"{entity.entity_type} {entity.entity_name or entity.entity_id}".strip())
            for fault in entity.errors or ():
                field = f"{fault.field}: " if fault.field else ""
                yield f"{what}: {printable(field + fault.error_message)}"
            if not entity.errors:
                yield f"{what}: {whole}"
