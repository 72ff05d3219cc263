"""The record of every handshake: what was presented, what became of it, and why. Lessons are checked against it."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Final, Literal

from msgspec import Struct

from konnect_tui.training.store import Store
from konnect_tui.training.table import Table

Outcome = Literal["accepted", "refused", "broken", "unused"]
"""`broken`: TLS itself failed. `unused`: the handshake was good, and nothing was asked for afterwards."""

MOST: Final = 20_000
"""Handshakes kept; the oldest go first."""

_SPARE: Final = 1_000


class Handshake(Struct, frozen=True):
    """One connection. `at` is Unix seconds; `control_plane` an id, None where none was meant; `link` which of its two.

    `chain` is what was presented, DER, leaf first; of a list over 16 KB only the leaf. `cause` is a code of the
    register, empty where it was accepted. `node` is the id the node gave itself, empty if it got no chance to say.
    """

    at: float
    control_plane: str | None
    link: str
    server_name: str
    tls: str
    chain: tuple[bytes, ...]
    verdict: Outcome
    cause: str = ""
    message: str = ""
    hint: str = ""
    node: str = ""

    @property
    def fingerprint(self) -> str | None:
        """SHA-256 over the DER of the leaf that was presented, as hex."""
        return sha256(self.chain[0]).hexdigest() if self.chain else None


class Record:
    """All handshakes, in the order they ended."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._table = Table(store, "handshake", Handshake)
        self._since_pruned = 0

    def add(self, handshake: Handshake) -> None:
        """Keep it."""
        self._table.add((handshake,))
        self._since_pruned += 1
        if self._since_pruned >= _SPARE:
            self._since_pruned = 0
            self._table.delete("seq <= (SELECT max(seq) FROM handshake) - ?", MOST)

    def since(self, at: datetime, control_plane: str | None = None) -> tuple[Handshake, ...]:
        """Those that began at that time or later, the oldest first: of one control plane, or all."""
        if control_plane is None:
            return self._table.where("at >= ? ORDER BY seq", at.timestamp())
        return self._table.where("at >= ? AND control_plane = ? ORDER BY seq", at.timestamp(), control_plane)

    def last(self) -> int:
        """The number of the last one kept, 0 before the first. Numbers only grow."""
        return self._store.count("SELECT coalesce(max(seq), 0) FROM handshake")

    def after(self, number: int, control_plane: str) -> tuple[tuple[int, Handshake], ...]:
        """Those of a control plane that were kept after that one, in their order, with their numbers."""
        condition = "seq > ? AND control_plane = ? ORDER BY seq"
        rows = self._store.rows(f"SELECT seq FROM handshake WHERE {condition}", number, control_plane)  # noqa: S608
        found = self._table.where(condition, number, control_plane)
        return tuple((row["seq"], handshake) for row, handshake in zip(rows, found, strict=False))

    def numbered(self, numbers: Iterable[int]) -> dict[int, Handshake]:
        """Those of these numbers that are still kept."""
        return {number: found[0] for number in numbers if (found := self._table.where("seq = ?", number))}
