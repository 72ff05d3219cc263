"""The data plane client certificates that control planes were given."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct

from konnect_tui.training.store import Store
from konnect_tui.training.table import Table
from konnect_tui.training.times import seconds

MOST: Final = 1000
"""Konnect documents no limit for one control plane; this one keeps a program gone wild from filling the disk."""


class Held(Struct, frozen=True):
    """A certificate that a control plane was given. `pem` is as it was sent; times are Unix seconds."""

    id: str
    control_plane: str
    pem: str
    title: str
    created_at: int
    updated_at: int


class Certificates:
    """All of them, by control plane."""

    def __init__(self, store: Store) -> None:
        self._table = Table(store, "certificate", Held)

    def list(self, control_plane: str) -> tuple[Held, ...]:
        """Those of a control plane, in the order they came."""
        return self._table.where("control_plane = ? ORDER BY seq", control_plane)

    def one(self, control_plane: str, id: str) -> Held | None:  # noqa: A002 - Konnect's word
        """The one of that id."""
        return self._table.one("control_plane = ? AND id = ?", control_plane, id)

    def pin(self, control_plane: str, pem: str, title: str, now: datetime) -> Held:
        """Give the control plane another; one it has already is another all the same, as in Konnect."""
        held = Held(str(uuid.uuid4()), control_plane, pem, title, seconds(now), seconds(now))
        self.add((held,))
        return held

    def add(self, held: Sequence[Held]) -> None:
        """Add these."""
        self._table.add(held)

    def change(self, held: Held, pem: str, title: str, now: datetime) -> Held:
        """The same id with another certificate."""
        changed = msgspec.structs.replace(held, pem=pem, title=title, updated_at=seconds(now))
        self._table.replace(changed, ("pem", "title", "updated_at"))
        return changed

    def unpin(self, held: Held) -> None:
        """Take it from its control plane."""
        self._table.delete("id = ?", held.id)

    def count(self, control_plane: str) -> int:
        """How many the control plane has."""
        return self._table.count("control_plane = ?", control_plane)
