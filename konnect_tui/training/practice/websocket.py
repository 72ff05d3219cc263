"""A WebSocket to a control plane, with Kong's words for every way that it fails.

The protocol itself is the `websockets` library's, without its input and output. Source of the words:
Kong/lua-resty-websocket, `lib/resty/websocket/{client,protocol}.lua`.
"""

import asyncio
import logging
import re
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from msgspec import Struct
from websockets.client import ClientProtocol
from websockets.exceptions import PayloadTooBig
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import WebSocketURI

from konnect_tui.training.practice.broken import Broken
from konnect_tui.training.practice.dialling import Dialler, Streams
from konnect_tui.training.practice.head import head
from konnect_tui.training.practice.settings import Peer

_CHUNK: Final = 64 * 1024
_MOST_HEADER: Final = 64 * 1024
_SWITCHED: Final = 101
_STATUS: Final = re.compile(rb"\s*HTTP/1\.1\s+(\d{3})\b")
_GONE: Final = "failed to receive the first 2 bytes: closed"


class Message(Struct, frozen=True):
    """What came: `binary`, `text`, `ping`, `pong` or `close`."""

    kind: str
    data: bytes


class Socket:
    """An open WebSocket."""

    def __init__(self, streams: Streams, protocol: ClientProtocol) -> None:
        self._reader, self._writer = streams
        self._protocol = protocol
        self._waiting: deque[Message] = deque()
        self._parts: list[bytes] = []
        self._kind = ""
        self.take(b"")

    async def send(self, data: bytes) -> None:
        """Send a binary message. Raises Broken."""
        self._require_open()
        self._protocol.send_binary(data)
        await self._flush()

    async def ping(self, payload: bytes) -> None:
        """Send a ping. Raises Broken."""
        self._require_open()
        self._protocol.send_ping(payload)
        await self._flush()

    async def receive(self) -> Message:
        """The next message. A ping has been answered when it comes. Raises Broken. May be cancelled at any time."""
        while not self._waiting:
            if self._protocol.parser_exc is not None:
                too_big = isinstance(self._protocol.parser_exc, PayloadTooBig)
                raise Broken("exceeding max payload len" if too_big else str(self._protocol.parser_exc))
            try:
                data = await self._reader.read(_CHUNK)
            except OSError:
                data = b""
            if not data:
                raise Broken(_GONE)
            self.take(data)
            await self._flush()
        return self._waiting.popleft()

    async def close(self) -> None:
        """Say goodbye, if the other side is still there."""
        if self._protocol.state is State.OPEN:
            self._protocol.send_close()
            await self._flush()

    def take(self, data: bytes) -> None:
        """Take bytes that have come."""
        if data:
            self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Frame):
                self._take(event)

    def _take(self, frame: Frame) -> None:
        if frame.opcode not in (Opcode.BINARY, Opcode.TEXT, Opcode.CONT):
            self._waiting.append(Message(frame.opcode.name.lower(), bytes(frame.data)))
            return
        if frame.opcode is not Opcode.CONT:
            self._kind = frame.opcode.name.lower()
        self._parts.append(bytes(frame.data))
        if frame.fin:
            self._waiting.append(Message(self._kind, b"".join(self._parts)))
            self._parts = []

    def _require_open(self) -> None:
        if self._protocol.state is not State.OPEN:
            raise Broken("closed")

    async def _flush(self) -> None:
        self._writer.writelines(part for part in self._protocol.data_to_send() if part)
        try:
            await self._writer.drain()
        except OSError:
            raise Broken("closed") from None


@asynccontextmanager
async def connected(dialler: Dialler, peer: Peer, target: str, *, patience: float, most: int) -> AsyncIterator[Socket]:
    """A WebSocket at that path and query; messages have at most `most` bytes. Raises Broken."""
    protocol = ClientProtocol(WebSocketURI(True, peer.host, peer.port, target, ""), max_size=most, logger=_SILENT)
    request = protocol.connect()
    del request.headers["Host"]
    request.headers["Host"] = f"{peer.host}:{peer.port}"
    protocol.send_request(request)
    async with dialler.open(peer) as streams:
        try:
            async with asyncio.timeout(patience):
                await _shake(streams, protocol)
        except TimeoutError:
            raise Broken("failed to receive response header: timeout") from None
        yield Socket(streams, protocol)


async def _shake(streams: Streams, protocol: ClientProtocol) -> None:
    reader, writer = streams
    try:
        writer.writelines(protocol.data_to_send())
        await writer.drain()
    except OSError:
        raise Broken("failed to receive response header: closed") from None
    status, header = await head(reader, _STATUS, _MOST_HEADER)
    if status != _SWITCHED:
        raise Broken(f"unexpected HTTP response code: {status}")
    protocol.receive_data(header)
    if protocol.handshake_exc is not None:
        raise Broken(f"unexpected HTTP response: {protocol.handshake_exc}")


_SILENT: Final = logging.getLogger("konnect_tui.practice")
_SILENT.disabled = True
