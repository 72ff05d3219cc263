"""Reads a kong.conf as Kong Gateway does: Penlight's `config.read`, then Kong's `strip_comments`.

Rules from Kong/kong `kong/conf_loader/init.lua` (`load_config`: smart = false, list_delim = "_blank_") and
lunarmodules/Penlight `lua/pl/config.lua` (comment lines, continuation by a backslash at the end, sections, numbers).
Reading is stricter than Kong in one thing: whatever Kong would quietly misread raises ValueError here.
"""

import re
from decimal import Decimal, InvalidOperation

_COMMENT_LINE = re.compile(r"^\s*[;#]")
_CONTINUED = re.compile(r"\\\s*$")
_TRAILING_COMMENT = re.compile(r"\s*(?<!\\)#.*$")
_NUMBER_START = re.compile(r"^[0-9+-]")


def read(text: str) -> dict[str, str]:
    """Every parameter with the value that Kong gets. Raises ValueError for a line that Kong would misread."""
    values: dict[str, str] = {}
    for line in _logical_lines(text):
        if line.startswith("["):
            raise ValueError(f"Kong takes this line for a section: {line!r}")
        key, equals, value = line.lstrip().partition("=")
        key = re.sub(r"[^A-Za-z0-9]", "_", key.rstrip())
        if not equals:
            raise ValueError(f"Kong finds no parameter in this line: {line!r}")
        if key in values:
            raise ValueError(f"{key} stands there twice; Kong takes the last")
        values[key] = _value(value)
    return values


def _logical_lines(text: str) -> list[str]:
    lines, pending = [], ""
    for line in text.split("\n"):
        if not line.strip() or _COMMENT_LINE.match(line):
            continue
        continued = _CONTINUED.search(line)
        if continued:
            pending += line[: continued.start()]
            continue
        lines.append(pending + line)
        pending = ""
    if pending:
        raise ValueError(f"the last line is continued into nothing: {pending!r}")
    return lines


def _value(raw: str) -> str:
    value = _number(raw.strip(" \t\r\v\f"))
    value = _TRAILING_COMMENT.sub("", value, count=1)
    return value.replace("\\#", "#")


def _number(value: str) -> str:
    """What Lua's `tonumber` and back makes of a value that looks like a number: 3.10 becomes 3.1, 010 becomes 10."""
    if not _NUMBER_START.match(value):
        return value
    digits = value.removesuffix(" kB")
    if re.fullmatch(r"[+-]?0[xX][0-9a-fA-F]+", digits):
        return str(int(digits, 16))
    if "_" in digits or not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", digits, re.ASCII):
        return value
    try:
        return format(float(Decimal(digits)), ".14g")
    except (InvalidOperation, OverflowError):
        return value
