"""What the bundle's own shell scripts decide: the values at their head, and the words of a command line.

Only the shell that `gateway.escape.shell` and the platforms write is understood, not the shell's language.
"""

import re
from collections.abc import Mapping
from typing import Final

_PIECE: Final = re.compile(
    r"""'(?P<plain>[^']*)'|"(?P<double>(?:[^"\\]|\\.)*)"|\\(?P<escaped>.)|(?P<bare>[^\s'"\\]+)"""
)
_WORD: Final = re.compile(rf"(?:{re.sub('[?]P<[a-z]+>', '?:', _PIECE.pattern)})+")
_INSIDE: Final = re.compile(r'\\([$`"\\])|\$([a-z_]+)')
_DECIDED: Final = re.compile(r"^([a-z_]+)=('.*'|\".*\")$", re.MULTILINE)


def words(line: str, variables: Mapping[str, str]) -> list[str]:
    """The words of one command line, quotes taken off, with `$name` in double quotes replaced."""
    return [_unquoted(found[0], variables) for found in _WORD.finditer(line)]


def decided(script: str) -> dict[str, str]:
    """The variables that a script's head sets to a fixed value."""
    return {name: _unquoted(value, {}) for name, value in _DECIDED.findall(script) if "$(" not in value}


def _unquoted(word: str, variables: Mapping[str, str]) -> str:
    parts = []
    for piece in _PIECE.finditer(word):
        kind, text = piece.lastgroup, piece[piece.lastgroup or 0]
        parts.append(_INSIDE.sub(lambda found: _inside(found, variables), text) if kind == "double" else text)
    return "".join(parts)


def _inside(found: re.Match[str], variables: Mapping[str, str]) -> str:
    return found[1] or variables.get(found[2], "")
