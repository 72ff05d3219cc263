"""One request sent once, over HTTP: connections, trust, proxy, limits. What came back is not yet understood.

Nothing here raises for what goes wrong outside: exceptions of the HTTP library hold the request with its headers, and
whoever prints them prints the token.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode, urlsplit

from msgspec import Struct

from konnect_tui import __version__
from konnect_tui.errors import KonnectError
from konnect_tui.konnect.proxies import Proxy, proxy_for
from konnect_tui.secret import Secret

if TYPE_CHECKING:
    import ssl

    import aiohttp

CONNECTIONS: Final = 4
"""At once; Konnect's edge limits how fast new ones may come (Kong/kong-operator, issue 809)."""
MOST_BYTES: Final = 32 * 1024 * 1024
_TOKEN: Final = re.compile(rb"[\x21-\x7e]+")


def load() -> None:
    """Load all that speaks HTTP: a screen has that done in a thread, since a key can't wait that long."""
    import truststore  # noqa: F401

    from konnect_tui.konnect import faults, names  # noqa: F401 - and with them aiohttp


class Limits(Struct, frozen=True):
    """Seconds a request may take: for its connection, between two pieces of the answer, for all of it."""

    connect: float = 15.0
    silence: float = 30.0
    whole: float = 90.0


class Request(Struct, frozen=True):
    """One request. `doing` says in words what it is for and completes "could not".

    `fresh`: it is about something created a moment ago, for which permissions may still be missing.
    `open`: it is answered without a token as well, so its answer says nothing of one.
    """

    method: str
    base: str
    path: str
    doing: str
    query: Mapping[str, str] = {}
    body: bytes | None = None
    fresh: bool = False
    open: bool = False

    @property
    def url(self) -> str:
        """The whole address."""
        query = urlencode(self.query, quote_via=quote, safe="[]")
        return f"{self.base}{self.path}{'?' if query else ''}{query}"

    @property
    def host(self) -> str:
        """Where it goes, for messages."""
        return urlsplit(self.base).netloc


class Reply(Struct, frozen=True):
    """An answer, whatever it says. `body` is None where it is longer than anything Konnect sends."""

    status: int
    headers: Mapping[str, str]
    body: bytes | None


class Broken(Struct, frozen=True):
    """No answer: the code of the fault, and a sentence about it."""

    code: str
    message: str


class Wire:
    """A few keep-alive connections with one token, or with none."""

    def __init__(self, token: Secret | None, environ: Mapping[str, str], limits: Limits) -> None:
        self._token = token
        self._environ = environ
        self._limits = limits
        self._session: aiohttp.ClientSession | None = None
        self._tls: ssl.SSLContext | None = None

    async def open(self) -> None:
        """Make the session. Nothing is sent yet. Raises KonnectError `token-refused` for what can be no token."""
        import aiohttp

        from konnect_tui.konnect.names import Names

        if self._token is not None and not _TOKEN.fullmatch(self._token.reveal()):
            raise KonnectError("token-refused", "What was given as a token is empty or holds characters no token has.")
        limits, accepted = self._limits, "application/json, application/problem+json"
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=30, resolver=Names()),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(limits.whole, sock_connect=limits.connect, sock_read=limits.silence),
            headers={"User-Agent": f"konnect-tui/{__version__}", "Accept": accepted},
        )

    async def close(self) -> None:
        """Let go of all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def send(self, request: Request) -> Reply | Broken:
        """Send it. Raises KonnectError `bad-proxy`."""
        import aiohttp

        from konnect_tui.konnect.faults import explain

        proxy = proxy_for(request.url, self._environ)
        try:
            return await self._sent(request, proxy)
        except (TimeoutError, aiohttp.ClientError, OSError) as fault:
            return Broken(*explain(fault, request.host, proxy))

    async def _sent(self, request: Request, proxy: Proxy | None) -> Reply:
        from yarl import URL

        if self._session is None:
            raise RuntimeError("the client is not open")
        headers = {}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token.reveal().decode('ascii')}"
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
            return Reply(answer.status, answer.headers, await _whole(answer))

    def _trust(self) -> "ssl.SSLContext":
        """The system's trust store, TLS 1.2 or newer. Made when first needed: it takes a while."""
        if self._tls is None:
            import ssl

            import truststore

            self._tls = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
        return self._tls


async def _whole(answer: "aiohttp.ClientResponse") -> bytes | None:
    """The body as it is after decompression; None where it is too long."""
    pieces, size = [], 0
    async for piece in answer.content.iter_any():
        size += len(piece)
        if size > MOST_BYTES:
            return None
        pieces.append(piece)
    return b"".join(pieces)
