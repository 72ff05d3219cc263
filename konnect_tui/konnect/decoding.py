"""What came from Konnect as a value of ours, as leniently as can be done without guessing.

Fields nobody knows are passed over, null is as good as absent, and a number may be written as text or with `.0`. What
is then still missing or of another type is named.
"""

import re
from typing import Any, Final, TypeVar

import msgspec

from konnect_tui.errors import KonnectError
from konnect_tui.words import clip, printable

T = TypeVar("T")

_MISSING: Final = re.compile(r"Object missing required field `(.+?)`(?: - at `(.+)`)?")
_WRONG: Final = re.compile(r"Expected `(.+?)`, got `(.+?)`(?: - at `(.+)`)?")


def decode(body: bytes, kind: type[T], doing: str) -> T:
    """The value in a body. Raises KonnectError `konnect-answer`, which names the field."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass  # most answers are as documented; the others are worth a second look
    try:
        return msgspec.convert(_without_null(msgspec.json.decode(body)), kind, strict=False)
    except msgspec.ValidationError as fault:
        wrong = _named(str(fault))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        wrong = "it is no JSON" if body.strip() else "it is empty"
    raise KonnectError("konnect-answer", f"What Konnect answered can't be understood: {wrong}. Could not {doing}.")


def _without_null(found: Any) -> Any:
    """The same without any null."""
    if isinstance(found, dict):
        return {key: _without_null(value) for key, value in found.items() if value is not None}
    if isinstance(found, list):
        return [_without_null(value) for value in found if value is not None]
    return found


def _named(words: str) -> str:
    """The library's words as ours: which field is missing or has another type."""
    if missing := _MISSING.fullmatch(words):
        inside = _path(missing[2])
        return f"{inside}{'.' if inside else ''}{missing[1]} is missing"
    if wrong := _WRONG.fullmatch(words):
        return f"{_path(wrong[3]) or 'it'} is {wrong[2]} where {wrong[1]} belongs"
    return clip(printable(words), 200)


def _path(written: str | None) -> str:
    return printable((written or "").removeprefix("$").removeprefix(".").replace("[...]", "[…]"))
