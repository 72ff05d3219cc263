"""Host names resolved so that nobody has to wait for an answer that does not come.

The system's resolver can't be interrupted, and asyncio waits at its end for the threads it lent to it. A thread that
nobody waits for lets Ctrl-C and the time limit work at once, however long DNS hangs.
"""

import asyncio
import socket
import threading
from contextlib import suppress

from aiohttp.abc import AbstractResolver, ResolveResult

Answer = asyncio.Future[list[ResolveResult]]


class Names(AbstractResolver):
    """The system's resolver, asked in a thread of its own each time."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a name. Raises OSError where there are none."""
        loop = asyncio.get_running_loop()
        answer: Answer = loop.create_future()

        def ask() -> None:
            found: list[ResolveResult] | OSError
            try:
                found = _look_up(host, port, family)
            except OSError as fault:
                found = fault
            except UnicodeError:  # a label that is empty or too long
                found = OSError("no name of a host")
            with suppress(RuntimeError):  # the loop is closed: nobody wants to know any more
                loop.call_soon_threadsafe(_tell, answer, found)

        threading.Thread(target=ask, name="resolving", daemon=True).start()
        return await answer

    async def close(self) -> None:
        """Nothing is kept."""


def _look_up(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family, flags=socket.AI_ADDRCONFIG)
    return [
        ResolveResult(
            hostname=host, host=str(address[0]), port=port, family=kind, proto=protocol, flags=socket.AI_NUMERICHOST
        )
        for kind, _, protocol, _, address in found
    ]


def _tell(answer: Answer, found: list[ResolveResult] | OSError) -> None:
    if answer.done():  # cancelled meanwhile
        return
    if isinstance(found, OSError):
        answer.set_exception(found)
    else:
        answer.set_result(found)
