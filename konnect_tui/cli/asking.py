"""Commands ask Konnect here: the product's one `asyncio.run`, with a terminal that is told what takes long.

Commands are sync, phase by phase: ask Konnect, then the disk, then Konnect again; each phase is a `wait_for` of its
own, so that nothing on disk waits for the network. Ctrl-C cancels what is asked and ends the command.
"""

import gc
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

from konnect_tui.cli.talk import Talk
from konnect_tui.services import Services

if TYPE_CHECKING:
    from konnect_tui.konnect.client import Client
    from konnect_tui.konnect.tokens import Token

T = TypeVar("T")
Doing = str | Callable[[], str]
"""What is going on, in words that may change while it does."""

ASKING: Final = "asking Konnect"
KEYRING: Final = "the system's keyring"


def wait_for(coroutine: Coroutine[Any, Any, T], *, talk: Talk, what: Doing = ASKING) -> T:
    """What the coroutine gives. From the first second on a terminal is told for how long `what` has been going on.

    Raises what the coroutine raises; KeyboardInterrupt after it was cancelled by Ctrl-C and has cleaned up.
    """
    import asyncio

    async def waiting() -> T:
        ticking = asyncio.create_task(_tick(talk, what))
        try:
            return await coroutine
        finally:
            ticking.cancel()
            talk.clear()

    if not gc.isenabled():  # what is loaded stays; from here on a command may live for an hour
        gc.freeze()
        gc.enable()
    return asyncio.run(waiting())


def ask(
    services: Services,
    token: "Token | None",
    question: "Callable[[Client], Coroutine[Any, Any, T]]",
    *,
    talk: Talk,
    what: Doing = ASKING,
) -> T:
    """What Konnect answers to a question that is asked with an open client of that token. Raises as `wait_for`."""

    async def asking() -> T:
        def waits(why: str, seconds: float) -> None:
            talk.say(f"{why}; trying again in {seconds:.0f} s")

        async with services.konnect(token.secret if token else None, waits) as client:
            return await question(client)

    return wait_for(asking(), talk=talk, what=what)


@contextmanager
def patiently(talk: Talk, what: str) -> Iterator[None]:
    """While a call blocks here, a terminal is told after a second what it waits for."""
    from threading import Timer

    telling = Timer(1.0, talk.show, (f"waiting for {what} …",))
    telling.daemon = True
    telling.start()
    try:
        yield
    finally:
        telling.cancel()
        telling.join()
        talk.clear()


async def _tick(talk: Talk, what: Doing) -> None:
    import asyncio

    began = time.monotonic()
    while True:
        await asyncio.sleep(1.0)
        talk.show(f"{what if isinstance(what, str) else what()} … {time.monotonic() - began:.0f} s")
