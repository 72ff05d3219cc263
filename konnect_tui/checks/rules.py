"""The rules that several sections share. Each gives the problems it finds, so that callers just yield them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from konnect_tui.errors import Problem, error
from konnect_tui.words import clip, printable

_LONGEST_QUOTE: Final = 60
_MOST_TOLD: Final = 12
_LONGEST_NUMBER: Final = 10**18
_UNSAYABLE: Final = "[\0\ud800-\udfff]"
_CONTROL: Final = "[\0-\x1f\x7f-\x9f\ud800-\udfff]"


def quoted(text: str) -> str:
    """A value from outside, safe and short enough to stand in a message."""
    return f"“{key_of(text)}”"


def key_of(text: str) -> str:
    """A key from outside, safe and short enough to stand in a dotted field."""
    return clip(printable(text[: 2 * _LONGEST_QUOTE]), _LONGEST_QUOTE)


def missing(field: str, why: str, hint: str = "") -> Problem:
    """A required key that nobody gave."""
    return error(field, "missing-key", f"`{field}` is missing: {why}", hint)


def choice(field: str, value: str | None, choices: Sequence[str]) -> Iterator[Problem]:
    """The value is one of the choices, or was not given."""
    if value is not None and value not in choices:
        yield error(field, "unknown-value", f"{quoted(value)} is no choice for `{field}`.", suggestion(value, choices))


def suggestion(value: str, choices: Iterable[str]) -> str:
    """The hint after a wrong word: the nearest choice, else all of them; nothing where they are too many to read."""
    from konnect_tui.answers import nearest  # only when something is wrong: it costs start-up time

    known = tuple(choices)
    near = nearest(value[:_LONGEST_QUOTE], known)
    if near:
        return f"Did you mean `{near}`?"
    return f"Known here: {', '.join(known)}." if len(known) <= _MOST_TOLD else ""


def between(field: str, value: int | None, least: int, most: int, hint: str = "") -> Iterator[Problem]:
    """The number lies within its limits, or was not given."""
    if value is not None and not least <= value <= most:
        yield error(field, "out-of-range", f"`{field}` goes from {least} to {most}; {told(value)} was given.", hint)


def told(value: int) -> str:
    """A number from outside, short enough to stand in a message. Python refuses to print the very longest."""
    return str(value) if abs(value) < _LONGEST_NUMBER else "a far larger number"


def plain_text(field: str, value: str | None, most: int, *, least: int = 1) -> Iterator[Problem]:
    """A text of bounded length in characters that every file and certificate can hold."""
    if value is None:
        return
    if not least <= len(value) <= most:
        message = f"`{field}` takes {least} to {most} characters; this has {len(value):,}."
        yield error(field, "out-of-range", message)
    elif not value.isprintable() and re.search(_UNSAYABLE, value):
        yield error(
            field, "invalid-value", f"`{field}` holds a character that no file can: NUL or half a surrogate pair."
        )


def one_line(field: str, value: str) -> Iterator[Problem]:
    """No control character, which would end the line or be obeyed by a terminal."""
    if re.search(_CONTROL, value):
        yield error(field, "invalid-value", f"The value of `{field}` holds a line break or another control character.")


def path(field: str, value: str | None) -> Iterator[Problem]:
    """A path that an operating system and an answers file can take. Whether the file is there is not looked at."""
    if value is not None and re.search("[\ud800-\udfff]", value):
        message = f"`{field}` has a name that is not UTF-8: no answers file can hold it."
        yield error(field, "invalid-value", message, "Rename that file or folder.")
    elif value is not None and (not value.strip() or re.search(_UNSAYABLE, value)):
        yield error(field, "invalid-value", f"`{field}` is not a path.", "Give the path of a file.")


def not_yet(field: str, what: str) -> Problem:
    """A part of the contract that this release does not have."""
    return error(field, "not-available-yet", f"{what} is not available in this release.")


def misplaced(field: str, why: str, hint: str = "") -> Problem:
    """A key that means nothing beside the other choices. It is never ignored in silence."""
    return error(field, "not-applicable", f"`{field}` means nothing here: {why}.", hint)
