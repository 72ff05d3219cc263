"""How one request gets to Konnect and its answer back: sent, understood, tried again where that is safe."""

import asyncio
import random
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode, urlsplit

from msgspec import Struct

from konnect_tui import __version__
from konnect_tui.errors import KonnectError
from konnect_tui.konnect import patience
from konnect_tui.konnect.patience import Outcome
from konnect_tui.konnect.proxies import Proxy, proxy_for
from konnect_tui.konnect.refusals import Unsure, refusal, revoked
from konnect_tui.secret import Secret
from konnect_tui.words import printable

if TYPE_CHECKING:
    import ssl

    import aiohttp

Waiting = Callable[[str, float], None]
"""Hears why a request waits, and for how many seconds, before it is tried again."""

CONNECTIONS: Final = 4
"""At once; Konnect's edge limits how fast new ones may come (Kong/kong-operator, issue 809)."""
MOST_BYTES: Final = 32 * 1024 * 1024
SKEW: Final = 60.0
"""Seconds that a clock may be off before it is worth a word: a Date header is whole seconds, and answers take some."""
_TOKEN: Final = re.compile(rb"[\x21-\x7e]+")


def unheard(why: str, seconds: float) -> None:
    """Nobody is told."""


def load() -> None:
    """Load all that speaks HTTP: a screen has that done in a thread, since a key can't wait that long."""
    import truststore  # noqa: F401

    from konnect_tui.konnect import faults, names  # noqa: F401 - and with them aiohttp


