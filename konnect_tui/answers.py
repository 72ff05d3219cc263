"""Draft ↔ answers file (TOML). The shape is checked here; what the values mean is checked in `checks`.

The keys are the field names of the Draft's sections, so a new key is one new field there and nothing here.
Nothing is ever ignored: an unknown key is a problem that names the nearest known one.
"""

import os
import stat
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final, cast

import msgspec
import tomli_w
from msgspec.structs import fields

from konnect_tui.draft import (
    PATH_LISTS,
    PATHS,
    Certificate,
    ControlPlane,
    Draft,
    Gateway,
    Network,
    Node,
    NodeOverride,
    OptionValue,
    Output,
)
from konnect_tui.errors import KonnectError, Problem, error
from konnect_tui.words import deceptive

SCHEMA: Final = 1
LARGEST: Final = 16 * 1024 * 1024
"""Bytes. The manifest of 10,000 nodes needs about 4 MB; a file beyond this is not an answers file."""

_SECTIONS: Final[Mapping[str, type[msgspec.Struct]]] = {
    "control_plane": ControlPlane,
    "certificate": Certificate,
    "gateway": Gateway,
    "node": Node,
    "network": Network,
    "output": Output,
}
_TOP: Final = ("schema", *_SECTIONS, "platform", "manifest")


class Answers(msgspec.Struct, frozen=True):
    """What an answers file says. `manifest` is the raw table of a bundle's own copy, None in any other file."""

    draft: Draft
    problems: tuple[Problem, ...] = ()
    manifest: Mapping[str, Any] | None = None


def read_file(path: str) -> Answers:
    """Read an answers file. Relative paths in it become absolute, from the file's own folder.

    Raises KonnectError `invalid-input` where the file can't be read as TOML at all; what is wrong with
    single keys is in `problems`.
    """
    data = _read_bytes(path)
    try:
        content = data.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError as fault:
        raise _unusable("not-text", f"Byte {fault.start + 1} of {path} is not UTF-8 text.") from None
    if "\0" in content:
        raise _unusable("not-text", f"{path} holds NUL bytes: it is no text file.")
    return loads(content, base=os.path.dirname(os.path.abspath(path)), name=path)


def loads(content: str, *, base: str | None = None, name: str = "the answers") -> Answers:
    """Parse the text of an answers file. With `base`, relative paths are made absolute from there."""
    try:
        table = tomllib.loads(content)
    except tomllib.TOMLDecodeError as fault:
        raise _unusable("toml-syntax", f"{name} is not valid TOML: {fault}.") from None
    except ValueError:  # a number of more digits than Python converts
        raise _unusable("toml-syntax", f"{name} holds a number that is far too long.") from None
    except RecursionError:
        raise _unusable("toml-syntax", f"{name} nests its values too deeply.") from None
    return from_table(table, base=base)


def from_table(table: Mapping[str, Any], *, base: str | None = None) -> Answers:
    """The answers in a parsed table, with a problem for everything that isn't as it should be."""
    problems: list[Problem] = list(_unknown(table, _TOP, ""))
    if "schema" not in table:
        problems.append(error("schema", "missing-key", "`schema` is missing.", "Begin the file with `schema = 1`."))
    elif table["schema"] is True or table["schema"] != SCHEMA:
        message = f"`schema` is {table['schema']!r}; this release reads schema {SCHEMA}."
        problems.append(error("schema", "unknown-schema", message))
    sections = {key: _section(kind, table.get(key, {}), key, base, problems) for key, kind in _SECTIONS.items()}
    draft = Draft(**cast(dict[str, Any], sections), platform=_platforms(table.get("platform", {}), problems))
    manifest = table.get("manifest")
    return Answers(draft, tuple(problems), manifest if isinstance(manifest, dict) else None)


def dumps(draft: Draft) -> str:
    """The draft as the text of an answers file. `loads` of it gives the same draft, unless no text can say it."""
    return text_of(to_table(draft))


def text_of(table: Mapping[str, Any]) -> str:
    """The table as TOML. What would reorder or hide the characters beside it stands there as an escape.

    Outside ASCII there are only basic strings, quoted keys among them, so that an escape is right everywhere.
    Half a surrogate pair, as a file name that is not UTF-8 has, can't stand in TOML at all: it is written as �.
    """
    text = tomli_w.dumps(table)
    if text.isascii():
        return text
    return "".join(_escaped(sign) if deceptive(sign) and not sign.isascii() else sign for sign in text)


def _escaped(sign: str) -> str:
    if "\ud800" <= sign <= "\udfff":
        return "�"
    return f"\\u{ord(sign):04x}" if ord(sign) <= 0xFFFF else f"\\U{ord(sign):08x}"


def to_table(draft: Draft) -> dict[str, Any]:
    """The draft as the table of an answers file; what was not said is left out."""
    said = msgspec.to_builtins(draft, builtin_types=(datetime, date))
    return {"schema": SCHEMA} | {key: value for key, value in said.items() if value}


