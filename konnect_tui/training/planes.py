"""The organisation's control planes: what is kept of each, found by region, filter and page."""

import sqlite3
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

import msgspec
from msgspec import Struct

from konnect_tui.konnect.kinds import GROUP, HYBRID
from konnect_tui.training.store import Store
from konnect_tui.training.table import Table
from konnect_tui.training.times import stamp

DEFAULT_AUTH: Final = "pinned_client_certs"
_FARTHEST: Final = 2**62
CHANGEABLE: Final = ("name", "description", "auth_type", "proxy_urls", "labels")


class Plane(Struct, frozen=True):
    """A control plane. `prefix` is the label of its hosts; `member_of` the id of its group; times are RFC 3339."""

    id: str
    region: str
    name: str
    prefix: str
    config_hash: str
    created_at: str
    updated_at: str
    description: str = ""
    labels: Mapping[str, str] = {}
    cluster_type: str = HYBRID
    auth_type: str = DEFAULT_AUTH
    cloud_gateway: bool = False
    proxy_urls: tuple[Mapping[str, Any], ...] = ()
    member_of: str | None = None
    conflicts: tuple[Mapping[str, Any], ...] = ()

    @property
    def mode(self) -> str:
        """`pinned` or `pki`."""
        return "pki" if self.auth_type == "pki_client_certs" else "pinned"

    @property
    def group(self) -> bool:
        """Whether it is a group of control planes."""
        return self.cluster_type == GROUP


class NameTaken(Exception):
    """The region has a control plane of that name."""


class Page(Struct, frozen=True):
    """Some of what was found, and how many there are in all."""

    planes: tuple[Plane, ...]
    total: int


Condition = tuple[str, Sequence[Any]]
"""A condition of SQL and its values."""


def identified(region: str, name: str, id: str, now: datetime, **more: Any) -> Plane:  # noqa: A002 - Konnect's word
    """A new control plane; what its hosts and hash are made of is its id."""
    digest = sha256(id.encode()).hexdigest()
    return Plane(id, region, name, digest[:10], digest[10:42], stamp(now), stamp(now), **more)


class Planes:
    """All control planes of the organisation."""

    def __init__(self, store: Store) -> None:
        self._table = Table(store, "control_plane", Plane)

    def create(self, region: str, name: str, now: datetime, **more: Any) -> Plane:
        """A new control plane. Raises NameTaken."""
        plane = identified(region, name, str(uuid.uuid4()), now, **more)
        try:
            self.add((plane,))
        except sqlite3.IntegrityError:
            raise NameTaken from None
        return plane

    def add(self, planes: Sequence[Plane]) -> None:
        """Add these. Raises sqlite3.IntegrityError where a region has two of one name."""
        self._table.add(planes)

    def one(self, region: str, id: str) -> Plane | None:  # noqa: A002
        """The control plane of that id in that region."""
        return self._table.one("id = ? AND region = ?", id, region)

    def of_prefix(self, prefix: str) -> Plane | None:
        """The control plane whose hosts have that label."""
        return self._table.one("prefix = ?", prefix)

    def by_id(self, id: str) -> Plane | None:  # noqa: A002
        """The control plane of that id, in whatever region."""
        return self._table.one("id = ?", id)

    def list(self, region: str, conditions: Sequence[Condition], *, descending: bool, size: int, number: int) -> Page:
        """One page of those that meet all conditions, in the order of their making."""
        where = " AND ".join(("region = ?", *(condition for condition, _ in conditions)))
        values = (region, *(value for _, given in conditions for value in given))
        order = "DESC" if descending else "ASC"
        window = f"ORDER BY created_at {order}, seq {order} LIMIT ? OFFSET ?"
        found = self._table.where(f"{where} {window}", *values, size, min(size * (number - 1), _FARTHEST))
        return Page(found, self._table.count(where, *values))

    def change(self, plane: Plane, now: datetime, **changes: Any) -> Plane:
        """The same with other values of what may change. Raises NameTaken."""
        changed = msgspec.structs.replace(plane, updated_at=stamp(now), **changes)
        try:
            self._table.replace(changed, (*CHANGEABLE, "updated_at"))
        except sqlite3.IntegrityError:
            raise NameTaken from None
        return changed

    def delete(self, plane: Plane) -> None:
        """Take it out, with its certificates and nodes. Members of a group stay."""
        self._table.delete("id = ?", plane.id)

    @property
    def total(self) -> int:
        """How many there are in all regions."""
        return self._table.count()
