"""The stand-in as a server of its own thread, so that the product may run in this process or another."""

import asyncio
import json
import ssl
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from fake_konnect.answers import Answer, legacy, problem
from fake_konnect.api import Request, Unknown, answer
from fake_konnect.state import State

TOKEN = "kpat_MARKED0000fake0000token0000only0000for0000tests"


class FakeKonnect(State):
    """Answers as Konnect does; `close` fails on anything it did not expect and on scripts nobody used.

    `latency` is how long every answer takes, in seconds; `port` 0 takes any that is free; with `tls` it is
    `https://localhost`.
    """

    def __init__(
        self, token: str = TOKEN, *, port: int = 0, latency: float = 0.0, tls: ssl.SSLContext | None = None
    ) -> None:
        super().__init__()
        self.token = token
        self.port = port
        self.latency = latency
        self._tls = tls
        self.requests: list[Request] = []
        self.unexpected: list[str] = []
        self.at_once = 0
        """The most requests that were open at the same time."""
        self._scripts: list[tuple[str, str, Answer]] = []
        self._held: set[asyncio.Task[Any]] = set()
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        if kind is None:
            assert not self.unexpected, f"the product asked for what Konnect does not have: {self.unexpected}"
            assert not self._scripts, f"nobody asked for {[script[:2] for script in self._scripts]}"

    @property
    def url(self) -> str:
        """What `--api-url` takes; each region has a path of its own."""
        base = "https://localhost" if self._tls else "http://127.0.0.1"
        return f"{base}:{self.port}/{{region}}"

    def token_file(self, folder: Path) -> str:
        """A file with the token, closed to others."""
        path = folder / "token"
        path.touch(0o600)
        path.write_text(f"{self.token}\n")
        return str(path)

    def script(self, method: str, path: str, *answers: Answer) -> None:
        """The next answers to this request, in this order. `path` is that of `requests`, without a query."""
        with self._lock:
            self._scripts += [(method, path, answer) for answer in answers]

    def asked(self, method: str, ending: str) -> list[Request]:
        """The requests so far whose path ends so."""
        return [each for each in self.requests if each.method == method and each.path.endswith(ending)]

    # --- the server

    async def _start(self) -> int:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=self._tls)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def _stop(self) -> None:
        for _ in range(5):  # asyncio forgets the sockets of connections that are still being taken in when it closes
            await asyncio.sleep(0)
        held = list(self._held)
        for task in held:  # answers that are still held back
            task.cancel()
        await asyncio.gather(*held, return_exceptions=True)
        await self._runner.cleanup()
        await asyncio.sleep(0)  # sockets are closed in the next round of the loop

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        task = asyncio.current_task()
        assert task is not None
        self._held.add(task)
        self.at_once = max(self.at_once, len(self._held))
        try:
            return await self._handled(request)
        finally:
            self._held.discard(task)

    async def _handled(self, request: web.Request) -> web.StreamResponse:
        seen = Request(
            request.method, request.path, dict(request.query), _body(await request.read()), dict(request.headers)
        )
        with self._lock:
            self.requests.append(seen)
            script = next((each for each in self._scripts if each[:2] == (seen.method, seen.path)), None)
            if script:
                self._scripts.remove(script)
        if self.latency:
            await asyncio.sleep(self.latency)
        if script is None:
            return _whole(self._answer(seen))
        return await self._scripted(request, seen, script[2])

    async def _scripted(self, request: web.Request, seen: Request, script: Answer) -> web.StreamResponse:
        if script.delay and script.act != "drip":
            await asyncio.sleep(script.delay)
        if script.act == "hang":
            await asyncio.sleep(3600)
        if script.act == "drop":
            return _dropped(request)
        if script.act == "raw":
            return _raw(request, script.body or b"")
        done = self._answer(seen) if script.body is None or script.act == "lose" else script
        if script.act == "lose":
            return _dropped(request)
        if script.act in ("half", "cut", "drip"):
            return await _in_pieces(request, done, script)
        return _whole(done)

    def _answer(self, seen: Request) -> Answer:
        region, _, rest = seen.path.removeprefix("/").partition("/")
        given = seen.headers.get("Authorization")
        if given != f"Bearer {self.token}" and (given or rest != "v3/available-regions"):
            if "/dp-client-certificates" in rest:
                return legacy(401, "Unauthorized")
            return problem(401, "Unauthenticated", "A valid token is required")
        with self._lock:
            try:
                return answer(self, region, rest, seen)
            except Unknown as why:
                self.unexpected.append(f"{seen.method} {seen.path} {seen.query}: {why}")
                return Answer(501, b"the stand-in does not know this")


def _body(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return raw


def _whole(answer: Answer) -> web.StreamResponse:
    return web.Response(status=answer.status, body=answer.body, headers=answer.headers)


def _dropped(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def _raw(request: web.Request, data: bytes) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.write(data)
    request.transport.close()
    return web.Response()


async def _in_pieces(request: web.Request, done: Answer, script: Answer) -> web.StreamResponse:
    """The headers promise all of the body; how much comes, and how, is the fault."""
    body = done.body or b""
    response = web.StreamResponse(status=done.status, headers={**done.headers, "Content-Length": str(len(body))})
    await response.prepare(request)
    transport = request.transport
    assert transport is not None
    if script.act == "drip":
        with suppress(ConnectionError):  # the client may give up
            for index in range(len(body)):
                await response.write(body[index : index + 1])
                await asyncio.sleep(script.delay)
        return response
    await response.write(body[: len(body) // 2])
    if script.act == "half":
        transport.abort()
    else:
        transport.close()
    return response
