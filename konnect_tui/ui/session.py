"""A connection to Konnect for as long as the wizard runs: whose it is, and what it has told so far."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, TypeVar

from konnect_tui.errors import KonnectError
from konnect_tui.flow.connecting import ENVIRONMENT, SAVED, TYPED, Connecting
from konnect_tui.flow.step import Saved, Scene
from konnect_tui.konnect.regions import REGIONS, Region

if TYPE_CHECKING:
    from konnect_tui.konnect.client import Client
    from konnect_tui.konnect.models import Organization
    from konnect_tui.konnect.tokens import Token
    from konnect_tui.konnect.transport import Waiting
    from konnect_tui.secret import Secret
    from konnect_tui.services import Services

T = TypeVar("T")


class Session:
    """An open client and the organisation its token belongs to. The app closes it.

    `origin` says in words where the token came from. `regions` is this release's table until Konnect's own list
    is there. `faults` says of a region, by its code, why it could not be listed when that was last tried.
    """

    def __init__(self, client: "Client", organization: "Organization", origin: str) -> None:
        self.client = client
        self.organization = organization
        self.origin = origin
        self.regions: tuple[Region, ...] = REGIONS
        self.regions_known = False
        self.faults: dict[str, str] = {}
        self._open = AsyncExitStack()

    @property
    def elsewhere(self) -> str:
        """Which API this is, where it is not Konnect's own; else empty."""
        hosts = self.client.hosts
        return "" if hosts.live else hosts.domain

    def others(self, region: str) -> Mapping[str, Region]:
        """All regions but this one, by code."""
        return {each.code: each for each in self.regions if each.code != region}

    async def learn_regions(self) -> None:
        """Ask which regions there are, once. Where Konnect does not say, the table stays."""
        if not self.regions_known:
            self.regions = await self.client.regions()
            self.regions_known = True

    async def close(self) -> None:
        """Let go of all connections."""
        await self._open.aclose()

    def on_close(self, held: AsyncExitStack) -> None:
        """What has to be closed then."""
        self._open = held


async def begin(services: "Services", token: "Secret", origin: str, waiting: "Waiting") -> Session:
    """Connect, and ask whose token it is. `waiting` hears why a request is tried again.

    Raises KonnectError, as the client does; nothing stays open then, nor when this is cancelled.
    """
    from konnect_tui.konnect.transport import load

    await asyncio.to_thread(load)
    async with AsyncExitStack() as held:
        client = await held.enter_async_context(services.konnect(token, waiting))
        session = Session(client, await client.organization(), origin)
        session.on_close(held.pop_all())
    return session


def offered(services: "Services") -> tuple[Connecting, str]:
    """The tokens that there are, without asking a keyring, and where one would be sent; and what is wrong with that."""
    found = [Saved(ENVIRONMENT, "KONNECT_TOKEN", "The token in this variable of the environment.")]
    if not services.environ.get("KONNECT_TOKEN"):
        found.clear()
    try:
        profiles, problems = services.tokens.profiles()
    except KonnectError as fault:
        return Connecting(offered=tuple(found)), f"{fault.message} {fault.hint}"
    for each in profiles:
        place = "keyring" if each.place == "keyring" else "a file"
        saved = f"Saved {each.saved:%Y-%m-%d}, for {services.hosts.domain}."
        found.append(Saved(SAVED + each.name, f"{place}, profile {each.name} · {each.organization}", saved))
    api = "" if services.hosts.live else services.hosts.template
    return Connecting(offered=tuple(found), api=api), problems[0].message if problems else ""


async def connect(
    services: "Services", state: Connecting, scene: Scene, typed: "Secret | None", waiting: "Waiting"
) -> tuple[Session, str]:
    """Connect with the token that was chosen, and keep it if that is wished; what has to be said about that.

    Raises KonnectError: what finding the token raises, and what the client does.
    """
    taken = state.taken(scene)
    token = await _beside(lambda: _token(services, taken, typed))
    session = await begin(services, token.secret, token.source, waiting)
    if taken != TYPED or not state.keep:
        return session, ""
    profile = state.profile or None
    try:
        await _beside(
            lambda: services.tokens.save(
                token.secret, session.organization, services.now(), profile=profile, place="keyring"
            )
        )
    except KonnectError as fault:
        return session, f"The token is used, but was not kept. {fault.message} {fault.hint}"
    return session, f"The token is kept in the keyring, profile {profile or 'default'}."


def _token(services: "Services", taken: str, typed: "Secret | None") -> "Token":
    from konnect_tui.konnect.token_text import token
    from konnect_tui.konnect.tokens import Token

    if taken == TYPED:
        return Token(token(typed.reveal() if typed else b"", "What was typed"), "what was typed")
    if taken.startswith(SAVED):
        return services.tokens.saved(taken.removeprefix(SAVED))
    return services.tokens.find()


async def _beside(question: Callable[[], T]) -> T:
    """The answer, found in a thread that nobody waits for when the wizard is left: a keyring may hang for a minute."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, fault: Exception | None) -> None:
        if answer.done():
            return
        if fault is not None:
            answer.set_exception(fault)
        else:
            answer.set_result(result)  # type: ignore[arg-type]  # there is one wherever there is no fault

    def ask() -> None:
        result, fault = None, None
        try:
            result = question()
        except Exception as caught:  # noqa: BLE001 - whatever it is, it is raised where the answer is awaited
            fault = caught
        with suppress(RuntimeError):  # the wizard was left meanwhile
            loop.call_soon_threadsafe(settle, result, fault)

    threading.Thread(target=ask, name="token", daemon=True).start()
    return await answer
