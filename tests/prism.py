"""Konnect's published contract as a server others wrote (Stoplight Prism), and the door through which it is asked.

Prism serves one file each and leaves `/v2` and the region out of its paths; the door puts that right, and writes down
what Prism finds wrong.
"""

import asyncio
import json
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import TracebackType
from typing import NamedTuple, Self

import aiohttp
from aiohttp import web
from free_ports import free_port

from programs import needs, shared

FILES = ("control-planes-v2", "control-planes-config-v2", "identity-v3")
_ABOUT_CONFIGURATION = ("/dp-client-certificates", "/nodes", "/expected-config-hash")
_STARTS = 60


class Served(NamedTuple):
    """A file of the contract, and where Prism serves it."""

    file: str
    port: int


@contextmanager
def mocks() -> Iterator[dict[str, int]]:
    """Prism answering by itself for every file: file → port. It judges requests and makes answers up."""
    with _running([("mock", file) for file in FILES]) as served:
        yield served


@contextmanager
def guards(upstream: str) -> Iterator[dict[str, int]]:
    """Prism between a client and a server, judging both: file → port. `upstream` has `{region}` in it."""
    rows = [
        (
            "proxy",
            file,
            upstream.format(region="global") + "/v3" if file == "identity-v3" else upstream.format(region="eu") + "/v2",
        )
        for file in FILES
    ]
    with _running(rows) as served:
        yield served


@contextmanager
def _running(rows: Sequence[tuple[str, ...]]) -> Iterator[dict[str, int]]:
    prism, folder = needs("prism"), shared("konnect-api")
    with ExitStack() as stack:
        ports, logs = {}, []
        for mode, file, *upstream in rows:
            port = ports[file] = free_port()
            command = [prism, mode, str(folder / f"{file}.yaml"), *upstream, "-h", "127.0.0.1", "-p", str(port)]
            log = stack.enter_context(NamedTemporaryFile())
            process = stack.enter_context(subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT))
            stack.callback(process.kill)
            logs.append(Path(log.name))
        until = time.monotonic() + _STARTS
        # What connects there might be another's port.
        while not all("Prism is listening" in log.read_text() for log in logs):
            assert time.monotonic() < until, [log.read_text() for log in logs]
            time.sleep(0.1)
        yield ports


class Door:
    """What `--api-url` points at. `prefer` is what Prism is told to do, `violations` what it found wrong."""

    def __init__(self, ports: dict[str, int]) -> None:
        self._ports = ports
        self.prefer = ""
        self.violations: list[str] = []
        self.judged: list[tuple[str, str, int]] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/{{region}}"

    async def _open(self) -> int:
        self._session = aiohttp.ClientSession()
        app = web.Application()
        app.router.add_route("*", "/{region}/{version}/{rest:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def _close(self) -> None:
        await self._session.close()
        await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        rest = "/" + request.match_info["rest"]
        headers = {key: value for key, value in request.headers.items() if key not in ("Host", "Content-Length")}
        if self.prefer:
            headers["Prefer"] = self.prefer
        address = f"http://127.0.0.1:{self._ports[_file(request.match_info['region'], rest)]}{rest}"
        body = await request.read() or None
        async with self._session.request(
            request.method, address, params=request.query, headers=headers, data=body
        ) as answer:
            data = await answer.read()
            self.judged.append((request.method, rest, answer.status))
            self._note(f"{request.method} {rest}", answer.headers.get("sl-violations", "[]"), data)
            kind = answer.headers.get("Content-Type", "")
            return web.Response(status=answer.status, body=data, headers={"Content-Type": kind} if kind else {})

    def _note(self, asked: str, violations: str, data: bytes) -> None:
        """Remember what Prism says is wrong with the request, or with the answer of the server behind it.

        What Prism makes up itself it may find wrong, too: formats it has no words for.
        """
        found = [each for each in json.loads(violations) if self._guarding or each["location"][0] == "request"]
        self.violations += [f"{asked}: {each['location']} {each['message']}" for each in found]
        if b"stoplight.io/prism/errors" in data:
            self.violations.append(f"{asked}: {data.decode()}")

    _guarding = False


class GuardedDoor(Door):
    """A door with a server of ours behind Prism: its answers count as well."""

    _guarding = True


def _file(region: str, rest: str) -> str:
    if region == "global":
        return "identity-v3"
    configuration = any(part in rest for part in _ABOUT_CONFIGURATION)
    return "control-planes-config-v2" if configuration else "control-planes-v2"