def _read_bytes(path: str) -> bytes:
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise _unusable("not-a-file", f"{path} is not a file.")
        if status.st_size > LARGEST:
            size = status.st_size // (1024 * 1024)
            raise _unusable("too-large", f"{path} has {size} MB; no answers file is that large.")
        with open(path, "rb") as file:
            return file.read(LARGEST)
    except FileNotFoundError:
        raise _unusable("not-found", f"There is no file {path}.") from None
    except PermissionError:
        raise _unusable("not-readable", f"{path} may not be read by this user.") from None
    except (OSError, ValueError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "its name can't be a path"
        raise _unusable("not-readable", f"{path} can't be read: {reason}.") from None


def _unusable(code: str, message: str) -> KonnectError:
    return KonnectError("invalid-input", message, problems=(error("", code, message),))


def _unknown(table: Mapping[str, Any], known: Iterable[str], where: str) -> Iterable[Problem]:
    known = tuple(known)
    for key in table:
        if key not in known:
            near = nearest(key, known)
            hint = f"Did you mean `{near}`?" if near else f"Known here: {', '.join(known)}."
            place = f"[{where}]" if where else "an answers file"
            yield error(_dotted(where, key), "unknown-key", f"There is no key `{key}` in {place}.", hint)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was most likely meant, if any is near."""
    from difflib import get_close_matches  # only when something is wrong: it costs start-up time

    found = get_close_matches(word.lower(), list(known), 1, 0.6)
    return found[0] if found else None


def _dotted(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _section(
    kind: type[msgspec.Struct], given: Any, where: str, base: str | None, problems: list[Problem]
) -> msgspec.Struct:
    if not isinstance(given, dict):
        problems.append(error(where, "wrong-type", f"`{where}` is a table: write [{where}]."))
        return kind()
    known = {field.name: field.type for field in fields(kind)}
    problems.extend(_unknown(given, known, where))
    values: dict[str, Any] = {}
    for key, value in given.items():
        if key == "each" and kind is Node:
            values[key] = _each(value, f"{where}.each", base, problems)
        elif key in known:
            field = _dotted(where, key)
            checked = _typed(value, known[key], field, problems)
            if checked is not None:
                values[key] = _absolute(key, checked, base)
    return kind(**values)


def _each(given: Any, where: str, base: str | None, problems: list[Problem]) -> tuple[NodeOverride, ...] | None:
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        problems.append(error(where, "wrong-type", f"`{where}` is a list of tables: write [[{where}]]."))
        return None
    overrides = []
    for number, item in enumerate(given):
        field = f"{where}[{number}]"
        if isinstance(item.get("name"), str):
            overrides.append(cast(NodeOverride, _section(NodeOverride, item, field, base, problems)))
        elif "name" in item:
            problems.append(error(f"{field}.name", "wrong-type", f"`{field}.name` takes text."))
        else:
            problems.append(error(f"{field}.name", "missing-key", "Every [[node.each]] says the `name` of its node."))
    return tuple(overrides)


def _typed(value: Any, kind: Any, field: str, problems: list[Problem]) -> Any:
    """The value as the Draft holds it, or None with a problem that says what the key takes."""
    if kind == Certificate.__annotations__["not_after"]:
        if isinstance(value, date):
            return value
    else:
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError:
            pass
    problems.append(error(field, "wrong-type", f"`{field}` takes {_told(kind)}, not {_told_value(value)}."))
    return None


def _told(kind: Any) -> str:
    said = str(kind)
    for sign, words in (
        ("Mapping[str, str | int", "a table of plain values"),
        ("Mapping", "a table of texts"),
        ("tuple[str", "a list of texts"),
        ("tuple[int", "a list of whole numbers"),
        ("date", "a date such as 2027-03-31"),
        ("bool", "true or false"),
        ("int", "a whole number"),
    ):
        if sign in said:
            return words
    return "text"


def _told_value(value: Any) -> str:
    names = {bool: "true or false", int: "a number", float: "a number with a point", str: "text"}
    containers = {list: "a list", dict: "a table"}
    return (names | containers).get(type(value), "a date or time")


def _absolute(key: str, value: Any, base: str | None) -> Any:
    if base is None:
        return value
    if key in PATHS and isinstance(value, str) and not (key == "trusted_ca" and value == "system"):
        return os.path.join(base, os.path.expanduser(value))
    if key in PATH_LISTS:
        return tuple(os.path.join(base, os.path.expanduser(item)) for item in value)
    return value


def _platforms(given: Any, problems: list[Problem]) -> dict[str, dict[str, OptionValue]]:
    """The `[platform.NAME]` tables. Their keys belong to the platforms, so `checks` looks at them."""
    if not isinstance(given, dict):
        problems.append(error("platform", "wrong-type", "`platform` holds tables: write [platform.NAME]."))
        return {}
    options: dict[str, dict[str, OptionValue]] = {}
    for name, chosen in given.items():
        field = f"platform.{name}"
        if not isinstance(chosen, dict):
            problems.append(error(field, "wrong-type", f"`{field}` is a table: write [{field}]."))
            continue
        options[name] = {}
        for key, value in chosen.items():
            checked = _typed(value, OptionValue, f"{field}.{key}", problems)
            if checked is not None:
                options[name][key] = checked
    return options
