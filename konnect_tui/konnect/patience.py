"""When a request that failed is tried again, and how long to wait before that. Pure: no clock, no chance.

Source: Kong/kong-operator, `controller/konnect/ops/ops_errors.go` (429: Retry-After as seconds or date, else 15 s) and
Kong/kongctl, `internal/konnect/httpclient/retry_config.go` (exponential from 1 s, factor 2, ±25 % jitter, at most 60 s;
429, 500, 502, 503, 504 and, for permissions that are still spreading, 403).
"""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from msgspec import Struct

TRIES: Final = 4
LONGEST: Final = 60.0
PATIENCE: Final = 150.0
"""Seconds that all tries of one request and the waits between them may take before the next one begins."""
UNNAMED: Final = 15.0
"""Seconds to wait after a 429 that does not say how long."""
JITTER: Final = 0.25
FRESH: Final = 60.0
"""Seconds after its creation in which a refusal about a control plane may be a permission that is still spreading."""

_FAILED: Final = frozenset((500, 502, 503, 504))
_BROKEN: Final = frozenset(("connection-lost", "timed-out"))


class Outcome(Struct, frozen=True):
    """How a try ended: with a status, or with the code of what broke the connection. `retry_after` as it was sent."""

    status: int = 0
    code: str = ""
    retry_after: str = ""

    @property
    def unsure(self) -> bool:
        """Whether Konnect may have done what was asked, although it did not say so."""
        return self.status >= 500 or self.code in _BROKEN


class Wait(Struct, frozen=True):
    """How long to wait before the next try, and why, as words for the operator."""

    seconds: float
    why: str


def wait(
    outcome: Outcome, *, tried: int, spent: float, now: datetime, chance: float, fresh: bool = False
) -> Wait | None:
    """What to wait for after `tried` tries that took `spent` seconds; None to give up.

    `chance` is between 0 and 1 and spreads what many clients would do at the same moment. `fresh` says that the request
    is about something that was created a moment ago.
    """
    found = _wait(outcome, tried, now, chance, fresh)
    if found is None or tried >= TRIES or spent + found.seconds > PATIENCE:
        return None
    return found


def _wait(outcome: Outcome, tried: int, now: datetime, chance: float, fresh: bool) -> Wait | None:
    growing = min(LONGEST, 2.0 ** (tried - 1)) * (1 + JITTER * (2 * chance - 1))
    named = seconds(outcome.retry_after, now)
    if outcome.status == 429:
        return Wait(UNNAMED if named is None else named, "Konnect took too many requests and asks to wait")
    if outcome.status in _FAILED:
        return Wait(growing if named is None else named, f"Konnect failed with {outcome.status}")
    if outcome.status in (403, 404) and fresh:
        return Wait(growing, "Konnect is still giving permissions for what was just created")
    if outcome.code in _BROKEN:
        why = "No answer came in time" if outcome.code == "timed-out" else "The connection broke"
        return Wait(growing, why)
    return None


def seconds(retry_after: str, now: datetime) -> float | None:
    """How long a Retry-After header asks to wait: seconds or a date (RFC 9110, section 10.2.3). None for neither."""
    written = retry_after.strip()
    if written.isascii() and written.isdecimal():
        return float(written[:9])
    try:
        until = parsedate_to_datetime(written)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - now).total_seconds())
