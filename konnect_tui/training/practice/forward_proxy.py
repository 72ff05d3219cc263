"""A tunnel through a forward proxy (CONNECT, RFC 9110 section 9.3.6), with Kong's words for every way it fails."""

import asyncio
import re
from base64 import b64encode
from typing import Final

from konnect_tui.training.practice.broken import Broken
from konnect_tui.training.practice.head import head
from konnect_tui.training.practice.settings import Peer, Proxy

_MOST_HEADER: Final = 16 * 1024
_STATUS: Final = re.compile(rb"HTTP/1\.[01] (\d{3})\b")


async def tunnel(reader: asyncio.StreamReader, transport: asyncio.Transport, peer: Peer, proxy: Proxy) -> None:
    """Ask the proxy at the end of this connection for a tunnel to the peer. Raises Broken."""
    lines = [f"CONNECT {peer.host}:{peer.port} HTTP/1.1", f"Host: {peer.host}:{peer.port}"]
    if proxy.credentials is not None:
        lines.append(f"Proxy-Authorization: Basic {b64encode(proxy.credentials.reveal()).decode()}")
    transport.write("\r\n".join((*lines, "", "")).encode())
    status, _ = await head(reader, _STATUS, _MOST_HEADER)
    if status != 200:
        raise Broken(f"error establishing a connection to the proxy server, got status {status}")
