"""The control planes of a region as a list to choose from: what typed letters and an order leave of it.

Thousands of them: each is kept small, folded for searching once, and put into its place when it comes. Nothing is
sorted or searched anew for a page that arrives.
"""

import re
import sys
from bisect import insort
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct

from konnect_tui.konnect.kinds import HYBRID, kind, why_not
from konnect_tui.konnect.models import AUTH_TYPES, Config, ControlPlane, Node
from konnect_tui.live.arrival import connected as is_connected

Order = Literal["created", "name"]


class Row(Struct, frozen=True, gc=False):
    """A control plane, as far as it is shown. `created` is in Unix seconds, 0 where that isn't known.

    `refusal` says why it can't take a self-managed node. Labels are written `key=value`.
    """

    id: str
    name: str
    kind: str
    mode: str
    refusal: str
    created: int
    cluster_type: str
    auth_type: str
    endpoint: str
    telemetry: str
    description: str
    labels: str

    @property
    def may_be_member(self) -> bool:
        """Whether it could be a member of a control plane group: then only the group takes nodes."""
        return self.cluster_type == HYBRID and not self.refusal

    def plane(self) -> ControlPlane:
        """The control plane as Konnect told it, as far as it is kept here."""
        config = Config(self.endpoint, self.telemetry, self.cluster_type, self.auth_type)
        return ControlPlane(self.id, self.name, config, self.description)


def row(plane: ControlPlane) -> Row:
    """The row of a control plane. What many have in common is kept once."""
    config, share = plane.config, sys.intern
    return Row(
        plane.id,
        plane.name,
        share(kind(config)),
        share(plane.auth_mode),
        share(why_not(config) or _unknown_mode(plane.auth_mode)),
        _seconds(plane.created_at),
        share(config.cluster_type),
        share(config.auth_type),
        config.control_plane_endpoint,
        config.telemetry_endpoint,
        plane.description or "",
        share(" ".join(f"{key}={value}" for key, value in sorted((plane.labels or {}).items()))),
    )


def _unknown_mode(mode: str) -> str:
    return (
        "" if mode in AUTH_TYPES else "This release does not know its auth mode, so it can't make certificates for it."
    )


def _seconds(written: str) -> int:
    try:
        return int(datetime.fromisoformat(written).timestamp())
    except (ValueError, OverflowError):
        return 0


def is_id(typed: str) -> bool:
    """Whether this is a control plane's id, and not a name."""
    return re.fullmatch(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", typed) is not None


def host(endpoint: str) -> str:
    """The host of an endpoint, as people know it."""
    return endpoint.removeprefix("https://").removesuffix(":443")


class Listing:
    """All that came so far. `shown` are the places in `rows` of those that are left, in their order."""

    def __init__(self, order: Order = "created") -> None:
        self.rows: list[Row] = []
        self.total = 0
        """How many Konnect says there are."""
        self.shown: list[int] = []
        self.typed = ""
        self.order: Order = order
        self._all: list[int] = []
        self._folded: list[str] = []
        self._names: list[str] = []
        self._places: dict[str, int] = {}

    def add(self, planes: Iterable[ControlPlane]) -> None:
        """Take in what came. One that is there already, because the list moved meanwhile, is not taken twice."""
        words = _words(self.typed)
        for plane in planes:
            if plane.id in self._places:
                continue
            made, at = row(plane), len(self.rows)
            self._places[made.id] = at
            self.rows.append(made)
            name = made.name.casefold()
            self._names.append(name)
            self._folded.append("\n".join((name, made.id, host(made.endpoint), made.labels)).casefold())
            insort(self._all, at, key=self._key)
            if all(word in self._folded[at] for word in words):
                insort(self.shown, at, key=self._key)

    def _key(self, at: int) -> tuple[int | str, int]:
        return (self._names[at], at) if self.order == "name" else (-self.rows[at].created, at)

    def sift(self, typed: str) -> None:
        """Leave those that hold every word typed, in name, label, id or host, whatever the case."""
        narrower = typed.startswith(self.typed)
        self.shown = self._holding(self.shown if narrower else self._all, _words(typed))
        self.typed = typed

    def _holding(self, places: Sequence[int], words: Sequence[str]) -> list[int]:
        folded, left = self._folded, list(places)
        for word in words:
            left = [at for at in left if word in folded[at]]
        return left

    def sort(self, order: Order) -> None:
        """Put them in another order."""
        self.order = order
        self._all.sort(key=self._key)
        self.shown = self._holding(self._all, _words(self.typed))

    def place(self, id: str) -> int | None:  # noqa: A002 - Konnect's word
        """Where in `rows` the control plane of that id is."""
        return self._places.get(id)


def _words(typed: str) -> list[str]:
    return typed.casefold().split()


def connected(nodes: Sequence[Node], now: float) -> int:
    """How many of these nodes are connected. `now` is Unix seconds by Konnect's clock."""
    return sum(is_connected(node, now) for node in nodes)


def age(created: int, now: float) -> str:
    """How old, in the largest unit that fits: `5 min`, `3 d`, `2 y`; empty where that isn't known."""
    if not created:
        return ""
    seconds = max(int(now) - created, 0)
    for unit, length in (("y", 31_557_600), ("mo", 2_629_800), ("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return "now"
