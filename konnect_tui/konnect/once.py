"""Something made exactly once, although its answer may get lost: look first, then repeat."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from konnect_tui.errors import KonnectError
from konnect_tui.konnect.decoding import decode
from konnect_tui.konnect.refusals import Unsure
from konnect_tui.konnect.transport import Transport
from konnect_tui.konnect.wire import Request

T = TypeVar("T")

_CONFLICTS: Final = ("name-taken", "already-there")


async def made_once(
    transport: Transport, request: Request, kind: type[T], look: Callable[[], Awaitable[T | None]]
) -> T:
    """What a POST made. `look` says whether it is there by now.

    It is looked for after an answer that was lost, that can't be read, or that failed, and where a repetition meets
    what the first try must have made. Raises KonnectError.
    """
    begun, tried, lost = transport.clock.passed(), 0, False
    while True:
        tried += 1
        try:
            return decode(await transport.ask_once(request), kind, request.doing)
        except Unsure as fault:
            problem: KonnectError = fault
            lost, again = True, await transport.waited(fault.outcome, tried, begun)
        except KonnectError as fault:
            if fault.code != "konnect-answer" and not (lost and fault.code in _CONFLICTS):
                raise
            problem, again = fault, False
        try:
            there = await look()
        except KonnectError as fault:
            if fault.code not in _CONFLICTS:
                unknown = f"Konnect's answer was lost: it may have done what it was asked, to {request.doing}."
                fault.context = " ".join(filter(None, (unknown, fault.context)))
            raise
        if there is not None:
            return there
        if not again:
            raise problem
