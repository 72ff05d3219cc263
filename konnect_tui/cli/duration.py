"""How long: `90`, `90s`, `5m`, `1h`."""

import re
from argparse import ArgumentTypeError
from typing import Final

LONGEST: Final = 24 * 3600
_UNITS: Final = {"": 1, "s": 1, "m": 60, "h": 3600}


def seconds(text: str) -> float:
    """The seconds that it means, at most a day. Raises ArgumentTypeError, in words for the command line."""
    found = re.fullmatch(r"([0-9]{1,6})(s|m|h|)", text.strip().lower())
    if found is None:
        raise ArgumentTypeError("give a time as 90, 90s, 5m or 1h")
    length = int(found[1]) * _UNITS[found[2]]
    if length > LONGEST:
        raise ArgumentTypeError("that is more than a day (24h)")
    return float(length)


def spelled(length: float) -> str:
    """The same in words: `90 s`, `5 min`, `2 h`."""
    for size, unit in ((3600, "h"), (60, "min")):
        if length >= size and length % size == 0:
            return f"{length // size:.0f} {unit}"
    return f"{length:.0f} s"
