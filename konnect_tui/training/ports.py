"""Ports that close with the context they were opened in, however early that ends."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

from aiohttp import web


def bound(stack: AsyncExitStack, address: str, *ports: int) -> socket.socket:
    """A socket on the first of these ports that can be had; 0 is any. Raises OSError where none can."""
    first, *others = ports
    try:
        listening = socket.create_server((address, first))
    except OSError:
        if not others:
            raise
        return bound(stack, address, *others)
    return stack.enter_context(listening)


async def prepared(stack: AsyncExitStack, runner: web.AppRunner) -> web.Server:
    """The server that answers for the runner's application; it ends with `stack`."""
    stack.push_async_callback(runner.cleanup)
    await runner.setup()
    if runner.server is None:
        raise RuntimeError("aiohttp has set up no server")
    return runner.server


async def listen(stack: AsyncExitStack, protocol: Callable[[], asyncio.BaseProtocol], **where: Any) -> None:
    """Serve that protocol where `create_server` of the event loop is told to, until `stack` ends.

    aiohttp's own sites, and the loop where it starts to serve at once, leave an open port behind when they are
    cancelled in that moment. Raises OSError.
    """
    server = await asyncio.get_running_loop().create_server(protocol, start_serving=False, **where)
    stack.callback(server.close)
    await server.start_serving()
