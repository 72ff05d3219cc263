"""TLS between the network and an HTTP protocol, as asyncio's own is, by a server that lets any certificate in."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol

from konnect_tui.pki.serving.tls import Serving, TlsBroken

PATIENCE: Final = 15.0
"""Seconds from the connection to the request that it is for."""

MOST_GREETING: Final = 256 * 1024
"""Bytes before a handshake is over: OpenSSL takes a list of 100 KB."""


class Watcher(Protocol):
    """Hears what becomes of connections."""

    def opened(self, tunnel: "Tunnel") -> bool:
        """One has come; whether it may stay."""

    def broke(self, tunnel: "Tunnel", words: tuple[str, ...]) -> None:
        """TLS failed, with OpenSSL's reasons."""

    def closed(self, tunnel: "Tunnel") -> None:
        """One has gone, for whatever reason."""


class Tunnel(asyncio.Protocol):
    """One connection. The protocol that `inner` makes gets what the client says once the handshake is over."""

    def __init__(self, tls: Serving, inner: Callable[[], asyncio.Protocol], watcher: Watcher) -> None:
        self.tls = tls
        self.spoke = False
        """Whether the client sent anything at all."""
        self._make_inner = inner
        self._watcher = watcher
        self._inner: asyncio.Protocol | None = None
        self._transport: asyncio.Transport | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._received = 0
        self._over = False

    # --- the network's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The network has it."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a stream's is one
        self._transport = transport
        self._deadline = asyncio.get_running_loop().call_later(PATIENCE, self.abort)
        if not self._watcher.opened(self):
            self.abort()

    def data_received(self, data: bytes) -> None:
        """Bytes of TLS have come."""
        self.spoke = True
        try:
            self._take(data)
        except TlsBroken as fault:
            self._break(fault)

    def eof_received(self) -> bool:
        """The client sends nothing more, without having said so."""
        if self._inner is not None:
            self._inner.eof_received()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._over = True
        self.settle()
        if self._inner is not None:
            self._inner.connection_lost(exc)
        self._watcher.closed(self)

    def pause_writing(self) -> None:
        """The client takes nothing at the moment."""
        if self._inner is not None:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        """The client takes more."""
        if self._inner is not None:
            self._inner.resume_writing()

    def _take(self, data: bytes) -> None:
        said = self.tls.receive(data)
        self._flush()
        if not self.tls.established:
            self._received += len(data)
            if self._received > MOST_GREETING:
                self.abort()
            return
        if self._inner is None:
            self._inner = self._make_inner()
            self._inner.connection_made(_Upper(self))
        if said:
            self._inner.data_received(said)
        if self.tls.ended:
            self.close()

    def _break(self, fault: TlsBroken) -> None:
        """Send the alert that says why, and go."""
        self._watcher.broke(self, fault.words)
        self._flush()
        if self._transport is not None:
            self._transport.close()

    def _flush(self) -> None:
        waiting = self.tls.outgoing()
        if waiting and self._transport is not None and not self._over:
            self._transport.write(waiting)

    # --- the protocol's side

    def settle(self) -> None:
        """It has become what it is for: no deadline any more."""
        if self._deadline is not None:
            self._deadline.cancel()

    def write(self, data: bytes) -> None:
        """Encipher and send."""
        if self._over:
            return
        try:
            self.tls.send(data)
        except TlsBroken as fault:
            self._break(fault)
            return
        self._flush()

    def close(self) -> None:
        """Say goodbye and close, once what was written is sent."""
        if self._transport is None or self._transport.is_closing():
            return
        self.tls.close()
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()

    @property
    def lower(self) -> asyncio.Transport:
        """The connection's own transport."""
        if self._transport is None:
            raise RuntimeError("the connection has not been made")
        return self._transport


class _Upper(asyncio.Transport):
    """What the inner protocol takes for its connection. `get_extra_info("tunnel")` gives the tunnel."""

    def __init__(self, tunnel: Tunnel) -> None:
        super().__init__()
        self._tunnel = tunnel

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        if name == "tunnel":
            return self._tunnel
        return self._tunnel.lower.get_extra_info(name, default)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._tunnel.write(bytes(data))

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self._tunnel.write(b"".join(list_of_data))

    def is_closing(self) -> bool:
        return self._tunnel.lower.is_closing()

    def close(self) -> None:
        self._tunnel.close()

    def abort(self) -> None:
        self._tunnel.abort()

    def is_reading(self) -> bool:
        return self._tunnel.lower.is_reading()

    def pause_reading(self) -> None:
        self._tunnel.lower.pause_reading()

    def resume_reading(self) -> None:
        self._tunnel.lower.resume_reading()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._tunnel.lower.set_write_buffer_limits(high, low)

    def get_write_buffer_size(self) -> int:
        return self._tunnel.lower.get_write_buffer_size()

    def can_write_eof(self) -> bool:
        return False
