"""An organisation in memory, whose handshakes are the judge's: for proving a lesson without a server."""

from collections.abc import Callable
from datetime import datetime

from konnect_tui import draft
from konnect_tui.errors import KonnectError
from konnect_tui.pki.judging.judge import judge
from konnect_tui.pki.judging.verdict import Mode
from konnect_tui.pki.read import key_of, read_file
from konnect_tui.secret import Secret
from konnect_tui.training.lessons import gateway_log
from konnect_tui.training.lessons.organisation import Party, Placed, Shaken
from konnect_tui.training.lessons.stage import CERTIFICATE, KEY

_ADDRESS = "127.0.0.1:8791"
_NODE_ID = "00000000-0000-4000-8000-000000000000"
_HASH = "5d41402abc4b2a76b9719d911017c592"


class Memory:
    """Organisation and practice at once. Nothing of it outlives it."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._held: dict[str, list[bytes]] = {}
        self._shaken: list[tuple[str, Shaken]] = []
        self._acknowledged: dict[str, set[str]] = {}
        self._loaded: dict[str, tuple[tuple[bytes, ...], Secret]] = {}

    async def create(self, region: str, name: str, auth_mode: str) -> Placed:
        """A new control plane, empty."""
        self._held[name] = []
        self._acknowledged[name] = set()
        section = draft.ControlPlane(
            source="manual",
            region=region,
            name=name,
            auth_mode=auth_mode,
            endpoint=f"https://{_ADDRESS}/cp/{name}",
            telemetry_endpoint=f"https://{_ADDRESS}/tp/{name}",
        )
        return Placed(name, region, name, auth_mode, section, f"https://{_ADDRESS}/cp/{name}", "", "")

    async def hold(self, placed: Placed, der: bytes, title: str) -> None:  # noqa: ARG002 - nothing here shows titles
        """Give it a certificate."""
        if der not in self._held[placed.id]:
            self._held[placed.id].append(der)

    async def release(self, placed: Placed, der: bytes) -> None:
        """Take a certificate from it."""
        self._held[placed.id] = [each for each in self._held[placed.id] if each != der]

    def held(self, placed: Placed) -> tuple[bytes, ...]:
        """What it has."""
        return tuple(self._held[placed.id])

    def runs(self) -> bool:
        """It can't end."""
        return True

    def has(self, placed: Placed) -> bool:
        """Whether it was created."""
        return placed.id in self._held

    def last(self) -> int:
        """How many handshakes there were."""
        return len(self._shaken)

    def handshakes(self, placed: Placed, after: int) -> tuple[Shaken, ...]:
        """Those after that one."""
        return tuple(each for name, each in self._shaken[after:] if name == placed.id)

    def acknowledged(self, placed: Placed) -> frozenset[str]:
        """The nodes that were accepted."""
        return frozenset(self._acknowledged[placed.id])

    async def start(self, party: Party, placed: Placed) -> tuple[str, ...]:
        """Read the files and connect."""
        self._loaded.pop(party.folder, None)
        try:
            chain = read_file(f"{party.folder}/{CERTIFICATE}").certificates
            self._loaded[party.folder] = (chain, key_of(f"{party.folder}/{KEY}"))
        except KonnectError:
            return (gateway_log.not_started(party.name),)
        return await self.reconnect(party, placed)

    async def reconnect(self, party: Party, placed: Placed) -> tuple[str, ...]:
        """Connect with what was read."""
        if party.folder not in self._loaded:
            return (gateway_log.not_started(party.name),)
        chain, key = self._loaded[party.folder]
        mode: Mode = "pki" if placed.auth_mode == "pki" else "pinned"
        verdict = judge(mode, self.held(placed), chain, key, self._now())
        cause = next((each for each in verdict.findings if each.severity == "error"), None)
        if cause is not None and cause.code in ("key-mismatch", "key-type-unusable"):
            return (gateway_log.not_started(party.name),)
        shaken = Shaken(
            number=len(self._shaken) + 1,
            at=self._now().timestamp(),
            chain=chain,
            accepted=verdict.accepted,
            cause="" if verdict.accepted or cause is None else cause.code,
            message="" if verdict.accepted or cause is None else cause.message,
            hint="" if verdict.accepted or cause is None else cause.hint,
        )
        self._shaken.append((placed.id, shaken))
        if not verdict.accepted:
            return (gateway_log.broken(_ADDRESS, _NODE_ID, party.name, gateway_log.REFUSED),)
        self._acknowledged[placed.id].add(party.name)
        return (gateway_log.accepted(_HASH, _ADDRESS),)
