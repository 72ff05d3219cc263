"""Lists that come in pages: whole, in order, and never without end."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from konnect_asking import ask, refused

from fake_konnect import FakeKonnect, found
from konnect_tui.konnect import pages
from konnect_tui.konnect.client import Client, Page
from konnect_tui.konnect.wire import CONNECTIONS

PLANES = "/eu/v2/control-planes"
PLANE = {"id": "00000000-0000-0000-0000-000000000000", "name": "plane"}


async def listed(client: Client) -> list[Page]:
    """All pages."""
    return [page async for page in client.control_planes("eu")]


def names(found: Sequence[Page]) -> list[str]:
    """The names in all pages."""
    return [plane.name for page in found for plane in page.control_planes]


def numbered(first: int, count: int) -> list[dict[str, str]]:
    """So many control planes, with numbers."""
    return [{"id": f"id-{number}", "name": f"plane-{number}"} for number in range(first, first + count)]


def paged(data: list[dict[str, str]], total: Any) -> Any:
    """A page that says there are so many in all."""
    return found({"meta": {"page": {"number": 1, "size": 100, "total": total}}, "data": data})


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 450])
@pytest.mark.parametrize("limit", [1000, 30])
def test_every_control_plane_once_and_in_order(count: int, limit: int) -> None:
    """All are listed in Konnect's order, also where it gives shorter pages than it was asked for."""
    with FakeKonnect() as konnect:
        konnect.page_limit = limit
        wanted = [konnect.add_control_plane("eu", f"plane-{number}")["name"] for number in range(count)]
        assert names(ask(konnect, listed)) == wanted
        least = max(1, -(-count // min(limit, 100)))
        assert len(konnect.requests) <= least + pages.AHEAD + 1


def test_the_first_page_is_there_before_the_second_is_asked_for() -> None:
    """What can be shown is handed out at once, with the total."""

    async def first(client: Client) -> tuple[Page, int]:
        async for page in client.control_planes("eu"):
            return page, len(konnect.requests)
        raise AssertionError("no page")

    with FakeKonnect() as konnect:
        for number in range(500):
            konnect.add_control_plane("eu", f"plane-{number}")
        page, asked = ask(konnect, first)
        assert (len(page.control_planes), page.total, asked) == (100, 500, 1)


def test_further_pages_do_not_wait_for_each_other() -> None:
    """On a slow line, pages after the first are asked for a few at a time, over a few connections."""
    with FakeKonnect(latency=0.05) as konnect:
        for number in range(900):
            konnect.add_control_plane("eu", f"plane-{number}")
        assert len(names(ask(konnect, listed))) == 900
        assert 1 < konnect.at_once <= CONNECTIONS


def test_what_moves_between_pages_is_listed_once() -> None:
    """When one is created while the list is read, the one that moves to the next page is not listed twice."""
    with FakeKonnect() as konnect:
        konnect.script("GET", PLANES, paged(numbered(0, 100), 150), paged(numbered(99, 51), 151))
        assert names(ask(konnect, listed)) == [f"plane-{number}" for number in range(150)]


def test_a_page_that_repeats_is_an_error() -> None:
    """A server that gives the first page for every number is found out, and the list is not taken for whole."""
    with FakeKonnect() as konnect:
        for number in range(2):
            konnect.add_control_plane("eu", f"plane-{number}")
        konnect.script("GET", PLANES, *[paged(numbered(0, 100), 150)] * 2)
        fault = refused(konnect, listed)
    assert (fault.code, fault.exit_code) == ("endless-list", 1)


def test_a_total_that_is_wrong_ends_with_the_data() -> None:
    """A total that is too high, missing or negative neither loses an entry nor asks for ever."""
    for total in (10**15, None, -5, 0):
        with FakeKonnect() as konnect:
            konnect.script("GET", PLANES, paged(numbered(0, 100), total), paged(numbered(100, 20), total))
            assert len(names(ask(konnect, listed))) == 120
            assert len(konnect.requests) < 10


def test_a_list_without_end_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list whose total grows with every page is given up."""
    monkeypatch.setattr(pages, "MOST", 250)
    with FakeKonnect() as konnect:
        konnect.script("GET", PLANES, *[paged(numbered(at, 100), at + 200) for at in (0, 100, 200)])
        assert refused(konnect, listed).code == "endless-list"


def test_leaving_a_list_early_leaves_nothing_behind() -> None:
    """Whoever stops reading stops the asking."""

    async def some(client: Client) -> int:
        found = client.control_planes("eu")
        async for page in found:
            if len(page.control_planes) and len(konnect.requests) > 1:
                break
        await found.aclose()
        await asyncio.sleep(0)
        return len(asyncio.all_tasks())

    with FakeKonnect(latency=0.01) as konnect:
        for number in range(1500):
            konnect.add_control_plane("eu", f"plane-{number}")
        assert ask(konnect, some) == 1
        assert len(konnect.requests) < 10


@pytest.mark.parametrize("cursor", ["next", "next_cursor"])
def test_nodes_by_either_spelling_of_the_cursor(cursor: str) -> None:
    """All nodes are listed, whichever way the cursor is spelled."""
    with FakeKonnect() as konnect:
        konnect.cursor = cursor
        plane = konnect.add_control_plane("eu", "payments")
        for number in range(230):
            konnect.add_node(plane, f"edge-{number}")
        nodes = ask(konnect, lambda client: client.nodes("eu", plane["id"]))
        assert [node.hostname for node in nodes] == [f"edge-{number}" for number in range(230)]


def test_a_cursor_that_is_an_address_is_not_followed() -> None:
    """Of a cursor written as an address only the cursor is taken: no host is built from it."""
    with FakeKonnect() as konnect:
        plane = konnect.add_control_plane("eu", "payments")
        for number in range(3):
            konnect.add_node(plane, f"edge-{number}")
        path = f"{PLANES}/{plane['id']}/nodes"
        elsewhere = "https://evil.example/v2/nodes?page[size]=10&page[after]=2"
        konnect.script("GET", path, found({"items": konnect.nodes[plane["id"]][:2], "page": {"next": elsewhere}}))
        assert len(ask(konnect, lambda client: client.nodes("eu", plane["id"]))) == 3


def test_cursors_that_lead_round_are_an_error() -> None:
    """Pages that lead back to one that was read are given up."""
    with FakeKonnect() as konnect:
        plane = konnect.add_control_plane("eu", "payments")["id"]
        ring = [found({"items": [{"id": str(at)}], "page": {"next": f"c{at % 2}"}}) for at in range(3)]
        konnect.script("GET", f"{PLANES}/{plane}/nodes", *ring)
        assert refused(konnect, lambda client: client.nodes("eu", plane)).code == "endless-list"


def test_an_empty_page_ends_the_nodes() -> None:
    """An empty page is the last, even if it names another."""
    with FakeKonnect() as konnect:
        plane = konnect.add_control_plane("eu", "payments")["id"]
        konnect.script("GET", f"{PLANES}/{plane}/nodes", found({"items": [], "page": {"next": "more"}}))
        assert ask(konnect, lambda client: client.nodes("eu", plane)) == ()
