"""A control plane that does what a test tells it to, byte by byte if need be, on Python's own TLS."""

import asyncio
import gzip
import json
import ssl
import struct
from base64 import b64encode
from collections.abc import Awaitable, Callable
from hashlib import sha1
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from certificate_maker import SERVER, Made, make

from konnect_tui.konnect.endpoint import Endpoint

NAME = "cp.example"
TABLE = {"_format_version": "3.0", "_transform": False}
BINARY, CLOSE, PING, PONG = 2, 8, 9, 10
_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Session:
    """One connection, after TLS. `request` is the request's head."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.request = ""
        peer = writer.get_extra_info("peercert", {}) or {}
        self.presented = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        self.subject = dict(part[0] for part in peer.get("subject", ()))

    async def read_request(self) -> None:
        self.request = (await self._reader.readuntil(b"\r\n\r\n")).decode()

    def header(self, name: str) -> str:
        """A header of the request; empty without it."""
        lines = (line.partition(":") for line in self.request.splitlines())
        return next((value.strip() for key, _, value in lines if key.lower() == name.lower()), "")

    async def raw(self, data: bytes) -> None:
        """Send this as it is."""
        self._writer.write(data)
        await self._writer.drain()

    async def switch(self) -> None:
        """Accept the WebSocket."""
        key = self.header("Sec-WebSocket-Key").encode()
        accept = b64encode(sha1(key + _MAGIC, usedforsecurity=False).digest()).decode()
        await self.raw(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
        )

    async def frame(self, opcode: int, payload: bytes, *, first: int = 0x80) -> None:
        """Send a frame; `first` are the bits above its opcode."""
        length = len(payload)
        if length < 126:
            head = struct.pack("!BB", first | opcode, length)
        elif length < 65536:
            head = struct.pack("!BBH", first | opcode, 126, length)
        else:
            head = struct.pack("!BBQ", first | opcode, 127, length)
        await self.raw(head + payload)

    async def receive(self) -> tuple[int, bytes]:
        """Opcode and payload of the next frame; every client's is masked (RFC 6455 section 5.3)."""
        head, length = await self._reader.readexactly(2)
        assert length & 0x80, "the frame is not masked"
        length &= 0x7F
        if length == 126:
            [length] = struct.unpack("!H", await self._reader.readexactly(2))
        elif length == 127:
            [length] = struct.unpack("!Q", await self._reader.readexactly(8))
        mask = await self._reader.readexactly(4)
        payload = await self._reader.readexactly(length)
        return head & 0x0F, bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))

    async def expect(self, opcode: int) -> bytes:
        """The payload of the next frame, which has to be of that kind; pings in between are answered."""
        while True:
            found, payload = await self.receive()
            if found == opcode:
                return payload
            assert found == PING, found
            await self.frame(PONG, payload)

    async def introduced(self) -> dict[str, Any]:
        """The node's first message."""
        found: dict[str, Any] = json.loads(await self.expect(BINARY))
        return found

    async def configure(self, config_hash: str | None, table: object = TABLE) -> None:
        """Send a configuration."""
        message = {"type": "reconfigure", "timestamp": 1.0, "config_table": table}
        if config_hash is not None:
            message["config_hash"] = config_hash
        await self.frame(BINARY, gzip.compress(json.dumps(message).encode()))

    async def stay(self) -> None:
        """Answer pings until the node goes."""
        while True:
            opcode, payload = await self.receive()
            if opcode == PING:
                await self.frame(PONG, payload)
            if opcode == CLOSE:
                return


Script = Callable[[Session], Awaitable[None]]


async def normal(session: Session) -> None:
    """What a control plane does when all is well."""
    await session.switch()
    await session.introduced()
    await session.configure("a" * 32)
    await session.stay()


class ScriptedPlane:
    """`async with ScriptedPlane(folder, script) as plane:` it listens; the telemetry door takes everything."""

    def __init__(
        self,
        folder: Path,
        script: Script = normal,
        *,
        name: str = NAME,
        server: Made | None = None,
        ca: Made | None = None,
    ) -> None:
        self.ca = ca or make("the control plane's CA", ca=True)
        self._server_certificate = server or self.ca.issue(name, purposes=SERVER, sans=[name])
        self._folder = folder
        self.script = script
        self.sessions: list[Session] = []
        self.faults: list[BaseException] = []
        self.port = 0

    @property
    def endpoint(self) -> Endpoint:
        """Where it is, for a bundle."""
        return Endpoint(host="127.0.0.1", port=self.port, server_name=NAME, trust=self.ca.pem.decode())

    async def __aenter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        certificate, key = self._folder / "server.crt", self._folder / "server.key"
        certificate.write_bytes(self._server_certificate.pem)
        key.write_bytes(self._server_certificate.secret.reveal())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]
        self._tasks: set[asyncio.Task[None]] = set()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        assert kind is not None or not self.faults, self.faults

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        session = Session(reader, writer)
        try:
            await session.read_request()
            if "/v1/analytics/" in session.request:
                await session.switch()
                await session.stay()
                return
            self.sessions.append(session)
            await self.script(session)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError, ssl.SSLError):
            pass  # the node has gone, or the test is over
        except AssertionError as fault:
            self.faults.append(fault)
        finally:
            self._tasks.discard(task)
            writer.transport.abort()