class Clock:
    """Time and chance, so that tests need not wait for them."""

    def now(self) -> datetime:
        """The time of day by this machine."""
        return datetime.now(UTC)

    def passed(self) -> float:
        """Seconds since some moment; it never goes back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    def chance(self) -> float:
        """Any number from 0 to 1."""
        return random.random()  # noqa: S311 - it spreads retries, it keeps no secret


class Limits(Struct, frozen=True):
    """Seconds a request may take: for its connection, between two pieces of the answer, for all of it."""

    connect: float = 15.0
    silence: float = 30.0
    whole: float = 90.0


class Request(Struct, frozen=True):
    """One request. `doing` says in words what it is for and completes "could not".

    `fresh`: it is about something created a moment ago, for which permissions may still be missing.
    """

    method: str
    base: str
    path: str
    doing: str
    query: Mapping[str, str] = {}
    body: bytes | None = None
    fresh: bool = False
    open: bool = False
    """Whether it is sent without the token."""

    @property
    def url(self) -> str:
        """The whole address."""
        query = urlencode(self.query, quote_via=quote, safe="[]")
        return f"{self.base}{self.path}{'?' if query else ''}{query}"

    @property
    def host(self) -> str:
        """Where it goes, for messages."""
        return urlsplit(self.base).netloc


class _Answer(Struct, frozen=True):
    """What came: a status with its body, or what broke. `problem` is the error to end with if nothing else helps."""

    outcome: Outcome
    body: bytes = b""
    problem: KonnectError | None = None


class Transport:
    """A few keep-alive connections with one token."""

    def __init__(
        self,
        token: Secret,
        *,
        environ: Mapping[str, str],
        waiting: Waiting,
        clock: Clock | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._token = token
        self._environ = environ
        self._waiting = waiting
        self.clock = clock or Clock()
        self._limits = limits or Limits()
        self._session: aiohttp.ClientSession | None = None
        self._tls: ssl.SSLContext | None = None
        self._taken = False
        self._off = timedelta()

    async def open(self) -> None:
        """Make the session. Nothing is sent yet. Raises KonnectError `token-refused` for what can be no token."""
        import aiohttp

        from konnect_tui.konnect.names import Names

        if not _TOKEN.fullmatch(self._token.reveal()):
            raise KonnectError("token-refused", "What was given as a token is empty or holds characters no token has.")
        timeout = aiohttp.ClientTimeout(
            total=self._limits.whole, sock_connect=self._limits.connect, sock_read=self._limits.silence
        )
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=30, resolver=Names()),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=timeout,
            headers={
                "User-Agent": f"konnect-tui/{__version__}",
                "Accept": "application/json, application/problem+json",
            },
        )

    async def close(self) -> None:
        """Let go of all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def ask(self, request: Request) -> bytes:
        """The body of the answer to a request that may be sent again without harm. Raises KonnectError."""
        begun, tried = self.clock.passed(), 0
        while True:
            answer, tried = await self._send(request), tried + 1
            if answer.problem is None:
                return answer.body
            if not await self._waited(answer.outcome, tried, begun, fresh=request.fresh):
                raise answer.problem

    async def ask_once(self, request: Request) -> bytes:
        """The same for a request that must not be carried out twice: sent again only if it was refused unheard.

        Raises Unsure where it may have been carried out. Whoever asks has to look before it is sent again.
        """
        begun, tried = self.clock.passed(), 0
        while True:
            answer, tried = await self._send(request), tried + 1
            if answer.problem is None:
                return answer.body
            if answer.outcome.unsure or not await self._waited(answer.outcome, tried, begun, fresh=request.fresh):
                raise answer.problem

    async def pause(self, tried: int, begun: float, fault: Unsure) -> bool:
        """Wait after the `tried`th request whose outcome is not known; whether there may be another one."""
        return await self._waited(Outcome(500 if fault.code == "konnect-fault" else 0, fault.code), tried, begun)

    async def _waited(self, outcome: Outcome, tried: int, begun: float, *, fresh: bool = False) -> bool:
        """Wait as patience says. False where it says to give up."""
        spent, chance = self.clock.passed() - begun, self.clock.chance()
        found = patience.wait(outcome, tried=tried, spent=spent, now=self.now(), chance=chance, fresh=fresh)
        if found is None:
            return False
        self._waiting(found.why, found.seconds)
        await self.clock.sleep(found.seconds)
        return True

    def now(self) -> datetime:
        """The time by Konnect's clock, as far as it is known."""
        return self.clock.now() - self._off

    @property
    def skew(self) -> float:
        """How many seconds this machine's clock is ahead of Konnect's; 0 while that is not worth a word."""
        off = self._off.total_seconds()
        return off if abs(off) > SKEW else 0.0

    async def _send(self, request: Request) -> _Answer:
        """Send once. What goes wrong comes back as an answer, so that no exception of the library is a cause of ours.

        Those hold the request with its headers, and whoever prints them prints the token.
        """
        import aiohttp

        from konnect_tui.konnect.faults import explain

        proxy = proxy_for(request.url, self._environ)
        try:
            async with self._request(request, proxy) as answer:
                return await self._understood(request, answer)
        except (TimeoutError, aiohttp.ClientError, OSError) as fault:
            code, message = explain(fault, request.host, proxy)
        outcome = Outcome(code=code)
        kind = Unsure if outcome.unsure and request.method == "POST" else KonnectError
        return _Answer(outcome, problem=kind(code, f"{message} Could not {request.doing}."))

    @asynccontextmanager
    async def _request(self, request: Request, proxy: Proxy | None) -> "AsyncIterator[aiohttp.ClientResponse]":
        from yarl import URL

        if self._session is None:
            raise RuntimeError("the client is not open")
        headers = {} if request.open else {"Authorization": f"Bearer {self._token.reveal().decode('ascii')}"}
        if request.body is not None:
            headers["Content-Type"] = "application/json"
        known = proxy.credentials if proxy else None
        async with self._session.request(
            request.method,
            URL(request.url, encoded=True),
            data=request.body,
            headers=headers,
            allow_redirects=False,
            ssl=self._trust() if request.base.startswith("https:") else True,
            proxy=proxy.url if proxy else None,
            proxy_headers={"Proxy-Authorization": known.reveal().decode("ascii")} if known else None,
        ) as answer:
            yield answer

    def _trust(self) -> "ssl.SSLContext":
        """The system's trust store, TLS 1.2 or newer. Made when first needed: it takes a while."""
        if self._tls is None:
            import ssl

            import truststore

            self._tls = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
        return self._tls

    async def _understood(self, request: Request, answer: "aiohttp.ClientResponse") -> _Answer:
        status, doing = answer.status, request.doing
        self._look_at_clock(answer.headers.get("Date", ""))
        if 300 <= status < 400:
            return _Answer(Outcome(status), problem=_elsewhere(answer.headers.get("Location", ""), request))
        body = await _whole(answer)
        outcome = Outcome(status, retry_after=answer.headers.get("Retry-After", ""))
        if body is None:
            much = f"What {request.host} sent is longer than {MOST_BYTES // 1024 // 1024} MiB. Could not {doing}."
            return _Answer(outcome, problem=KonnectError("konnect-answer", much))
        if status >= 400:
            if status == 401 and self._taken:
                return _Answer(outcome, problem=revoked(doing))
            hidden = body.replace(self._token.reveal(), b"[token]")
            kind = Unsure if outcome.unsure and request.method == "POST" else KonnectError
            wanted = patience.seconds(outcome.retry_after, self.now())
            return _Answer(outcome, problem=refusal(status, hidden, doing, wanted, kind=kind))
        if body.lstrip()[:1] == b"<":
            page = f"A web page came in place of Konnect's answer. Could not {doing}."
            return _Answer(outcome, problem=KonnectError("not-konnect", page))
        self._taken = self._taken or not request.open
        return _Answer(outcome, body)

    def _look_at_clock(self, date: str) -> None:
        """Learn from the Date header how far this machine's clock is off."""
        try:
            theirs = parsedate_to_datetime(date)
        except ValueError:
            return
        self._off = self.clock.now() - theirs.replace(tzinfo=theirs.tzinfo or UTC)


async def _whole(answer: "aiohttp.ClientResponse") -> bytes | None:
    """The body as it is after decompression; None where it does not end in reasonable time."""
    pieces, size = [], 0
    async for piece in answer.content.iter_any():
        size += len(piece)
        if size > MOST_BYTES:
            return None
        pieces.append(piece)
    return b"".join(pieces)


def _elsewhere(location: str, request: Request) -> KonnectError:
    """The error for a redirect. None is followed: the token would go where nobody checked."""
    try:
        there = urlsplit(location).hostname or ""
    except ValueError:
        there = ""
    where = f"sends on to {printable(there)[:100]}" if there else "sends on to another address"
    message = f"{request.host} {where}, where the token was not sent. Could not {request.doing}."
    return KonnectError("redirected", message)
