"""A connection to Konnect for as long as the wizard runs: whose it is, and what it has told so far."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

from konnect_tui.errors import KonnectError
from konnect_tui.flow.connecting import ENVIRONMENT, SAVED, TYPED, Connecting
from konnect_tui.flow.step import Saved, Scene
from konnect_tui.konnect.regions import REGIONS, Region

if TYPE_CHECKING:
    from konnect_tui.konnect.client import Client
    from konnect_tui.konnect.models import Organization
    from konnect_tui.konnect.tokens import Token
    from konnect_tui.secret import Secret
    from konnect_tui.services import Services
    from konnect_tui.ui.loading import Planes

T = TypeVar("T")


class Patience:
    """Hears that a request is tried again, and says so for as long as it waits.

    `keyring` is what is asked of the system's keyring just now, which may want to be unlocked; else it is empty.
    """

    def __init__(self) -> None:
        self.keyring = ""
        self._why, self._until = "", 0.0

    def __call__(self, why: str, seconds: float) -> None:
        """What the client tells, see `konnect.transport.Waiting`."""
        self._why, self._until = why, time.monotonic() + seconds

    @contextmanager
    def of_keyring(self, asked: str) -> Iterator[None]:
        """The keyring is asked this for as long as the context is open."""
        self.keyring = asked
        try:
            yield
        finally:
            self.keyring = ""

    @property
    def told(self) -> str:
        """Why, and for how much longer; empty while nothing waits."""
        left = self._until - time.monotonic()
        return f"{self._why}. Trying again in {left:.0f} s." if left > 0 else ""


class Session:
    """An open client and the organisation its token belongs to. The app closes it.

    `origin` says in words where the token came from, `elsewhere` which API it is where that is not Konnect's own.
    `regions` is this release's table until Konnect's own list is there. `faults` says of a region, by its code, why it
    could not be listed when that was last tried. `services` is the world it was made in, where that isn't the wizard's.
    """

    def __init__(
        self,
        client: "Client",
        organization: "Organization",
        origin: str,
        patience: Patience,
        elsewhere: str = "",
        services: "Services | None" = None,
    ) -> None:
        self.client = client
        self.services = services
        self.elsewhere = elsewhere
        self.organization = organization
        self.origin = origin
        self.patience = patience
        self.regions: tuple[Region, ...] = REGIONS
        self.regions_known = False
        self.faults: dict[str, str] = {}
        self._planes: Planes | None = None
        self._open = AsyncExitStack()

    @property
    def training(self) -> bool:
        """Whether it is one to the embedded organisation."""
        return self.services is not None and self.services.reach.embedded is not None

    def planes_of(self, region: str) -> "Planes":
        """The control planes of a region: those of one region are kept at a time."""
        if self._planes is None or self._planes.region != region:
            from konnect_tui.ui.loading import Planes

            self._planes = Planes(self.client, region)
        return self._planes

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


async def begin(services: "Services", token: "Secret", origin: str, patience: Patience) -> Session:
    """Connect, and ask whose token it is. `patience` hears why a request is tried again, now and later.

    Raises KonnectError, as the client does; nothing stays open then, nor when this is cancelled.
    """
    from konnect_tui.konnect.wire import load

    await asyncio.to_thread(load)
    async with AsyncExitStack() as held:
        client = await held.enter_async_context(services.konnect(token, patience))
        organization, hosts = await client.organization(), services.hosts
        elsewhere = "" if hosts.live else hosts.domain
        session = Session(client, organization, origin, patience, elsewhere, services)
        session.on_close(held.pop_all())
    return session


def explained(fault: KonnectError) -> str:
    """The error in one paragraph; the way out where the token is what is wrong."""
    if fault.code == "token-refused":
        return f"Konnect refuses the token now. Esc goes back to Start, where another can be given. {fault.message}"
    return f"{fault.message} {fault.hint}"


def offered(services: "Services") -> tuple[Connecting, str]:
    """The tokens that there are, without asking a keyring, and where one would be sent; and what is wrong with that."""
    try:
        outright = services.tokens.outright
        profiles, problems = services.tokens.profiles()
    except KonnectError as fault:
        return Connecting(offered=()), f"{fault.message} {fault.hint}"
    found = [Saved(ENVIRONMENT, outright, _OUTRIGHT[outright])] if outright else []
    for each in sorted(profiles, key=lambda each: each.name != services.reach.profile):
        place = "keyring" if each.place == "keyring" else "a file"
        saved = f"Saved {each.saved:%Y-%m-%d}, for {services.hosts.domain}."
        found.append(Saved(SAVED + each.name, f"{place}, profile {each.name} · {each.organization}", saved))
    api = "" if services.hosts.live else services.hosts.template
    return Connecting(offered=tuple(found), api=api), problems[0].message if problems else ""


_OUTRIGHT = {
    "--token-file": "The token in the file that the command line names.",
    "KONNECT_TOKEN": "The token in this variable of the environment.",
}


async def connect(
    services: "Services", state: Connecting, scene: Scene, typed: "Secret | None", patience: Patience
) -> tuple[Session, str]:
    """Connect with the token that was chosen, and keep it if that is wished; what has to be said about that.

    Raises KonnectError: what finding the token raises, and what the client does. Cancelled, it leaves nothing open.
    """
    taken = state.taken(scene)
    with patience.of_keyring("Looking up the saved token in the keyring" if taken.startswith(SAVED) else ""):
        token = await beside(lambda: _token(services, taken, typed))
    session = await begin(services, token.secret, token.source, patience)
    if taken != TYPED or not state.keep:
        return session, ""
    profile = state.profile or None
    try:
        with patience.of_keyring("Keeping the token in the keyring"):
            await beside(
                lambda: services.tokens.save(
                    token.secret, session.organization, services.now(), profile=profile, place="keyring"
                )
            )
    except KonnectError as fault:
        return session, f"The token is used, but was not kept. {fault.message} {fault.hint}"
    except asyncio.CancelledError:
        await session.close()
        raise
    return session, f"The token is kept in the keyring, profile {profile or 'default'}."


def _token(services: "Services", taken: str, typed: "Secret | None") -> "Token":
    from konnect_tui.konnect.token_text import token
    from konnect_tui.konnect.tokens import Token

    if taken == TYPED:
        return Token(token(typed.reveal() if typed else b"", "What was typed"), "what was typed")
    if taken.startswith(SAVED):
        return services.tokens.saved(taken.removeprefix(SAVED))
    return services.tokens.find()


async def beside(question: Callable[[], T]) -> T:
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
