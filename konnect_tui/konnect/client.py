"""What the product asks Konnect for, one method a question. How a request travels is `transport`'s business."""

from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Final, Self, TypeVar

import msgspec
from msgspec import Struct

from konnect_tui.errors import KonnectError
from konnect_tui.konnect.hosts import GLOBAL, Hosts
from konnect_tui.konnect.models import (
    ClientCertificate,
    ControlPlane,
    GroupStatus,
    NewControlPlane,
    Node,
    Organization,
)
from konnect_tui.konnect.regions import REGIONS, Region, is_code, region
from konnect_tui.konnect.transport import Transport, Waiting, unheard
from konnect_tui.secret import Secret

PAGE_SIZE: Final = 100
T = TypeVar("T")


class Page(Struct, frozen=True):
    """Some of the control planes of a region, and how many there are in all as Konnect says."""

    control_planes: tuple[ControlPlane, ...]
    total: int


class Client:
    """Konnect for one token. Use it as an async context manager; every method raises KonnectError and nothing else.

    `environ` says which proxy leads out. `waiting` is called when a request waits to be tried again.
    """

    def __init__(self, hosts: Hosts, token: Secret, *, environ: Mapping[str, str], waiting: Waiting = unheard) -> None:
        self.hosts = hosts
        self._transport = Transport(token, environ=environ, waiting=waiting)

    async def __aenter__(self) -> Self:
        await self._transport.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.close()

    # --- identity

    async def organization(self) -> Organization:
        """Whose token this is. The best probe of a token there is: it answers for people and system accounts alike."""
        return await self._get(GLOBAL, "/v3/organizations/me", Organization)

    async def regions(self) -> tuple[Region, ...]:
        """The regions Konnect says there are; those this release knows where it does not answer that."""
        try:
            found = await self._get(GLOBAL, "/v3/available-regions", _AvailableRegions)
        except KonnectError:
            return REGIONS
        codes = dict.fromkeys((*found.regions.stable, *found.regions.beta), False)
        codes |= dict.fromkeys(found.regions.stable_opt_in, True)
        known = [
            Region(code, named.name if (named := region(code)) else code, opt_in=opt_in)
            for code, opt_in in sorted(codes.items())
            if is_code(code)
        ]
        return tuple(known) or REGIONS

    # --- control planes

    async def control_planes(self, region: str, *, size: int = PAGE_SIZE) -> AsyncIterator[Page]:
        """All control planes of a region, page by page as they come."""
        number, seen = 1, 0
        while True:
            query = {"page[size]": str(size), "page[number]": str(number)}
            found = await self._get(region, "/v2/control-planes", _ControlPlanes, query)
            seen += len(found.data)
            yield Page(found.data, found.meta.page.total)
            if not found.data or seen >= found.meta.page.total:
                return
            number += 1

    async def control_plane(self, region: str, id: str) -> ControlPlane | None:  # noqa: A002 - Konnect's word
        """The control plane of that id; None where the region has none."""
        try:
            return await self._get(region, f"/v2/control-planes/{_segment(id)}", ControlPlane)
        except KonnectError as fault:
            if fault.code == "not-in-konnect":
                return None
            raise

    async def named(self, region: str, name: str) -> ControlPlane | None:
        """The control plane of exactly that name; None where the region has none."""
        query = {"filter[name][eq]": name, "page[size]": "10"}
        found = await self._get(region, "/v2/control-planes", _ControlPlanes, query)
        return next((each for each in found.data if each.name == name), None)

    async def create(self, region: str, wanted: NewControlPlane) -> ControlPlane:
        """Create a control plane, and read back what it became.

        Raises KonnectError `name-taken`; `invalid-input` with the fields Konnect refuses.
        """
        made = await self._post(region, "/v2/control-planes", wanted, ControlPlane)
        return await self._get(region, f"/v2/control-planes/{_segment(made.id)}", ControlPlane)

    # --- what a control plane has

    async def certificates(self, region: str, control_plane: str) -> tuple[ClientCertificate, ...]:
        """The certificates the control plane was given."""
        return (await self._get(region, f"{_at(control_plane)}/dp-client-certificates", _Certificates)).items

    async def pin(self, region: str, control_plane: str, pem: str, title: str) -> ClientCertificate:
        """Give the control plane a certificate: a node's in pinned mode, a CA's in PKI mode."""
        path, body = f"{_at(control_plane)}/dp-client-certificates", _NewCertificate(pem, title)
        return (await self._post(region, path, body, _Certificate)).item

    async def unpin(self, region: str, control_plane: str, certificate: str) -> None:
        """Take a certificate from the control plane: nodes that came in with it lose their connection."""
        path = f"{_at(control_plane)}/dp-client-certificates/{_segment(certificate)}"
        await self._transport.delete(self.hosts.base(region), path)

    async def nodes(self, region: str, control_plane: str) -> tuple[Node, ...]:
        """All node records of the control plane."""
        found: list[Node] = []
        query = {"page[size]": str(PAGE_SIZE)}
        while True:
            page = await self._get(region, f"{_at(control_plane)}/nodes", _Nodes, query)
            found += page.items
            cursor = page.page.next or page.page.next_cursor
            if not cursor or not page.items:
                return tuple(found)
            query["page[after]"] = cursor

    async def expected_hash(self, region: str, control_plane: str) -> str:
        """The hash of the configuration that every node should have."""
        return (await self._get(region, f"{_at(control_plane)}/expected-config-hash", _ExpectedHash)).expected_hash

    async def is_member(self, region: str, control_plane: str) -> bool:
        """Whether the control plane is a member of a group: then only the group takes nodes."""
        return (await self._get(region, f"{_at(control_plane)}/group-member-status", _Membership)).is_member

    async def group_status(self, region: str, control_plane: str) -> GroupStatus:
        """How a control plane group fares: while there are conflicts, nodes get no new configuration."""
        return (await self._get(region, f"{_at(control_plane)}/group-status", _GroupItem)).item

    # --- one request

    async def _get(self, region: str, path: str, kind: type[T], query: Mapping[str, str] | None = None) -> T:
        return _read(await self._transport.get(self.hosts.base(region), path, query or {}), kind, path)

    async def _post(self, region: str, path: str, body: Struct, kind: type[T]) -> T:
        return _read(await self._transport.post(self.hosts.base(region), path, msgspec.json.encode(body)), kind, path)


