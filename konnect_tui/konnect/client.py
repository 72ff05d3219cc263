"""What the product asks Konnect for, one method a question. How a request travels is `transport`'s business."""

import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import datetime, timedelta
from types import TracebackType
from typing import Final, Self, TypeVar

import msgspec
from msgspec import Struct

from konnect_tui.errors import KonnectError
from konnect_tui.konnect import envelopes, pages
from konnect_tui.konnect.clock import Clock
from konnect_tui.konnect.decoding import decode
from konnect_tui.konnect.hosts import GLOBAL, Hosts
from konnect_tui.konnect.models import (
    ClientCertificate,
    ControlPlane,
    GroupStatus,
    NewControlPlane,
    Node,
    Organization,
)
from konnect_tui.konnect.once import made_once
from konnect_tui.konnect.patience import FRESH
from konnect_tui.konnect.pem import fingerprints
from konnect_tui.konnect.regions import REGIONS, Region, is_code, region
from konnect_tui.konnect.transport import Transport, Waiting, unheard
from konnect_tui.konnect.wire import Limits, Request
from konnect_tui.secret import Secret
from konnect_tui.words import printable

PAGE_SIZE: Final = 100
T = TypeVar("T")

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_CLOSE: Final = timedelta(minutes=2)
"""How far Konnect's clocks may be apart where it is asked whether something was made just now."""


class Page(Struct, frozen=True):
    """Some of the control planes of a region, and how many there are in all as Konnect says."""

    control_planes: tuple[ControlPlane, ...]
    total: int


