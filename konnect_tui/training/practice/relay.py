"""A pair of sockets in front of a proxy that is spoken to in TLS, so that TLS within it is TLS on a plain socket.

Kong does the same, with a stream server of its own on a Unix socket (Kong/kong, `kong/templates/nginx.lua`). TLS
within TLS directly breaks in asyncio when a connection ends badly (Python 3.11).
"""

import asyncio
import socket

_CHUNK = 64 * 1024


class Relay:
    """Copies both ways between a connection and a plain socket."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    async def before(self, reader: asyncio.StreamReader, transport: asyncio.Transport) -> socket.socket:
        """The socket that leads to that connection. Closing it closes the connection."""
        near, far = socket.socketpair()
        near.setblocking(False)
        inside = await asyncio.open_connection(sock=far)
        outside = asyncio.StreamWriter(transport, transport.get_protocol(), reader, asyncio.get_running_loop())
        task = asyncio.create_task(_copy((reader, outside), inside))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return near


_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _copy(one: _Streams, other: _Streams) -> None:
    """Until either side ends."""
    ways = [asyncio.create_task(_one_way(one[0], other[1])), asyncio.create_task(_one_way(other[0], one[1]))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        for _, writer in (one, other):
            writer.transport.abort()
            writer.close()


async def _one_way(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(_CHUNK):
            target.write(data)
            await target.drain()
    except OSError:
        return
