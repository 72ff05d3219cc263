from datetime import date, timedelta

import pytest

from konnect_tui.errors import KonnectError
from konnect_tui.gateway.releases import (
    RELEASES,
    beyond_table,
    default_version,
    number,
    release_of,
    resolve_version,
)

TODAY = date(2026, 11, 23)


def test_support_is_told_from_the_date() -> None:
    """On 23 November 2026 four releases have full support, four are in sunset, the rest have ended."""
    states: dict[str, list[str]] = {"full": [], "sunset": [], "ended": []}
    for release in RELEASES:
        states[release.state(TODAY)].append(release.version)
    assert states == {
        "full": ["3.15", "3.14", "3.13", "3.10"],
        "sunset": ["3.12", "3.11", "3.9", "3.4"],
        "ended": ["3.8", "3.7", "3.6", "3.5"],
    }


def test_the_last_day_of_support_still_counts() -> None:
    """Support ends after its last day, not on it."""
    for release in RELEASES:
        assert release.state(release.support_until) == "full"
        assert release.state(release.support_until + timedelta(days=1)) == "sunset"
        assert release.state(release.sunset_until) == "sunset"
        assert release.state(release.sunset_until + timedelta(days=1)) == "ended"


def test_the_table_is_in_order_and_of_a_piece() -> None:
    """Newest first; every patch belongs to its release; support never ends before it began."""
    assert list(RELEASES) == sorted(RELEASES, key=lambda release: number(release.version), reverse=True)
    for release in RELEASES:
        assert release.latest.startswith(f"{release.version}.")
        assert len(number(release.latest)) == 4
        assert release.released < release.support_until < release.sunset_until


@pytest.mark.parametrize(
    ("today", "version"),
    [
        (date(2026, 11, 23), "3.14.0.13"),
        (date(2029, 4, 7), "3.14.0.13"),
        (date(2029, 4, 8), "3.14.0.13"),  # sunset is the best that is left
        (date(2099, 1, 1), "3.15.0.4"),
        (date(2020, 1, 1), "3.14.0.13"),
    ],
)
def test_the_default_is_the_newest_long_term_release_in_full_support(today: date, version: str) -> None:
    """Far in the future, when all support has ended, there still is a default: the newest release."""
    assert default_version(today) == version


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("3.14", "3.14.0.13"),
        ("3.4", "3.4.3.29"),
        ("3.10", "3.10.0.17"),
        ("3.14.0.2", "3.14.0.2"),
        ("3.14.0.99", "3.14.0.99"),
        ("3.16.0.0", "3.16.0.0"),
        ("4.0.0.1", "4.0.0.1"),
    ],
)
def test_a_short_version_means_its_newest_patch(text: str, version: str) -> None:
    """X.Y becomes the newest patch known; a full version stays, also one newer than the table."""
    assert resolve_version(text) == version


@pytest.mark.parametrize(
    ("text", "near"),
    [("3.16", "3.15"), ("4.0", "3.15"), ("3.3", "3.4"), ("2.8.1.1", "3.4"), ("3.3.1.1", "3.4")],
)
def test_an_unknown_release_names_the_nearest(text: str, near: str) -> None:
    """A release that is not in the table is refused, and the nearest one named."""
    with pytest.raises(KonnectError) as wrong:
        resolve_version(text)
    assert wrong.value.code == "unknown-version"
    assert near in wrong.value.hint


@pytest.mark.parametrize(
    "text",
    ["", "latest", "3", "3.14.0", "v3.14", "3.14.0.13-ubuntu", "03.14", "3.14.0.13.1", "3.١٤", " 3.14", "3.14\n"],
)
def test_what_is_no_version_is_refused(text: str) -> None:
    """Anything but X.Y and X.Y.Z.P is refused with the form it takes."""
    with pytest.raises(KonnectError) as wrong:
        resolve_version(text)
    assert "X.Y.Z.P" in wrong.value.message


def test_versions_beyond_the_table_are_known_as_such() -> None:
    """A newer patch or release than the table has is told apart from one it knows."""
    assert beyond_table("3.14.0.14")
    assert beyond_table("3.16.0.0")
    assert not beyond_table("3.14.0.13")
    assert release_of("3.16.0.0") is None
