"""An organisation in memory, whose handshakes are the judge's: for proving a lesson without a server."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

from msgspec import Struct

from konnect_tui import draft
from konnect_tui.errors import KonnectError
from konnect_tui.konnect.training_hosts import named, server_name, url
from konnect_tui.pki.judging.judge import judge
from konnect_tui.pki.judging.verdict import Mode
from konnect_tui.pki.read import key_of, read_file
from konnect_tui.secret import Secret
from konnect_tui.training.lessons import gateway_log
from konnect_tui.training.lessons.destination import destination
from konnect_tui.training.lessons.organisation import Party, Placed, Shaken
from konnect_tui.training.lessons.stage import CERTIFICATE, KEY
from konnect_tui.training.practice.refusals import WouldNotStart
from konnect_tui.training.practice.settings import Peer

_HOST = "127.0.0.1"
_PORT = 8791
_NODE_ID = "00000000-0000-4000-8000-000000000000"
_HASH = "5d41402abc4b2a76b9719d911017c592"


class _Plane:
    """What is kept of a control plane."""

    def __init__(self, mode: Mode) -> None:
        self.mode = mode
        self.held: list[bytes] = []
        self.acknowledged: set[str] = set()


class _Loaded(Struct, frozen=True):
    """What somebody read when it was started."""

    chain: tuple[bytes, ...]
    key: Secret
    peer: Peer


class Memory:
    """Organisation and practice at once. Nothing of it outlives it."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._planes: dict[str, _Plane] = {}
        self._shaken: list[tuple[str, Shaken]] = []
        self._loaded: dict[str, _Loaded] = {}

    async def create(self, region: str, name: str, auth_mode: str) -> Placed:
        """A new control plane, empty."""
        prefix = sha256(f"{region}/{name}".encode()).hexdigest()[:10]
        self._planes[prefix] = _Plane("pki" if auth_mode == "pki" else "pinned")
        endpoint = url(_HOST, _PORT, prefix, "config")
        section = draft.ControlPlane(
            source="manual",
            region=region,
            name=name,
            auth_mode=auth_mode,
            endpoint=endpoint,
            telemetry_endpoint=url(_HOST, _PORT, prefix, "telemetry"),
        )
        return Placed(prefix, region, name, auth_mode, section, endpoint, server_name(prefix, "config"), "")

    async def hold(self, placed: Placed, der: bytes, title: str) -> None:  # noqa: ARG002 - nothing here shows titles
        """Give it a certificate."""
        if der not in self._planes[placed.id].held:
            self._planes[placed.id].held.append(der)

    async def release(self, placed: Placed, der: bytes) -> None:
        """Take a certificate from it."""
        plane = self._planes[placed.id]
        plane.held = [each for each in plane.held if each != der]

    def held(self, placed: Placed) -> tuple[bytes, ...]:
        """What it has."""
        return tuple(self._planes[placed.id].held)

    def runs(self) -> bool:
        """It can't end."""
        return True

    def has(self, placed: Placed) -> bool:
        """Whether it was created."""
        return placed.id in self._planes

    def last(self) -> int:
        """How many handshakes there were."""
        return len(self._shaken)

    def handshakes(self, placed: Placed, after: int) -> tuple[Shaken, ...]:
        """Those after that one."""
        return tuple(each for where, each in self._shaken[after:] if where == placed.id)

    def acknowledged(self, placed: Placed) -> frozenset[str]:
        """The nodes that were accepted."""
        return frozenset(self._planes[placed.id].acknowledged)

    async def start(self, party: Party, placed: Placed) -> tuple[str, ...]:
        """Read the files and connect."""
        self._loaded.pop(party.folder, None)
        try:
            chain, key = read_file(f"{party.folder}/{CERTIFICATE}").certificates, key_of(f"{party.folder}/{KEY}")
        except KonnectError:
            return (gateway_log.not_started(party.name),)
        try:
            peer = destination(party, placed)
        except WouldNotStart as fault:
            return (gateway_log.would_not_start(fault.reason),)
        self._loaded[party.folder] = _Loaded(chain, key, peer)
        return await self.reconnect(party, placed)

    async def reconnect(self, party: Party, placed: Placed) -> tuple[str, ...]:  # noqa: ARG002 - it was read at the start
        """Connect with what was read."""
        if party.folder not in self._loaded:
            return (gateway_log.not_started(party.name),)
        loaded = self._loaded[party.folder]
        peer, asked = loaded.peer, named(loaded.peer.server_name)
        prefix = peer.path.removeprefix("/cp/")
        plane = self._planes[prefix]
        if asked is None and peer.server_name != peer.host:
            return self._failed(party, peer, gateway_log.OTHER_NAME)
        if asked not in (None, (prefix, "config")):
            self._note(prefix, loaded.chain, "server-name-differs", "The server name belongs to another connection.")
            return self._failed(party, peer, gateway_log.REFUSED)
        verdict = judge(plane.mode, tuple(plane.held), loaded.chain, loaded.key, self._now())
        if not verdict.accepted:
            cause = next(each for each in verdict.findings if each.severity == "error")
            if cause.code in ("key-mismatch", "key-type-unusable"):
                return (gateway_log.not_started(party.name),)
            self._note(prefix, loaded.chain, cause.code, cause.message, cause.hint)
            return self._failed(party, peer, gateway_log.REFUSED)
        self._note(prefix, loaded.chain)
        plane.acknowledged.add(party.name)
        return (gateway_log.accepted(_HASH, peer.address),)

    def _note(self, where: str, chain: tuple[bytes, ...], cause: str = "", message: str = "", hint: str = "") -> None:
        number, at = len(self._shaken) + 1, self._now().timestamp()
        self._shaken.append((where, Shaken(number, at, chain, not cause, cause, message, hint)))

    def _failed(self, party: Party, peer: Peer, why: str) -> tuple[str, ...]:
        return (gateway_log.broken(peer.address, _NODE_ID, party.name, why),)
