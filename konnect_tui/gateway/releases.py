"""The Kong Gateway releases, and how long each is supported, told from today's date.

Source: Kong/developer.konghq.com, `app/_data/products/gateway.yml` (patch versions) and
`app/_data/support/gateway.yml` (dates), as of 2026-08-21. Konnect takes every supported release; older ones
may still connect, but get no fixes. What the table does not know yet is accepted with a note if it is newer.
"""

import re
from datetime import date
from typing import Final, Literal

from msgspec import Struct

from konnect_tui.errors import KonnectError

SOURCE: Final = "Kong/developer.konghq.com, app/_data/products/gateway.yml and app/_data/support/gateway.yml"
AS_OF: Final = "2026-08-21"

State = Literal["full", "sunset", "ended"]

_SHORT: Final = r"(0|[1-9]\d{0,3})\.(0|[1-9]\d{0,3})"
_FULL: Final = r"(?:(?:0|[1-9]\d{0,3})\.){3}(?:0|[1-9]\d{0,3})"


class Release(Struct, frozen=True):
    """One release X.Y. `latest` is its newest patch known, X.Y.Z.P. Both ends are the last day that counts.

    Full support ends with `support_until`; until `sunset_until` Kong helps with upgrading only.
    """

    version: str
    latest: str
    released: date
    support_until: date
    sunset_until: date
    lts: bool = False

    def state(self, today: date) -> State:
        """What support the release has on that day."""
        if today <= self.support_until:
            return "full"
        return "sunset" if today <= self.sunset_until else "ended"


RELEASES: Final = (
    Release("3.15", "3.15.0.4", date(2026, 7, 2), date(2027, 7, 2), date(2028, 7, 2)),
    Release("3.14", "3.14.0.13", date(2026, 4, 7), date(2029, 4, 7), date(2030, 4, 7), lts=True),
    Release("3.13", "3.13.0.10", date(2025, 12, 18), date(2026, 12, 18), date(2027, 12, 18)),
    Release("3.12", "3.12.0.11", date(2025, 10, 1), date(2026, 10, 1), date(2027, 10, 1)),
    Release("3.11", "3.11.0.14", date(2025, 7, 3), date(2026, 7, 3), date(2027, 7, 3)),
    Release("3.10", "3.10.0.17", date(2025, 3, 27), date(2028, 3, 31), date(2029, 3, 31), lts=True),
    Release("3.9", "3.9.1.2", date(2025, 1, 8), date(2025, 12, 12), date(2026, 12, 12)),
    Release("3.8", "3.8.1.2", date(2024, 9, 11), date(2025, 9, 11), date(2026, 9, 11)),
    Release("3.7", "3.7.1.5", date(2024, 5, 28), date(2025, 5, 28), date(2026, 5, 28)),
    Release("3.6", "3.6.1.8", date(2024, 2, 12), date(2025, 2, 12), date(2026, 2, 12)),
    Release("3.5", "3.5.0.7", date(2023, 11, 8), date(2024, 11, 8), date(2025, 11, 8)),
    Release("3.4", "3.4.3.29", date(2023, 8, 9), date(2026, 8, 31), date(2027, 8, 31), lts=True),
)
"""Newest first."""


def release_of(version: str) -> Release | None:
    """The release that a version X.Y or X.Y.Z.P belongs to; None if the table does not know it."""
    short = ".".join(version.split(".")[:2])
    return next((release for release in RELEASES if release.version == short), None)


def number(version: str) -> tuple[int, ...]:
    """A version as numbers, to compare: 3.9 is older than 3.10. The version must be well formed."""
    return tuple(int(part) for part in version.split("."))


def default_version(today: date) -> str:
    """The version a bundle gets when nobody names one: the newest patch of the newest LTS in full support.

    On a day when no LTS of the table has full support any more, the newest release with the best support left.
    """
    long_term = [release for release in RELEASES if release.lts and release.state(today) == "full"]
    if long_term:
        return long_term[0].latest
    rank = {"full": 0, "sunset": 1, "ended": 2}
    return min(RELEASES, key=lambda release: rank[release.state(today)]).latest


def resolve_version(text: str) -> str:
    """X.Y → the newest patch known of it; X.Y.Z.P → itself, also where it is newer than the table.

    Raises KonnectError `unknown-version` for anything else, with the nearest release named.
    """
    if re.fullmatch(_SHORT, text):
        release = release_of(text)
        if release:
            return release.latest
        raise _unknown(f"Kong Gateway {text} is not a release this product knows.", text)
    if re.fullmatch(_FULL, text):
        if release_of(text) or number(text) > number(RELEASES[0].version):
            return text
        raise _unknown(f"Kong Gateway {text} belongs to no release this product knows.", text)
    raise KonnectError(
        "unknown-version",
        "That is not a version of Kong Gateway. It is X.Y (the newest patch is taken) or X.Y.Z.P.",
        hint=f"For example {RELEASES[0].version} or {RELEASES[0].latest}. `konnect-tui versions` lists them.",
    )


def _unknown(message: str, version: str) -> KonnectError:
    wanted = number(version)[:2]
    newest, oldest = RELEASES[0], RELEASES[-1]
    near = newest if wanted > number(oldest.version) else oldest
    hint = f"The nearest is {near.version}. `konnect-tui versions` lists the releases."
    if wanted > number(newest.version):
        hint += " For a newer release give all four numbers."
    return KonnectError("unknown-version", message, hint=hint)


def beyond_table(version: str) -> bool:
    """Whether a resolved version X.Y.Z.P is newer than what this product knew when it was released."""
    release = release_of(version)
    return number(version) > number(release.latest if release else RELEASES[0].latest)
