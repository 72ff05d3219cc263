"""What came from Konnect as a value of ours, as leniently as can be done without guessing.

Fields nobody knows are passed over, null is as good as absent, and a number may be written as text or with `.0`. In the
records of long lists, what may be left out and is of another type is left out, so that one odd record hides no other.
What is then still missing or of another type is named.
"""

import re
from functools import cache
from typing import Any, Final, TypeVar, get_args

import msgspec

from konnect_tui.errors import KonnectError
from konnect_tui.konnect.models import ClientCertificate, ControlPlane, Node
from konnect_tui.words import clip, printable

T = TypeVar("T")

_RECORDS: Final = (ControlPlane, ClientCertificate, Node)

_MISSING: Final = re.compile(r"Object missing required field `(.+?)`(?: - at `(.+)`)?")
_WRONG: Final = re.compile(r"Expected `(.+?)`, got `(.+?)`(?: - at `(.+)`)?")


def decode(body: bytes, kind: type[T], doing: str) -> T:
    """The value in a body. Raises KonnectError `konnect-answer`, which names the field."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass  # most answers are as documented; the others are worth a second look
    try:
        return _converted(_without_null(msgspec.json.decode(body)), kind)
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


def _converted(found: Any, kind: type[T]) -> T:
    try:
        return msgspec.convert(found, kind, strict=False)
    except msgspec.ValidationError:
        return msgspec.convert(_spared(found, kind), kind, strict=False)


def _spared(found: Any, kind: Any, inside: bool = False) -> Any:
    """The same without what is of another type, `inside` a record and where it may be left out."""
    if isinstance(found, list):
        return [_spared(each, kind, inside) for each in found]
    if not isinstance(found, dict):
        return found
    struct = _struct(kind)
    if struct is None:
        return {key: _text(value) for key, value in found.items() if not isinstance(value, dict | list)}
    inside = inside or struct in _RECORDS
    kept = {}
    for field in _fields(struct):
        if field.encode_name in found:
            value = _spared(found[field.encode_name], field.type, inside)
            if field.required or not inside or _fits(value, field.type):
                kept[field.encode_name] = value
    return kept


@cache
def _fields(struct: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(struct)


def _struct(kind: Any) -> type[msgspec.Struct] | None:
    """The struct in a type such as `tuple[Node, ...] | None`."""
    inner = get_args(kind)
    if not inner:
        return kind if isinstance(kind, type) and issubclass(kind, msgspec.Struct) else None
    return next(filter(None, map(_struct, inner)), None)


def _fits(value: Any, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError:
        return False
    return True


def _text(value: Any) -> str:
    """A label that is no text as JSON writes it."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


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
