"""The records of data plane nodes: who has connected, with which certificate, on which configuration."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Struct

from konnect_tui.training.store import Store
from konnect_tui.training.table import Table
from konnect_tui.training.times import seconds

NO_HASH: Final = "0" * 32
"""What a node reports that has no configuration yet."""


class Node(Struct, frozen=True):
    """A node's record. `certificate` is the id of the certificate that let it in; times are Unix seconds."""

    control_plane: str
    id: str
    hostname: str
    version: str
    last_ping: int
    created_at: int
    updated_at: int
    config_hash: str = NO_HASH
    labels: Mapping[str, str] = {}
    certificate: str | None = None
    connected: bool = False
    errors: tuple[Mapping[str, Any], ...] = ()
    seeded: bool = False


class NodePage(Struct, frozen=True):
    """Some of a control plane's nodes, how many it has, and where the next page begins (0 at the end)."""

    nodes: tuple[Node, ...]
    total: int
    following: int


class Nodes:
    """All records, by control plane."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._table = Table(store, "node", Node)

    def page(self, control_plane: str, size: int, after: int) -> NodePage:
        """Those behind a place (0 is before the first), in the order they first came."""
        places = self._store.rows(
            "SELECT seq FROM node WHERE control_plane = ? AND seq > ? ORDER BY seq LIMIT ?",
            control_plane,
            after,
            size + 1,
        )
        last = places[:size][-1]["seq"] if places else after
        found = self._table.where("control_plane = ? AND seq > ? AND seq <= ? ORDER BY seq", control_plane, after, last)
        return NodePage(found, self._table.count("control_plane = ?", control_plane), last if len(places) > size else 0)

    def of(self, control_plane: str) -> tuple[Node, ...]:
        """All of that control plane, in the order they first came."""
        return self._table.where("control_plane = ? ORDER BY seq", control_plane)

    def one(self, control_plane: str, id: str) -> Node | None:  # noqa: A002 - Konnect's word
        """The record of that id."""
        return self._table.one("control_plane = ? AND id = ?", control_plane, id)

    def add(self, nodes: Sequence[Node]) -> None:
        """Add these."""
        self._table.add(nodes)

    def came(self, control_plane: str, id: str, hostname: str, version: str, certificate: str, now: datetime) -> None:  # noqa: A002
        """A node has connected: its record is made, or brought up to date. What it reported before is forgotten."""
        at = seconds(now)
        node = Node(control_plane, id, hostname, version, at, at, at, certificate=certificate, connected=True)
        changed = ("hostname", "version", "certificate", "connected", "errors", "last_ping", "updated_at", "seeded")
        assignments = ", ".join(f"{column} = excluded.{column}" for column in changed)
        upsert = f"{self._table.insert} ON CONFLICT (control_plane, id) DO UPDATE SET {assignments}"
        self._store.write(upsert, *self._table.row(node))

    def let_in(self, control_plane: str, id: str, certificate: str) -> None:  # noqa: A002
        """It is that certificate now that lets a connected node in."""
        self._update(control_plane, id, "certificate = ?", certificate)

    def told(self, control_plane: str, id: str, labels: Mapping[str, str]) -> None:  # noqa: A002
        """A node has told its labels."""
        self._update(control_plane, id, "labels = ?", _json(labels))

    def pinged(self, control_plane: str, id: str, config_hash: str, now: datetime) -> None:  # noqa: A002
        """A node has told which configuration it runs. With one that works, its errors are over."""
        self._update(
            control_plane,
            id,
            "errors = CASE WHEN config_hash <> ?1 AND ?1 <> ?2 THEN '[]' ELSE errors END,"
            " config_hash = ?1, last_ping = ?3, connected = 1",
            config_hash,
            NO_HASH,
            seconds(now),
        )

    def failed(self, control_plane: str, id: str, error: Mapping[str, Any]) -> None:  # noqa: A002
        """A node has reported that it can't use its configuration."""
        self._update(control_plane, id, "errors = ?", _json([error]))

    def left(self, control_plane: str, id: str) -> None:  # noqa: A002
        """A node's connection is gone; its record stays."""
        self._update(control_plane, id, "connected = 0")

    def all_left(self) -> None:
        """No node is connected when the organisation has just started; those of a seed only pretend to be."""
        self._table.update("connected = 0", "seeded = 0")

    def forget(self, node: Node) -> None:
        """Delete the record; the node may come again."""
        self._table.delete("control_plane = ? AND id = ?", node.control_plane, node.id)

    def _update(self, control_plane: str, id: str, assignments: str, *values: Any) -> None:  # noqa: A002
        place = len(values)
        condition = f"control_plane = ?{place + 1} AND id = ?{place + 2}"
        self._table.update(assignments, condition, *values, control_plane, id)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