class Client:
    """Konnect for one token. Use it as an async context manager; every method raises KonnectError and nothing else.

    Without a token only `available_regions` is answered.

    `environ` says which proxy leads out. `waiting` is called when a request waits to be tried again. `clock` and
    `limits` are for tests.
    """

    def __init__(
        self,
        hosts: Hosts,
        token: Secret | None,
        *,
        environ: Mapping[str, str],
        waiting: Waiting = unheard,
        clock: Clock | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.hosts = hosts
        self._transport = Transport(token, environ=environ, waiting=waiting, clock=clock, limits=limits)
        self._made: dict[str, float] = {}

    async def __aenter__(self) -> Self:
        await self._transport.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.close()

    @property
    def skew(self) -> float:
        """How many seconds this machine's clock is ahead of Konnect's, negative if behind; 0 up to a minute.

        Known once anything was answered. Certificates begin five minutes back; more than that needs a word.
        """
        return self._transport.skew

    @property
    def ahead(self) -> float:
        """The same as exactly as it is known, for times that are held against Konnect's."""
        return self._transport.ahead

    # --- identity

    async def organization(self) -> Organization:
        """Whose token this is. The best probe of a token there is: it answers for people and system accounts alike."""
        return await self._get(GLOBAL, "/v3/organizations/me", Organization, "ask whose token this is")

    async def regions(self) -> tuple[Region, ...]:
        """The regions Konnect says there are; those this release knows where it does not answer that."""
        try:
            return await self.available_regions()
        except KonnectError:
            return REGIONS

    async def available_regions(self) -> tuple[Region, ...]:
        """The regions Konnect says there are. The one question that needs no token.

        Raises KonnectError, as well where the answer names no region.
        """
        doing = "ask which regions there are"
        asked = Request("GET", self.hosts.base(GLOBAL), "/v3/available-regions", doing, open=True)
        found = decode(await self._transport.ask(asked), envelopes.AvailableRegions, doing).regions
        codes = dict.fromkeys((*found.stable, *found.beta), False) | dict.fromkeys(found.stable_opt_in, True)
        known = [
            Region(code, named.name if (named := region(code)) else code, opt_in=opt_in)
            for code, opt_in in sorted(codes.items())
            if is_code(code)
        ]
        if not known:
            raise KonnectError("konnect-answer", f"Could not {doing}: Konnect's answer names none.")
        return tuple(known)

    # --- control planes

    async def control_planes(self, region: str, *, size: int = PAGE_SIZE) -> AsyncGenerator[Page, None]:
        """All control planes of a region, page by page as they come, each once.

        Whoever stops before the end closes it (`contextlib.aclosing`): that ends what was asked for ahead.
        Raises KonnectError `endless-list` for a list that repeats itself or does not end.
        """
        doing = f"list the control planes of {_shown(region)}"

        async def ask(number: int) -> tuple[tuple[ControlPlane, ...], int]:
            query = {"page[size]": str(size), "page[number]": str(number)}
            found = await self._get(region, "/v2/control-planes", envelopes.ControlPlanes, doing, query)
            return found.data, found.meta.page.total

        async with aclosing(pages.numbered(ask, doing)) as found:
            async for some, total in found:
                yield Page(some, total)

    async def control_plane(self, region: str, id: str) -> ControlPlane | None:  # noqa: A002 - Konnect's word
        """The control plane of that id; None where the region has none."""
        try:
            return await self._get(region, _at(id), ControlPlane, f"read the control plane {_shown(id)}", about=id)
        except KonnectError as fault:
            if fault.code == "not-in-konnect":
                return None
            raise

    async def named(self, region: str, name: str) -> ControlPlane | None:
        """The control plane of exactly that name; None where the region has none."""
        query = {"filter[name][eq]": name, "page[size]": "10"}
        doing = f"look for a control plane named {_shown(name)}"
        found = await self._get(region, "/v2/control-planes", envelopes.ControlPlanes, doing, query)
        return next((each for each in found.data if each.name == name), None)

    async def create(self, region: str, wanted: NewControlPlane) -> ControlPlane:
        """Create a control plane, and read back what it became. Where the answer is lost, look before repeating.

        Raises KonnectError `name-taken`; `usage-limit`; `invalid-input` with the fields Konnect refuses.
        """
        doing, begun = f"create the control plane {_shown(wanted.name)}", self._transport.now()

        async def look() -> ControlPlane | None:
            there = await self.named(region, wanted.name)
            if there and _before(there.created_at, begun - _CLOSE):
                raise KonnectError("name-taken", f"A control plane named {_shown(wanted.name)} exists already.")
            return there

        made = await made_once(
            self._transport, self._new(region, "/v2/control-planes", wanted, doing), ControlPlane, look
        )
        self._made[made.id] = self._transport.clock.passed()
        back = f"read back the control plane {_shown(wanted.name)}, which was created"
        return await self._get(region, _at(made.id), ControlPlane, back, about=made.id)

    # --- what a control plane has

    async def certificates(self, region: str, control_plane: str) -> tuple[ClientCertificate, ...]:
        """The certificates the control plane was given."""
        path, doing = f"{_at(control_plane)}/dp-client-certificates", "list the certificates of the control plane"
        return (await self._get(region, path, envelopes.Certificates, doing, about=control_plane)).items

    async def pin(self, region: str, control_plane: str, pem: str, title: str) -> ClientCertificate:
        """Give the control plane a certificate: a node's in pinned mode, a CA's in PKI mode.

        Where the answer is lost, look before repeating. Raises KonnectError `already-there`.
        """
        path, body = f"{_at(control_plane)}/dp-client-certificates", envelopes.NewCertificate(pem, title)
        wanted = set(fingerprints(pem))

        async def look() -> envelopes.Certificate | None:
            held = await self.certificates(region, control_plane)
            return next((envelopes.Certificate(each) for each in held if wanted <= set(fingerprints(each.cert))), None)

        asked = self._new(region, path, body, "give the certificate to the control plane", about=control_plane)
        return (await made_once(self._transport, asked, envelopes.Certificate, look)).item

    async def unpin(self, region: str, control_plane: str, certificate: str) -> None:
        """Take a certificate from the control plane: nodes that came in with it lose their connection.

        One that is not there any more is taken away already, perhaps by a request whose answer was lost.
        """
        path, doing = f"{_at(control_plane)}/dp-client-certificates/{_id(certificate)}", "take the certificate away"
        try:
            await self._transport.ask(Request("DELETE", self._base(region), path, doing))
        except KonnectError as fault:
            if fault.code != "not-in-konnect":
                raise
            gone = fault
        else:
            return
        if any(each.id == certificate for each in await self.certificates(region, control_plane)):
            raise gone

    async def nodes(self, region: str, control_plane: str) -> tuple[Node, ...]:
        """All node records of the control plane. Raises KonnectError `endless-list`."""
        path, doing = f"{_at(control_plane)}/nodes", "list the nodes of the control plane"

        async def ask(cursor: str) -> tuple[tuple[Node, ...], str]:
            query = {"page[size]": str(PAGE_SIZE)} | ({"page[after]": cursor} if cursor else {})
            page = await self._get(region, path, envelopes.Nodes, doing, query, about=control_plane)
            return page.items, page.page.next or page.page.next_cursor or ""

        return await pages.by_cursor(ask, doing)

    async def expected_hash(self, region: str, control_plane: str) -> str:
        """The hash of the configuration that every node should have."""
        path, doing = f"{_at(control_plane)}/expected-config-hash", "ask for the expected hash of the configuration"
        return (await self._get(region, path, envelopes.ExpectedHash, doing, about=control_plane)).expected_hash

    async def is_member(self, region: str, control_plane: str) -> bool:
        """Whether the control plane is a member of a group: then only the group takes nodes."""
        path, doing = f"{_at(control_plane)}/group-member-status", "ask whether the control plane is in a group"
        return (await self._get(region, path, envelopes.Membership, doing, about=control_plane)).is_member

    async def group_status(self, region: str, control_plane: str) -> GroupStatus:
        """How a control plane group fares: while there are conflicts, nodes get no new configuration."""
        path, doing = f"{_at(control_plane)}/group-status", "ask how the control plane group fares"
        return (await self._get(region, path, envelopes.GroupItem, doing, about=control_plane)).item

    # --- how

    async def _get(
        self,
        region: str,
        path: str,
        kind: type[T],
        doing: str,
        query: Mapping[str, str] = {},
        *,
        about: str = "",
    ) -> T:
        asked = Request("GET", self._base(region), path, doing, query, fresh=self._fresh(about))
        return decode(await self._transport.ask(asked), kind, doing)

    def _new(self, region: str, path: str, body: Struct, doing: str, *, about: str = "") -> Request:
        encoded = msgspec.json.encode(body)
        return Request("POST", self._base(region), path, doing, body=encoded, fresh=self._fresh(about))

    def _fresh(self, control_plane: str) -> bool:
        """Whether this client created that control plane a moment ago."""
        made = self._made.get(control_plane)
        return made is not None and self._transport.clock.passed() - made < FRESH

    def _base(self, region: str) -> str:
        try:
            return self.hosts.base(region)
        except ValueError:
            raise KonnectError(
                "invalid-value", f"{_shown(region)} is no region's code: two lower-case letters."
            ) from None


def _at(control_plane: str) -> str:
    return f"/v2/control-planes/{_id(control_plane)}"


def _id(text: str) -> str:
    """An id as one segment of a path. Raises KonnectError `not-in-konnect` for what can be none."""
    if not _ID.fullmatch(text):
        raise KonnectError("not-in-konnect", f"{_shown(text)} can't be an id of Konnect's.")
    return text


def _shown(text: str) -> str:
    return printable(text)[:256]


def _before(created_at: str, moment: datetime) -> bool:
    """Whether something was certainly made before that moment."""
    try:
        made = datetime.fromisoformat(created_at)
    except ValueError:
        return False
    return made.tzinfo is not None and made < moment
