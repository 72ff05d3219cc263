"""The list of control planes without a screen: what is kept, what typed words leave, in which order."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from konnect_tui.flow.planes import Listing, age, connected, row
from konnect_tui.konnect.models import Config, ConnectionState, ControlPlane, Node


def _plane(name: str, created: int = 0, **labels: str) -> ControlPlane:
    config = Config(f"https://{name}.eu.cp.konghq.com", "", "CLUSTER_TYPE_CONTROL_PLANE", "pinned_client_certs")
    written = f"2026-01-01T00:{created // 60:02}:{created % 60:02}Z"
    return ControlPlane(str(uuid.uuid4()), name, config, labels=labels, created_at=written)


PLANES = st.lists(st.tuples(st.text("abAB", min_size=1, max_size=4), st.integers(0, 3599)), max_size=30)


@given(PLANES, st.lists(st.sampled_from(["", "a", "ab", "ab b", "B", "b a"]), max_size=6), st.integers(1, 7))
def test_pages_sifted_as_they_come_are_the_whole_sifted(
    planes: list[tuple[str, int]], typed: list[str], size: int
) -> None:
    """Whenever something is typed, and in whatever pages they come: shown is what a search through all would give."""
    made = [_plane(name, created) for name, created in planes]
    listing = Listing()
    for count, at in enumerate(range(0, len(made) or 1, size)):
        listing.add(made[at : at + size])
        if count < len(typed):
            listing.sift(typed[count])
        if count % 3 == 2:
            listing.sort("created" if listing.order == "name" else "name")
    words = listing.typed.casefold().split()
    wanted = [
        each
        for each in listing.rows
        if all(word in f"{each.name} {each.endpoint}".casefold() + each.id for word in words)
    ]
    by_name = listing.order == "name"
    wanted.sort(key=lambda each: each.name.casefold() if by_name else -each.created)
    assert [listing.rows[at] for at in listing.shown] == wanted


def test_one_that_comes_twice_is_listed_once() -> None:
    """When the list moves while it is read, a control plane may be on two pages."""
    listing, plane = Listing(), _plane("orders")
    listing.add([plane])
    listing.add([plane, _plane("other")])
    assert [each.name for each in listing.rows] == ["orders", "other"]


def test_what_is_kept_makes_the_control_plane_again() -> None:
    """Id, name, description, hosts, type and auth mode are as Konnect told them."""
    plane = _plane("orders")
    again = row(plane).plane()
    assert (again.id, again.name, again.config, again.description) == (plane.id, plane.name, plane.config, "")


def test_an_odd_date_is_no_reason_to_fail() -> None:
    """A date that can't be read leaves the age empty."""
    odd = ControlPlane("1", "orders", Config(), created_at="yesterday")
    assert row(odd).created == 0
    assert age(0, 1e9) == ""


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(5, "now"), (-50, "now"), (300, "5 min"), (7200, "2 h"), (86_400 * 9, "9 d"), (86_400 * 70, "2 mo"), (1e8, "3 y")],
)
def test_ages(seconds: float, told: str) -> None:
    """An age is told in the largest unit that fits."""
    assert age(1_700_000_000, 1_700_000_000 + seconds) == told


def test_who_is_connected() -> None:
    """Konnect's own word counts; without it a ping within the last minute."""
    nodes = (
        Node("1", connection_state=ConnectionState(is_connected=True)),
        Node("2", connection_state=ConnectionState(is_connected=False), last_ping=1000),
        Node("3", last_ping=990),
        Node("4", last_ping=900),
    )
    assert connected(nodes, 1000) == 2
