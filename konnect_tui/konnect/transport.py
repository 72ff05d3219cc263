"""How one request gets to Konnect and its answer back: sent, understood, tried again where that is safe."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from konnect_tui.errors import KonnectError
from konnect_tui.konnect import patience
from konnect_tui.konnect.clock import Clock
from konnect_tui.konnect.patience import Outcome
from konnect_tui.konnect.refusals import Unsure, refusal, revoked
from konnect_tui.konnect.wire import MOST_BYTES, Broken, Limits, Reply, Request, Wire
from konnect_tui.secret import Secret
from konnect_tui.words import printable

Waiting = Callable[[str, float], None]
"""Hears why a request waits, and for how many seconds, before it is tried again."""

SKEW: Final = 60.0
"""Seconds that a clock may be off before it is worth a word: a Date header is whole seconds, and answers take some."""


_YEARS: Final = range(1970, 9999)
"""In which a clock may be; beyond, there is no time left to reckon with."""


def unheard(why: str, seconds: float) -> None:
    """Nobody is told."""


class _Answer(Struct, frozen=True):
    """How a try ended. `problem` is the error to end with if no further try helps; None where it went well."""

    outcome: Outcome
    body: bytes = b""
    problem: KonnectError | None = None


class Transport:
    """Requests to Konnect with one token, or with none."""

    def __init__(
        self,
        token: Secret | None,
        *,
        environ: Mapping[str, str],
        waiting: Waiting,
        clock: Clock | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.clock = clock or Clock()
        self._token = token
        self._waiting = waiting
        self._wire = Wire(token, environ, limits or Limits())
        self._taken = False
        self._off = timedelta()

    async def open(self) -> None:
        """Make ready. Nothing is sent yet. Raises KonnectError `token-refused` for what can be no token."""
        await self._wire.open()

    async def close(self) -> None:
        """Let go of all connections."""
        await self._wire.close()

    @property
    def ahead(self) -> float:
        """How many seconds this machine's clock is ahead of Konnect's, give or take one; 0 while that is not known."""
        return self._off.total_seconds()

    @property
    def skew(self) -> float:
        """The same; 0 while that is not worth a word."""
        return self.ahead if abs(self.ahead) > SKEW else 0.0

    def now(self) -> datetime:
        """The time by Konnect's clock, as far as it is known."""
        return self.clock.now() - self._off

    async def ask(self, request: Request) -> bytes:
        """The body of the answer to a request that may be sent again without harm. Raises KonnectError."""
        return await self._ask(request, repeat_unsure=True)

    async def ask_once(self, request: Request) -> bytes:
        """The same for a request that must not be carried out twice: sent again only if it was refused unheard.

        Raises Unsure where it may have been carried out. Whoever asks has to look before it is sent again.
        """
        return await self._ask(request, repeat_unsure=False)

    async def _ask(self, request: Request, *, repeat_unsure: bool) -> bytes:
        begun, tried = self.clock.passed(), 0
        while True:
            answer, tried = await self._send(request), tried + 1
            if answer.problem is None:
                return answer.body
            again = repeat_unsure or not answer.outcome.unsure
            if not (again and await self.waited(answer.outcome, tried, begun, fresh=request.fresh)):
                raise answer.problem

    async def waited(self, outcome: Outcome, tried: int, begun: float, *, fresh: bool = False) -> bool:
        """Wait after the `tried`th try of what was `begun` then. False, at once, where it is time to give up."""
        spent, chance = self.clock.passed() - begun, self.clock.chance()
        found = patience.wait(outcome, tried=tried, spent=spent, now=self.now(), chance=chance, fresh=fresh)
        if found is None:
            return False
        self._waiting(found.why, found.seconds)
        await self.clock.sleep(found.seconds)
        return True

    async def _send(self, request: Request) -> _Answer:
        reply = await self._wire.send(request)
        if isinstance(reply, Broken):
            outcome = Outcome(code=reply.code)
            error = KonnectError(reply.code, f"{reply.message} Could not {request.doing}.")
        else:
            self._look_at_clock(reply.headers.get("Date", ""))
            outcome = Outcome(reply.status, retry_after=reply.headers.get("Retry-After", ""))
            found = self._understood(request, reply, outcome)
            if isinstance(found, bytes):
                self._taken = self._taken or not request.open
                return _Answer(outcome, found)
            error = found
        return _Answer(outcome, problem=Unsure(error, outcome) if outcome.unsure else error)

    def _understood(self, request: Request, reply: Reply, outcome: Outcome) -> bytes | KonnectError:
        """The body of an answer that says yes, else the error it means."""
        doing = request.doing
        if 300 <= reply.status < 400:
            return _elsewhere(reply.headers.get("Location", ""), request)
        if reply.body is None:
            much = f"What {request.host} sent is longer than {MOST_BYTES // 1024 // 1024} MiB. Could not {doing}."
            return KonnectError("konnect-answer", much)
        if reply.status >= 400:
            wanted = patience.seconds(outcome.retry_after, self.now())
            token = self._token.reveal().decode("ascii") if self._token else ""
            error = refusal(reply.status, reply.body, doing, wanted, token)
            return revoked(doing) if error.code == "token-refused" and self._taken else error
        if reply.body.lstrip()[:1] == b"<":
            return KonnectError("not-konnect", f"A web page came in place of Konnect's answer. Could not {doing}.")
        return reply.body

    def _look_at_clock(self, date: str) -> None:
        """Learn from the Date header how far this machine's clock is off."""
        try:
            theirs = parsedate_to_datetime(date)
        except ValueError:
            return
        if theirs.year not in _YEARS:
            return
        self._off = self.clock.now() - theirs.replace(tzinfo=theirs.tzinfo or UTC)


def _elsewhere(location: str, request: Request) -> KonnectError:
    """The error for a redirect. None is followed: the token would go where nobody checked."""
    try:
        there = urlsplit(location).hostname or ""
    except ValueError:
        there = ""
    where = f"sends on to {printable(there)[:100]}" if there else "sends on to another address"
    message = f"{request.host} {where}, where the token was not sent. Could not {request.doing}."
    return KonnectError("redirected", message)
