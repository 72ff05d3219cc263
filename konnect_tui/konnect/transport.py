"""How one request gets to Konnect and its answer back: sent once, understood, tried again where that is safe."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from konnect_tui import __version__
from konnect_tui.errors import KonnectError
from konnect_tui.secret import Secret

if TYPE_CHECKING:
    import aiohttp

Waiting = Callable[[str, float], None]
"""Hears why a request waits, and for how many seconds, before it is tried again."""

TIMEOUT: Final = 30.0
MOST_BYTES: Final = 32 * 1024 * 1024


def unheard(why: str, seconds: float) -> None:
    """Nobody is told."""


def load() -> None:
    """Load all that speaks HTTP: a screen has that done in a thread, since a key can't wait that long."""
    import aiohttp  # noqa: F401


class Transport:
    """One keep-alive connection pool with one token."""

    def __init__(self, token: Secret, *, environ: Mapping[str, str], waiting: Waiting) -> None:
        self._token = token
        self._environ = environ
        self._waiting = waiting
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make the session. Nothing is sent yet."""
        import aiohttp

        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=TIMEOUT), headers={"User-Agent": f"konnect-tui/{__version__}"}
        )

    async def close(self) -> None:
        """Let go of all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def get(self, base: str, path: str, query: Mapping[str, str]) -> bytes:
        """The body of a 200."""
        return await self._send("GET", base, path, query, None)

    async def post(self, base: str, path: str, body: bytes) -> bytes:
        """The body of a 200 or 201."""
        return await self._send("POST", base, path, {}, body)

    async def delete(self, base: str, path: str) -> None:
        """Nothing comes back."""
        await self._send("DELETE", base, path, {}, None)

    async def _send(self, method: str, base: str, path: str, query: Mapping[str, str], body: bytes | None) -> bytes:
        import aiohttp

        if self._session is None:
            raise RuntimeError("the client is not open")
        headers = {"Authorization": f"Bearer {self._token.reveal().decode()}", "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            async with self._session.request(
                method, base + path, params=query, data=body, headers=headers, allow_redirects=False
            ) as answer:
                data = await answer.read()
                if answer.status < 300:
                    return data
                raise _refused(answer.status, path)
        except (TimeoutError, aiohttp.ClientError, OSError) as fault:
            raise KonnectError("konnect-unreachable", f"{base} can't be reached: {type(fault).__name__}.") from None


_CODES: Final = {401: "token-refused", 403: "not-permitted", 404: "not-in-konnect", 409: "name-taken"}


def _refused(status: int, path: str) -> KonnectError:
    return KonnectError(_CODES.get(status, "konnect-fault"), f"Konnect answered {path} with {status}.")