def _read(data: bytes, kind: type[T], path: str) -> T:
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.DecodeError as fault:
        raise KonnectError("konnect-answer", f"Konnect's answer to {path} can't be used: {fault}.") from None


def _at(control_plane: str) -> str:
    return f"/v2/control-planes/{_segment(control_plane)}"


def _segment(text: str) -> str:
    """The text as one segment of a path, whatever is in it."""
    from urllib.parse import quote

    return quote(text, safe="")


class _RegionLists(Struct, frozen=True):
    stable: tuple[str, ...] = ()
    stable_opt_in: tuple[str, ...] = ()
    beta: tuple[str, ...] = ()


class _AvailableRegions(Struct, frozen=True):
    regions: _RegionLists


class _PageMeta(Struct, frozen=True):
    number: int = 0
    size: int = 0
    total: int = 0


class _Meta(Struct, frozen=True):
    page: _PageMeta = _PageMeta()


class _ControlPlanes(Struct, frozen=True):
    data: tuple[ControlPlane, ...]
    meta: _Meta = _Meta()


class _NewCertificate(Struct, frozen=True):
    cert: str
    title: str


class _Certificate(Struct, frozen=True):
    item: ClientCertificate


class _Certificates(Struct, frozen=True):
    items: tuple[ClientCertificate, ...] = ()


class _Cursor(Struct, frozen=True):
    total_count: int = 0
    next: str | None = None
    next_cursor: str | None = None


class _Nodes(Struct, frozen=True):
    items: tuple[Node, ...] = ()
    page: _Cursor = _Cursor()


class _ExpectedHash(Struct, frozen=True):
    expected_hash: str = ""


class _Membership(Struct, frozen=True):
    is_member: bool = False


class _GroupItem(Struct, frozen=True):
    item: GroupStatus
