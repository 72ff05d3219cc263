"""Text from outside made safe to show: names, paths, messages and certificate fields may hold anything.

A terminal obeys escape sequences, and bidirectional controls make a line read as something it is not
(CVE-2021-42574). So whatever is not an ordinary character is shown as an escape instead of being sent.
"""

import unicodedata

_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\x1b": "\\e"}
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_HIDDEN_CATEGORIES = frozenset(("Cc", "Cs", "Co", "Cn", "Zl", "Zp"))


def deceptive(character: str) -> bool:
    """Whether a terminal would obey this character, hide it, or let it reorder others, instead of showing it.

    Joiners and variation selectors are not: scripts and emoji need them.
    """
    return character in _BIDI or unicodedata.category(character) in _HIDDEN_CATEGORIES


def printable(text: str) -> str:
    """The text on one line with every control, bidirectional control and unassigned character as an escape.

    It is for people to read, not for a program to undo: a backslash stays a backslash.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(character) if deceptive(character) else character for character in text)


def _escape(character: str) -> str:
    point = ord(character)
    if character in _NAMED:
        return _NAMED[character]
    if point <= 0xFF:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"


def cells(text: str) -> int:
    """How many columns of a terminal the text takes: wide characters two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _fitting(text: str, width: int) -> str:
    kept = 0
    for character in text:
        width -= _cells(character)
        if width < 0:
            break
        kept += 1
    return text[:kept]


def clip(text: str, width: int) -> str:
    """The text in at most `width` columns; what had to go is marked with `…`."""
    return text if cells(text) <= width else _fitting(text, width - 1) + "…"


def wrap(text: str, width: int) -> list[str]:
    """The words of the text in lines of at most `width` columns (at least 2); a longer word is broken."""
    width = max(width, 2)  # a wide character must fit, or no line would ever be full
    lines: list[str] = []
    for word in text.split():
        if lines and cells(lines[-1]) + 1 + cells(word) <= width:
            lines[-1] += f" {word}"
            continue
        rest = word
        while cells(rest) > width:
            head = _fitting(rest, width)
            lines.append(head)
            rest = rest[len(head) :]
        lines.append(rest)
    return lines
