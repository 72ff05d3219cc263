"""Frames of a client have to be masked (RFC 6455, 5.1). aiohttp takes others, too; a control plane takes none."""

from collections.abc import Callable
from typing import Any, Final, Protocol

from aiohttp import web

_MASKED: Final = 0x80
_LENGTH: Final = 0x7F
_LONGER: Final = {126: 2, 127: 8}
"""Bytes of a length that does not fit into the header's seven bits."""

_BROKEN: Final = b"\xf0\x80"
"""The head of a frame that every reader refuses, with the very code that one without a mask is to be refused with."""


class Reader(Protocol):
    """Takes the bytes of a WebSocket; says whether it is over, and what it left."""

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        """These have come."""

    def feed_eof(self) -> None:
        """No more will."""


class Masked:
    """Hands on to a reader what is masked, and in place of the first frame that is not, one it refuses."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._waiting = b""
        self._payload = 0
        """Bytes that are still to come of the frame that came last."""

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        """These have come. Of a frame's head all is handed on, or nothing yet."""
        data, self._waiting = self._waiting + data, b""
        at = self._payload
        while at + 2 <= len(data):
            if not data[at + 1] & _MASKED:
                return self._reader.feed_data(data[:at] + _BROKEN)
            size = data[at + 1] & _LENGTH
            begin = at + 2 + _LONGER.get(size, 0)
            if begin > len(data):
                break
            at = begin + 4 + (int.from_bytes(data[at + 2 : begin]) if size in _LONGER else size)
        self._waiting, self._payload = data[at:], max(at - len(data), 0)
        return self._reader.feed_data(data[:at])

    def feed_eof(self) -> None:
        """No more will come."""
        self._reader.feed_eof()


class NodeConnection(web.RequestHandler):
    """One connection of a node."""

    __slots__ = ()

    def set_parser(self, parser: Any, data_received_cb: Callable[[], None] | None = None) -> None:
        """From now on it is a WebSocket, which that parser reads."""
        masked: Any = Masked(parser)
        super().set_parser(masked, data_received_cb)
