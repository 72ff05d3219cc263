"""Reads `compose.yaml` as platform `compose` writes it: block mappings and lists, and scalars that are quoted.

No YAML library is in the product (docs/decisions/004), and no other YAML has to be understood here.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import Struct

_BYTE: Final = re.compile(r"\\x([0-9a-fA-F]{2})")


class Mount(Struct, frozen=True):
    """A folder beside the file, and where the container sees it."""

    source: str
    target: str


class Service(Struct, frozen=True):
    """What a practice node needs of a service."""

    image: str = ""
    hostname: str = ""
    network_mode: str = ""
    env_file: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    volumes: tuple[Mount, ...] = ()
    ports: tuple[str, ...] = ()


def services(text: str) -> dict[str, Service]:
    """The services by name. Raises ValueError for what the platform would not write."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    try:
        return msgspec.convert(_block(_Lines(lines), 0), _Project).services
    except (msgspec.ValidationError, RecursionError) as fault:
        raise ValueError(str(fault)) from None


class _Project(Struct, frozen=True):
    services: dict[str, Service]


class _Lines:
    """The lines still to read, with how deep each is."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._next = 0

    def peek(self) -> tuple[int, str] | None:
        if self._next >= len(self._lines):
            return None
        line = self._lines[self._next]
        return len(line) - len(line.lstrip()), line.strip()

    def take(self) -> None:
        self._next += 1

    def put(self, depth: int, text: str) -> None:
        """The rest of a line that began an item of a list: it goes on as the first line of that item."""
        self._lines[self._next] = " " * depth + text


def _block(lines: _Lines, depth: int) -> Any:
    first = lines.peek()
    if first is None or first[0] < depth:
        return None
    if first[1].startswith("- "):
        return list(_items(lines, first[0]))
    return dict(_entries(lines, first[0]))


def _items(lines: _Lines, depth: int) -> Iterator[Any]:
    while (found := lines.peek()) and found[0] == depth and found[1].startswith("- "):
        rest = found[1][2:].strip()
        if rest.startswith('"'):
            lines.take()
            yield _scalar(rest)
        else:
            lines.put(depth + 2, rest)
            yield dict(_entries(lines, depth + 2))


def _entries(lines: _Lines, depth: int) -> Iterator[tuple[str, Any]]:
    while (found := lines.peek()) and found[0] == depth and not found[1].startswith("- "):
        key, separator, rest = found[1].partition(": ") if not found[1].endswith(":") else (found[1][:-1], ":", "")
        if not separator:
            raise ValueError(f"there is no value in {found[1]!r}")
        lines.take()
        yield str(_scalar(key)), _scalar(rest) if rest else _block(lines, depth + 1)


def _scalar(text: str) -> Any:
    if not text.startswith('"'):
        return text
    return json.loads(_BYTE.sub(r"\\u00\1", text)).replace("$$", "$")  # as Compose has it
