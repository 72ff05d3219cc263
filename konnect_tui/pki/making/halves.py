"""Work shared with a second process, where that pays and is safe.

Making an elliptic-curve key or signature holds the interpreter's lock, so threads gain nothing for a thousand
nodes; a fork gains a second processor. What the other process made comes back through a pipe, never by a file.
"""

import marshal
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Final

Made = tuple[bytes | None, bytes]
"""A private key as it is stored (None where it was there already), and the certificate for it, DER."""

FEW: Final = 64
"""Below this a fork costs more than it gains."""


def in_halves(names: Sequence[str], make: Callable[[str], Made]) -> Iterator[tuple[str, Made]]:
    """`make` for every name, in order. `make` must touch nothing but what it returns."""
    if len(names) < FEW or not _may_fork():
        yield from ((name, make(name)) for name in names)
        return
    middle = len(names) // 2
    reader, writer = os.pipe()
    other = os.fork()
    if other == 0:
        _be_the_other(reader, writer, names[middle:], make)
    os.close(writer)
    with open(reader, "rb") as pipe:
        try:
            yield from ((name, make(name)) for name in names[:middle])
            brought = pipe.read()
        except BaseException:
            from signal import SIGKILL  # a module that costs every start a millisecond

            os.kill(other, SIGKILL)
            os.waitpid(other, 0)
            raise
    _, status = os.waitpid(other, 0)
    if status == 0:
        yield from zip(names[middle:], marshal.loads(brought), strict=True)  # noqa: S302 - our own, from our pipe
    else:
        yield from ((name, make(name)) for name in names[middle:])


def _may_fork() -> bool:
    """Only a process without other threads: one of them could hold a lock at that moment, for ever in the child."""
    threading = sys.modules.get("threading")
    alone = threading is None or threading.active_count() == 1
    return alone and hasattr(os, "fork") and (os.cpu_count() or 1) > 1


def _be_the_other(reader: int, writer: int, names: Sequence[str], make: Callable[[str], Made]) -> None:
    """The second process: makes its half, hands it over and is gone, whatever happens."""
    try:
        os.close(reader)
        with open(writer, "wb") as pipe:
            pipe.write(marshal.dumps([make(name) for name in names]))
        os._exit(0)
    except BaseException:  # noqa: BLE001 - the first process then does this half itself, and meets the fault
        os._exit(1)
