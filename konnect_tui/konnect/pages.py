"""Lists that come in pieces: read to their end, and no further than a list can honestly be."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final, Protocol, TypeVar
from urllib.parse import parse_qs, urlsplit

from konnect_tui.errors import KonnectError

MOST: Final = 200_000
"""Items of one list. Ten times what anybody has was seen to be quick; a list that goes on is none."""
AHEAD: Final = 3
"""Pages asked for before the one in front of them has come."""


class Identified(Protocol):
    """Anything with an id."""

    @property
    def id(self) -> str:
        """Konnect's."""
        ...


Item = TypeVar("Item", bound=Identified)


async def numbered(
    ask: Callable[[int], Awaitable[tuple[tuple[Item, ...], int]]], doing: str
) -> AsyncGenerator[tuple[tuple[Item, ...], int], None]:
    """The pages of a numbered list and the total as Konnect says, each item once. `ask(n)` is page n, from 1.

    The first is given out as soon as it is there; the rest are asked for a few at a time and come in order. Where a
    list changes meanwhile, items move between pages: what came before is left out.
    Raises KonnectError `endless-list` for a page that only repeats the one before it, and for a list without end.
    """
    waiting: deque[asyncio.Task[tuple[tuple[Item, ...], int]]] = deque()
    seen: set[str] = set()
    before: tuple[Item, ...] = ()
    asked, length = 1, 0
    page, total = await ask(1)
    try:
        while True:
            fresh = tuple({item.id: item for item in page if item.id not in seen}.values())
            if page and not fresh and [item.id for item in page] == [item.id for item in before]:
                raise _endless(doing, "one page is the same as the one before it")
            if fresh or asked == 1:
                yield fresh, total
            seen.update(item.id for item in fresh)
            length, before = max(length, len(page)), page
            if not fresh or len(seen) > MOST or 0 < total <= len(seen):
                break
            while len(waiting) < AHEAD and (not waiting or asked * length < total):
                asked += 1
                waiting.append(asyncio.ensure_future(ask(asked)))
            page, total = await waiting.popleft()
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    if len(seen) > MOST:
        raise _endless(doing, f"it has more than {MOST} entries")


async def by_cursor(ask: Callable[[str], Awaitable[tuple[tuple[Item, ...], str]]], doing: str) -> tuple[Item, ...]:
    """All items of a list whose pages name the next one. `ask(cursor)` is a page and the next cursor, from "".

    Raises KonnectError `endless-list` where a cursor comes twice, and for a list without end.
    """
    found: dict[str, Item] = {}
    cursor, cursors = "", set[str]()
    while True:
        items, following = await ask(cursor)
        found |= {item.id: item for item in items}
        cursor = _after(following)
        if not items or not cursor:
            return tuple(found.values())
        if cursor in cursors or len(found) > MOST:
            raise _endless(doing, "its pages lead round in a circle" if cursor in cursors else "it does not end")
        cursors.add(cursor)


def _after(cursor: str) -> str:
    """The cursor itself, also out of a path such as `/v2/…?page[after]=CURSOR`, which is never followed."""
    if "page" not in cursor:
        return cursor
    return next(iter(parse_qs(urlsplit(cursor).query).get("page[after]", ())), cursor)


def _endless(doing: str, why: str) -> KonnectError:
    return KonnectError("endless-list", f"A list from Konnect makes no sense: {why}. Could not {doing}.")
