"""The client asks Konnect and understands what it answers."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from fake_konnect import FakeKonnect
from konnect_tui.errors import KonnectError
from konnect_tui.konnect.client import Client
from konnect_tui.konnect.hosts import hosts
from konnect_tui.konnect.models import NewControlPlane
from konnect_tui.secret import Secret

T = TypeVar("T")


def ask(konnect: FakeKonnect, question: Callable[[Client], Awaitable[T]]) -> T:
    """Let a client ask the stand-in something."""

    async def asking() -> T:
        async with Client(hosts(konnect.url), Secret(konnect.token.encode()), environ={}) as client:
            return await question(client)

    return asyncio.run(asking())


def test_a_token_tells_its_organisation() -> None:
    """A token is probed by asking whose it is."""
    with FakeKonnect() as konnect:
        assert ask(konnect, lambda client: client.organization()).name == "Acme Co."


def test_all_pages_are_read() -> None:
    """Every control plane of a region is listed, however many pages there are."""

    async def names(client: Client) -> list[str]:
        return [plane.name async for page in client.control_planes("eu") for plane in page.control_planes]

    with FakeKonnect() as konnect:
        wanted = [konnect.add_control_plane("eu", f"plane-{number}")["name"] for number in range(250)]
        assert ask(konnect, names) == wanted


def test_what_is_created_is_read_back() -> None:
    """A control plane is created with its auth mode said, and told as Konnect then has it."""
    with FakeKonnect() as konnect:
        made = ask(konnect, lambda client: client.create("eu", NewControlPlane("payments", "pki_client_certs")))
        assert (made.name, made.auth_mode) == ("payments", "pki")
        with pytest.raises(KonnectError) as taken:
            ask(konnect, lambda client: client.create("eu", NewControlPlane("payments", "pki_client_certs")))
        assert taken.value.code == "name-taken"


def test_certificates_come_and_go() -> None:
    """A certificate is given to a control plane, listed and taken away again."""
    with FakeKonnect() as konnect:
        plane = konnect.add_control_plane("eu", "payments")["id"]
        pem = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"
        given = ask(konnect, lambda client: client.pin("eu", plane, pem, "edge-1"))
        assert [each.id for each in ask(konnect, lambda client: client.certificates("eu", plane))] == [given.id]
        ask(konnect, lambda client: client.unpin("eu", plane, given.id))
        assert ask(konnect, lambda client: client.certificates("eu", plane)) == ()


def test_nodes_are_read_by_cursor() -> None:
    """All nodes of a control plane are listed, and the hash they should have is known."""
    with FakeKonnect() as konnect:
        plane = konnect.add_control_plane("eu", "payments")
        for number in range(230):
            konnect.add_node(plane, f"edge-{number}")
        nodes = ask(konnect, lambda client: client.nodes("eu", plane["id"]))
        expected = ask(konnect, lambda client: client.expected_hash("eu", plane["id"]))
        assert len(nodes) == 230
        assert {node.config_hash for node in nodes} == {expected}
