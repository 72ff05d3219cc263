"""Ports for what a test lets listen."""

import contextlib
import random
import socket

_APART = 4


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody has, none beside another.

    They lie below those that the system gives to connections, which come and go while a test runs.
    """
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(10_000, 32_000)  # noqa: S311 - spreads, protects nothing
        with socket.socket() as attempt, contextlib.suppress(OSError):
            attempt.bind(("127.0.0.1", port))
            if all(abs(port - other) > _APART for other in found):
                found.append(port)
    return found


def free_port() -> int:
    """One of them."""
    return free_ports(1)[0]
