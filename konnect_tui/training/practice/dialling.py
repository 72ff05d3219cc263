"""From a name to an open TLS connection, with Kong's words for every way that it fails.

Sources: Kong/lua-resty-websocket, `lib/resty/websocket/client.lua`; openresty/lua-nginx-module,
`src/ngx_http_lua_socket_tcp.c`.
"""

import asyncio
import errno
import os
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from konnect_tui.training.practice.broken import Broken
from konnect_tui.training.practice.forward_proxy import tunnel
from konnect_tui.training.practice.presenting import Presenting
from konnect_tui.training.practice.relay import Relay
from konnect_tui.training.practice.settings import Peer, Proxy

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Reading = tuple[asyncio.StreamReader, asyncio.Transport]

_UNREACHED: Final = {errno.ECONNREFUSED: "connection refused", errno.ETIMEDOUT: "timeout"}
_GOODBYE: Final = 1.0
_OTHER_NAME: Final = (62, 64)
"""X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH."""


class Dialler:
    """Opens a node's connections. `patience` is in seconds, for each step.

    `to_proxy` is TLS to the proxy, None where it is reached without. `handshake` begins what is said of TLS.
    """

    def __init__(
        self,
        presenting: Presenting,
        proxy: Proxy | None = None,
        to_proxy: ssl.SSLContext | None = None,
        *,
        patience: float,
        handshake: str = "ssl handshake failed",
    ) -> None:
        self._presenting = presenting
        self._proxy = proxy
        self._to_proxy = to_proxy
        self._patience = patience
        self._handshake = handshake
        self._relay = Relay()

    @asynccontextmanager
    async def open(self, peer: Peer) -> AsyncIterator[Streams]:
        """A connection to that peer, closed afterwards. Raises Broken."""
        if self._proxy is None:
            streams = await self._direct(peer)
        else:
            streams = await self._through(self._proxy, peer)
        try:
            yield streams
        finally:
            await _hang_up(streams[1])

    async def _direct(self, peer: Peer) -> Streams:
        _, transport = await _reading(await self._connect(peer.host, peer.port))
        return await self._presented(transport, peer)

    async def _through(self, proxy: Proxy, peer: Peer) -> Streams:
        reader, transport = await _reading(await self._connect(proxy.host, proxy.port))
        if self._to_proxy is not None:
            reader, transport = await self._encrypted(transport, self._to_proxy, proxy.host)
        try:
            async with asyncio.timeout(self._patience):
                await tunnel(reader, transport, peer, proxy)
        except TimeoutError:
            transport.abort()
            raise Broken("failed to connect: timeout") from None
        except BaseException:
            transport.abort()
            raise
        if self._to_proxy is not None:
            _, transport = await _reading(await self._relay.before(reader, transport))
        return await self._presented(transport, peer)

    async def _presented(self, plain: asyncio.Transport, peer: Peer) -> Streams:
        """TLS in which the node presents its certificate."""
        if self._presenting.fault:
            plain.abort()
            raise self._failed(self._presenting.fault)
        reader, transport = await self._encrypted(plain, self._presenting.context, peer.server_name)
        return reader, asyncio.StreamWriter(transport, transport.get_protocol(), reader, asyncio.get_running_loop())

    async def _connect(self, host: str, port: int) -> socket.socket:
        loop = asyncio.get_running_loop()
        words = "no address"
        for family, kind, protocol, _, address in await self._look_up(host, port):
            attempt = socket.socket(family, kind, protocol)
            attempt.setblocking(False)
            try:
                async with asyncio.timeout(self._patience):
                    await loop.sock_connect(attempt, address)
                return attempt
            except TimeoutError:
                words = "timeout"
            except OSError as fault:
                words = _UNREACHED.get(fault.errno or 0) or os.strerror(fault.errno or 0).lower()
            except BaseException:
                attempt.close()
                raise
            attempt.close()
        raise Broken(f"failed to connect: {words}")

    async def _look_up(self, host: str, port: int) -> list[Any]:
        """Every address as `getaddrinfo` gives it."""
        begin = "failed to connect: [cosocket] DNS resolution failed"
        try:
            async with asyncio.timeout(self._patience):
                return await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except socket.gaierror as fault:
            if fault.errno == socket.EAI_NONAME:
                raise Broken(f"{begin}: dns server error: 3 name error") from None
            raise Broken(f"{begin}: {str(fault.strerror).lower()}") from None
        except UnicodeError:
            raise Broken(f"{begin}: dns server error: 3 name error") from None
        except TimeoutError:
            raise Broken(f"{begin}: timeout") from None

    async def _encrypted(self, plain: asyncio.Transport, context: ssl.SSLContext, name: str) -> Reading:
        """TLS on top of a connection that is there. (asyncio leaks one that is cancelled while it makes both.)"""
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        try:
            transport = await asyncio.get_running_loop().start_tls(
                plain, protocol, context, server_hostname=name, ssl_handshake_timeout=self._patience
            )
        except (OSError, ValueError) as fault:
            plain.abort()
            raise self._failed(_why(fault)) from None
        except BaseException:
            plain.abort()
            raise
        if transport is None:
            raise self._failed("closed")
        protocol.connection_made(transport)
        return reader, transport

    def _failed(self, why: str) -> Broken:
        return Broken(f"{self._handshake}: {why}")


async def _reading(connected: socket.socket) -> Reading:
    loop, reader = asyncio.get_running_loop(), asyncio.StreamReader()
    transport, _ = await loop.create_connection(lambda: asyncio.StreamReaderProtocol(reader), sock=connected)
    return reader, transport


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    """Send what is still to be sent, and close; a peer that takes too long about it is left."""
    writer.close()
    try:
        async with asyncio.timeout(_GOODBYE):
            await writer.wait_closed()
    except (TimeoutError, OSError):
        writer.transport.abort()


def _why(fault: OSError | ValueError) -> str:
    """What went wrong in a handshake."""
    if isinstance(fault, ssl.SSLCertVerificationError):
        if fault.verify_code in _OTHER_NAME:
            return "certificate host mismatch"
        return f"{fault.verify_code}: {fault.verify_message}"
    if isinstance(fault, ConnectionAbortedError):  # what asyncio says when it takes too long
        return "timeout"
    if isinstance(fault, ssl.SSLEOFError | ConnectionResetError):
        return "closed"
    return "handshake failed"
