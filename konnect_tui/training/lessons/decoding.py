"""A parsed table → a value of the lesson's types, strictly: every mistake at once, each with its dotted key.

What is known comes from the types themselves, so a new key is one new field there and nothing here.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from typing import Any, Final, TypeVar

import msgspec
from msgspec import inspect

from konnect_tui.answers import nearest
from konnect_tui.errors import Problem, error
from konnect_tui.words import clip, printable

T = TypeVar("T")
_SHOWN: Final = 40


def decode(table: Mapping[str, Any], kind: type[T]) -> "tuple[T | None, tuple[Problem, ...]]":
    """The value that a table of TOML says, or everything that is wrong with it."""
    problems = tuple(_look(table, inspect.type_info(kind), ""))
    if problems:
        return None, problems
    try:
        return msgspec.convert(table, kind), ()
    except msgspec.ValidationError as fault:
        return None, (error("", "invalid-value", f"The file can't be used: {fault}."),)


def _look(value: Any, kind: inspect.Type, field: str) -> Iterable[Problem]:
    description = ""
    if isinstance(kind, inspect.Metadata):
        description = (kind.extra_json_schema or {}).get("description", "")
        kind = kind.type
    match kind:
        case inspect.StructType():
            yield from _table(value, kind, field)
        case inspect.UnionType():
            yield from _one_of(value, kind, field)
        case inspect.VarTupleType():
            yield from _list(value, kind, field)
        case inspect.DictType():
            yield from _free_table(value, kind, field)
        case _:
            yield from _plain(value, kind, field, description)


def _plain(value: Any, kind: inspect.Type, field: str, description: str) -> Iterable[Problem]:
    match kind:
        case inspect.LiteralType():
            if value not in kind.values or isinstance(value, bool):
                yield _unknown_value(value, kind.values, field)
        case inspect.StrType():
            yield from _text(value, kind, field, description)
        case inspect.IntType():
            yield from _number(value, kind, field)
        case inspect.BoolType():
            if not isinstance(value, bool):
                yield _wrong_type(value, field, "true or false")


def _table(value: Any, kind: inspect.StructType, field: str) -> Iterable[Problem]:
    if not isinstance(value, dict):
        yield _wrong_type(value, field, "a table")
        return
    known = {each.encode_name: each for each in kind.fields}
    tags = {kind.tag_field} if kind.tag_field else set()
    for key in value:
        if key not in known and key not in tags:
            near = nearest(key, known)
            hint = f"Did you mean `{near}`?" if near else f"Known here: {', '.join(known) or 'nothing'}."
            yield error(_dotted(field, key), "unknown-key", f"There is no key `{_shown(key)}` here.", hint)
    for key, each in known.items():
        if key in value:
            yield from _look(value[key], each.type, _dotted(field, key))
        elif each.required:
            yield error(_dotted(field, key), "missing-key", f"`{key}` is missing.", f"Write {_told(each.type)}.")


def _one_of(value: Any, kind: inspect.UnionType, field: str) -> Iterable[Problem]:
    """One of several tables, told apart by a word in them; or a value that may be left out."""
    tables = {each.tag: each for each in kind.types if isinstance(each, inspect.StructType)}
    if not tables:
        others = [each for each in kind.types if not isinstance(each, inspect.NoneType)]
        yield from _look(value, others[0], field)
        return
    tag = next(iter(tables.values())).tag_field or ""
    if not isinstance(value, dict):
        yield _wrong_type(value, field, "a table")
    elif tag not in value:
        choices = ", ".join(str(each) for each in tables)
        yield error(_dotted(field, tag), "missing-key", f"`{tag}` is missing.", f"Write one of {choices}.")
    elif not isinstance(value[tag], str) or value[tag] not in tables:
        yield _unknown_value(value[tag], tuple(tables), _dotted(field, tag))
    else:
        yield from _table(value, tables[value[tag]], field)


def _list(value: Any, kind: inspect.VarTupleType, field: str) -> Iterable[Problem]:
    if not isinstance(value, list):
        yield _wrong_type(value, field, "a list")
        return
    yield from _length(value, kind, field, "entries")
    if kind.max_length is None or len(value) <= kind.max_length:
        for number, each in enumerate(value):
            yield from _look(each, kind.item_type, f"{field}[{number}]")


def _free_table(value: Any, kind: inspect.DictType, field: str) -> Iterable[Problem]:
    if not isinstance(value, dict):
        yield _wrong_type(value, field, "a table")
        return
    yield from _length(value, kind, field, "entries")
    for key, each in value.items():
        yield from _look(key, kind.key_type, _dotted(field, key))
        yield from _look(each, kind.value_type, _dotted(field, key))


def _text(value: Any, kind: inspect.StrType, field: str, description: str) -> Iterable[Problem]:
    if not isinstance(value, str):
        yield _wrong_type(value, field, "text")
        return
    faults = tuple(_length(value, kind, field, "characters"))
    yield from faults
    if not faults and kind.pattern is not None and re.search(kind.pattern, value) is None:
        yield error(field, "invalid-value", f"`{_shown(value)}` is not {description}.", f"Write {description}.")


def _number(value: Any, kind: inspect.IntType, field: str) -> Iterable[Problem]:
    if not isinstance(value, int) or isinstance(value, bool):
        yield _wrong_type(value, field, "a whole number")
    elif (kind.ge is not None and value < kind.ge) or (kind.le is not None and value > kind.le):
        said = f"A number from {kind.ge} to {kind.le}."
        yield error(field, "invalid-value", f"`{field}` is out of range.", said)


def _length(
    value: Sequence[Any] | Mapping[Any, Any],
    kind: inspect.VarTupleType | inspect.DictType | inspect.StrType,
    field: str,
    what: str,
) -> Iterable[Problem]:
    if kind.min_length is not None and len(value) < kind.min_length:
        least = f"At least {kind.min_length} {what}."
        yield error(field, "invalid-value", f"`{field}` has {len(value)} {what}.", least)
    if kind.max_length is not None and len(value) > kind.max_length:
        most = f"At most {kind.max_length} {what}."
        yield error(field, "invalid-value", f"`{field}` has {len(value)} {what}.", most)


def _dotted(where: str, key: str) -> str:
    return f"{where}.{_shown(key)}" if where else _shown(key)


def _shown(value: Any) -> str:
    return clip(printable(str(value)), _SHOWN)


def _unknown_value(value: Any, known: tuple[Any, ...], field: str) -> Problem:
    choices = ", ".join(str(each) for each in known)
    near = nearest(value, [str(each) for each in known]) if isinstance(value, str) else None
    hint = f"Did you mean `{near}`?" if near else f"One of {choices}."
    said = f"`{_shown(value)}`" if isinstance(value, str | int) and not isinstance(value, bool) else _type(value)
    return error(field, "unknown-value", f"`{field}` is {said}.", hint)


def _wrong_type(value: Any, field: str, wanted: str) -> Problem:
    return error(field, "wrong-type", f"`{field}` takes {wanted}, not {_type(value)}.")


def _type(value: Any) -> str:
    names = {bool: "true or false", int: "a number", float: "a number with a point", str: "text"}
    containers = {list: "a list", dict: "a table"}
    return (names | containers).get(type(value), "a date or time" if isinstance(value, date | time) else "that")


def _told(kind: inspect.Type) -> str:
    match kind:
        case inspect.Metadata():
            return str((kind.extra_json_schema or {}).get("description", _told(kind.type)))
        case inspect.LiteralType():
            return f"one of {', '.join(str(each) for each in kind.values)}"
        case inspect.VarTupleType():
            return "a list"
        case inspect.StructType() | inspect.DictType():
            return "a table"
        case inspect.IntType():
            return "a whole number"
    return "text"
