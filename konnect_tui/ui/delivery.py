"""What comes after the bundle is made, for a control plane in Konnect: it is given the certificates, nodes arrive."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from konnect_tui.errors import KonnectError, Problem

if TYPE_CHECKING:
    from konnect_tui.converge import Result
    from konnect_tui.converge.standing import Standing
    from konnect_tui.konnect.client import Client
    from konnect_tui.konnect.target import Target
    from konnect_tui.live.upload import Given, Uploading
    from konnect_tui.live.watch import Sight
    from konnect_tui.services import Services
    from konnect_tui.ui.session import Session

TIMEOUT: Final = 1800.0
"""Seconds the nodes are watched for before a key is wanted."""


class Delivery:
    """How far upload and watch of one bundle have come. `heard` is called when there is more to show.

    `session` is None where there is no connection, or nothing is to be uploaded now: then all of it is for later.
    """

    def __init__(
        self,
        services: "Services",
        result: "Result",
        session: "Session | None",
        target: "Target | None",
        heard: Callable[[], None],
    ) -> None:
        self._services = services
        self._result = result
        self._heard = heard
        self.client = session.client if session else None
        self._patience = session.patience if session else None
        self.target = target
        self.given: tuple[Given, ...] = ()
        self._made: set[str] = set()
        self.problems: tuple[Problem, ...] = ()
        self.uploading = self.stopped = False
        self.fault: KonnectError | None = None
        self.sight: Sight | None = None
        self.watching = False
        self.watch_fault: KonnectError | None = None
        self._since = services.now()

    @property
    def bundle(self) -> str:
        """The bundle's folder."""
        return self._result.bundle

    @property
    def live(self) -> bool:
        """Whether Konnect is given anything now."""
        return self.client is not None and self.target is not None and self.accepted

    @property
    def accepted(self) -> bool:
        """Whether the rehearsal let every node in: what would be refused is given to nobody."""
        return self._result.accepted

    @property
    def total(self) -> int:
        """How many certificates Konnect shall have."""
        return len(self._result.uploads)

    @property
    def done(self) -> int:
        """How many of them it has, as far as is known."""
        known = {each.sha256 for each in self.given if each.state in ("done", "present")}
        remembered = {each.sha256 for each in self._result.uploads if each.id} if not self.given else set()
        return len(known | remembered)

    @property
    def complete(self) -> bool:
        """Whether Konnect has all of them."""
        return self.done == self.total

    @property
    def arrived(self) -> bool:
        """Whether all nodes are connected and in sync."""
        return self.sight is not None and bool(self.sight.states) and self.sight.ready

    @property
    def seconds(self) -> int:
        """How long what is going on has been going on."""
        return int((self._services.now() - self._since).total_seconds())

    @property
    def patience(self) -> str:
        """Why Konnect is waited for, while it is; else empty."""
        return self._patience.told if self._patience else ""

    async def upload(self) -> None:
        """Give Konnect what it lacks, and note in the bundle what it has, however this ends."""
        from konnect_tui.live.upload import Uploading, due

        client = self.client
        if client is None:
            raise RuntimeError("there is nobody to give it to")
        self._since, self.uploading, self.stopped, self.fault, self.problems = (
            self._services.now(),
            True,
            False,
            None,
            (),
        )
        self._heard()
        uploading: Uploading | None = None
        try:
            standing = await asyncio.to_thread(self._stands)
            self.target = await self._aimed(client, standing)
            uploading = Uploading(self.target, self._result.plan.bundle, due(standing))
            await uploading.run(client, lambda _, done, total: self._far(uploading))
        except KonnectError as fault:
            self.fault = fault
        except asyncio.CancelledError:
            self.stopped = True
            raise
        finally:
            self.uploading = False
            self._keep(uploading)
            self._heard()

    async def _aimed(self, client: "Client", standing: "Standing") -> "Target":
        """The control plane as it is now: what it was on Review may be long ago."""
        from konnect_tui.converge.propose import refuse
        from konnect_tui.live.aim import aim
        from konnect_tui.live.locate import judge

        target = await aim(client, standing.kept, None)
        refuse(judge(target, standing.kept.draft.control_plane, live=self._services.hosts.live))
        return target

    def _stands(self) -> "Standing":
        from konnect_tui.converge.standing import stands

        standing = stands(self._services.workspace, self._result.plan.bundle)
        if standing is None:
            raise KonnectError("workspace-changed", f"The bundle {self.bundle} was taken away meanwhile.")
        return standing

    def _far(self, uploading: "Uploading | None") -> None:
        if uploading is not None:
            self._take(uploading.given)
            self._heard()

    def _take(self, given: "tuple[Given, ...]") -> None:
        """How it stands now. What was given here stays so when it is found there by another try."""
        self._made |= {each.id for each in given if each.state == "done" and not self._remembered(each)}
        self.given = tuple(
            replace(each, state="done") if each.state == "present" and each.id in self._made else each for each in given
        )

    def _remembered(self, given: "Given") -> bool:
        """Whether the bundle knew it before this page."""
        return any(each.sha256 == given.sha256 and each.id == given.id for each in self._result.uploads)

    def made(self, id: str | None) -> bool:  # noqa: A002 - Konnect's word
        """Whether Konnect was given the certificate of that id here."""
        return id in self._made

    def _keep(self, uploading: "Uploading | None") -> None:
        """At once and not in a thread: whoever cancels must not lose the ids."""
        from konnect_tui.live.record import note

        if uploading is not None:
            self._take(uploading.given)
            self.problems = note(self._services, self._result.plan.bundle, uploading)

    async def watch(self) -> None:
        """Look until all nodes are connected and in sync. May be left at any time."""
        from konnect_tui.converge.standing import remembered
        from konnect_tui.live.watch import subject, watch

        if self.client is None:
            raise RuntimeError("there is nobody to ask")
        self._since, self.watching, self.watch_fault = self._services.now(), True, None
        self._heard()
        try:
            known = await asyncio.to_thread(remembered, self._services.workspace, self._result.plan.bundle)
            if known is not None:
                await watch(self.client, subject(known), limit=TIMEOUT, told=self._seen, now=self._now)
        except KonnectError as fault:
            self.watch_fault = fault
        finally:
            self.watching = False
            self._heard()

    def _now(self) -> float:
        return self._services.now().timestamp()

    def _seen(self, sight: "Sight") -> None:
        self.sight = sight
        self._heard()
