"""Reading what was sent: bodies, pages and cursors, each with the fault Konnect would find."""

from typing import Any, Final

import msgspec
from aiohttp import web

from konnect_tui.training.rest.faults import Refusal, constraint, invalid, legacy, wrong

MOST_BYTES: Final = 1 << 20
LARGEST_PAGE: Final = 1000
DEFAULT_PAGE: Final = 10
_LARGEST_NUMBER: Final = 2**31 - 1


async def body(request: web.Request) -> dict[str, Any]:
    """The JSON object that was sent. Raises Refusal, Konnect's “invalid request format”."""
    found = await _json(request)
    if not isinstance(found, dict):
        raise invalid("Invalid request format", wrong("body", "is_object", "request format is invalid", source="body"))
    return found


async def legacy_body(request: web.Request) -> dict[str, Any]:
    """The JSON object that was sent to the configuration API. Raises Refusal."""
    found = await _json(request)
    if not isinstance(found, dict):
        raise legacy(400)
    return found


async def _json(request: web.Request) -> object:
    """None for what is no JSON, or far too much of it, or not in the encoding it claims."""
    try:
        found: object = msgspec.json.decode(await request.read())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    except (web.HTTPRequestEntityTooLarge, web.RequestPayloadError):
        return None
    return found


def page(request: web.Request) -> tuple[int, int]:
    """Size and number (from 1) of the page asked for. Raises Refusal."""
    size = _number(request, "page[size]", DEFAULT_PAGE, LARGEST_PAGE)
    return size, _number(request, "page[number]", 1, _LARGEST_NUMBER)


def _number(request: web.Request, name: str, default: int, most: int) -> int:
    written = request.query.get(name, "")
    if not written:
        return default
    value = _integer(written)
    if value is None:
        raise _bad(wrong(name, "is_integer", "must be an integer", source="query"))
    if value < 1:
        raise _bad(wrong(name, "min", "must be at least 1", minimum=1, source="query"))
    if value > most:
        raise _bad(wrong(name, "max", f"must not be more than {most}", maximum=most, source="query"))
    return value


def _bad(parameter: dict[str, Any]) -> Refusal:
    return invalid("Invalid request parameters", parameter)


def cursor(request: web.Request) -> tuple[int, int]:
    """Size of the page and the place it begins behind. Raises Refusal, in the configuration API's form."""
    size = _integer(request.query.get("page[size]", "") or str(DEFAULT_PAGE))
    after = _integer(request.query.get("page[after]", "") or "0", base=36)
    if size is None or not 1 <= size <= LARGEST_PAGE:
        raise constraint("page.size", f"must be a number from 1 to {LARGEST_PAGE}")
    if after is None or after < 0:
        raise constraint("page.after", "is no cursor of this list")
    return size, after


def written_cursor(place: int) -> str:
    """A place as clients are given it: nothing they should look into."""
    digits = ""
    while place:
        place, digit = divmod(place, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


def _integer(text: str, base: int = 10) -> int | None:
    if not text.isascii() or not text.removeprefix("-").isalnum() or len(text) > 12:
        return None
    try:
        return int(text, base)
    except ValueError:
        return None
