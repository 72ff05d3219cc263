"""What a lesson needs from the world: a control plane and its record, and somebody who connects.

Both are small on purpose. The embedded organisation is one of each; an organisation in memory, whose handshakes are
the judge's, is the other (`memory`), for proving a lesson without a server.
"""

from hashlib import sha256
from typing import Protocol

from msgspec import Struct

from konnect_tui import draft
from konnect_tui.konnect.target import Target


class Placed(Struct, frozen=True):
    """A lesson's control plane. `section` is how an answers file names it.

    Nodes connect to `endpoint` (a URL) and ask for `server_name`; `ca` is the file with the CA to trust. `target` is
    what its API told of it, None in memory.
    """

    id: str
    region: str
    name: str
    auth_mode: str
    section: draft.ControlPlane
    endpoint: str
    server_name: str
    ca: str
    target: Target | None = None


class Shaken(Struct, frozen=True):
    """One handshake as the control plane recorded it. `number` counts them, `at` is Unix seconds.

    `chain` is DER, leaf first. `cause` is a code of the register, empty where it was accepted.
    """

    number: int
    at: float
    chain: tuple[bytes, ...]
    accepted: bool
    cause: str = ""
    message: str = ""
    hint: str = ""

    @property
    def leaf(self) -> str:
        """SHA-256 over the DER of the leaf; empty where nothing was presented."""
        return sha256(self.chain[0]).hexdigest() if self.chain else ""


class Party(Struct, frozen=True):
    """Somebody who connects. `folder` holds its `tls.crt` and `tls.key`; `memory` is where it keeps what it read.

    `bundle` is the folder of the bundle whose node it is, empty for a guest.
    """

    name: str
    folder: str
    memory: str
    bundle: str = ""


class Organisation(Protocol):
    """Control planes and what they recorded."""

    async def create(self, region: str, name: str, auth_mode: str) -> Placed:
        """A new control plane, empty; one of that name is taken away first. Raises KonnectError."""

    async def hold(self, placed: Placed, der: bytes, title: str) -> None:
        """Give it a certificate; one it has already is not given again."""

    async def release(self, placed: Placed, der: bytes) -> None:
        """Take that certificate from it, wherever it came from."""

    def held(self, placed: Placed) -> tuple[bytes, ...]:
        """The certificates it has, DER."""

    def runs(self) -> bool:
        """Whether it has run all the time since this was made: only then its record says what there was."""

    def has(self, placed: Placed) -> bool:
        """Whether that control plane is where it was: not after the organisation was begun anew or has moved."""

    def last(self) -> int:
        """The number of the last handshake recorded, 0 before the first."""

    def handshakes(self, placed: Placed, after: int) -> tuple[Shaken, ...]:
        """Those recorded after that one, the oldest first."""

    def acknowledged(self, placed: Placed) -> frozenset[str]:
        """The host names of nodes that have reported the hash of its configuration."""


class Practice(Protocol):
    """Nodes, and others who connect."""

    async def start(self, party: Party, placed: Placed) -> tuple[str, ...]:
        """Read its files, as a gateway does only when it starts, and connect. The lines of its log.

        A node connects where its files say, a guest to this control plane. Raises KonnectError as `destination`.
        """

    async def reconnect(self, party: Party, placed: Placed) -> tuple[str, ...]:
        """Connect with what it read when it was started. The lines of its log."""
