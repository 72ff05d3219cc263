"""The names of data plane nodes: the patterns they may be written in, and what they stand for."""

import re
from collections.abc import Iterable, Iterator
from itertools import product
from math import prod
from typing import Final

MOST_NODES: Final = 10_000

_RANGE: Final = re.compile(r"\{(\d{1,6})\.\.(\d{1,6})\}", re.ASCII)
_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def is_name(text: str) -> bool:
    """Whether this is a node's name: one DNS label in lower case (RFC 1123), since it is the host name too."""
    return _NAME.fullmatch(text) is not None


def expand(names: Iterable[str]) -> tuple[str, ...]:
    """Every name the patterns stand for, in order: `edge-{08..10}` is edge-08, edge-09, edge-10.

    Zeros in front of either bound set the width. A name may have several ranges; the last one counts fastest.
    Names without a range are handed on as they are. Raises ValueError, with a sentence for people, for a range
    that counts down or cannot be read, and for more than `MOST_NODES` names in all.
    """
    expanded: list[str] = []
    for name in names:
        ranges = [_bounds(match[1], match[2]) for match in _RANGE.finditer(name)]
        if len(expanded) + prod(last - first + 1 for first, last, _ in ranges) > MOST_NODES:
            raise ValueError(f"More than {MOST_NODES:,} nodes in one bundle.")
        fixed = _RANGE.split(name)[::3]
        if any("{" in part or "}" in part for part in fixed):
            raise ValueError("A range in a node's name is written {01..40}, with whole numbers of at most 6 digits.")
        expanded += _combine(fixed, ranges)
    return tuple(expanded)


def _bounds(first: str, last: str) -> tuple[int, int, int]:
    """A range as numbers, and the width that its numbers are filled up to with zeros."""
    if int(first) > int(last):
        raise ValueError(f"The range {{{first}..{last}}} counts down. Write the smaller number first.")
    padded = any(len(bound) > 1 and bound.startswith("0") for bound in (first, last))
    return int(first), int(last), max(len(first), len(last)) if padded else 0


def _combine(fixed: list[str], ranges: list[tuple[int, int, int]]) -> Iterator[str]:
    counted = ([f"{number:0{width}d}" for number in range(first, last + 1)] for first, last, width in ranges)
    for numbers in product(*counted):
        yield fixed[0] + "".join(number + part for number, part in zip(numbers, fixed[1:], strict=True))
