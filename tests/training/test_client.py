"""The product's own client asks the embedded organisation as it asks Konnect."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from certificate_maker import make
from embedded import Embedded

from konnect_tui.errors import KonnectError
from konnect_tui.konnect.client import Client
from konnect_tui.konnect.hosts import hosts
from konnect_tui.konnect.models import ControlPlane, NewControlPlane
from konnect_tui.secret import Secret
from konnect_tui.training.addresses import Wanted

T = TypeVar("T")


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """The organisation that newcomers begin with."""
    with Embedded(tmp_path_factory.mktemp("starter")) as embedded:
        yield embedded


@pytest.fixture(scope="module")
def enterprise(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """The organisation of a company."""
    with Embedded(tmp_path_factory.mktemp("enterprise"), Wanted(seed="enterprise")) as embedded:
        yield embedded


def ask(embedded: Embedded, question: Callable[[Client], Awaitable[T]]) -> T:
    """Let the client ask it something."""

    async def asking() -> T:
        async with embedded.client() as client:
            return await question(client)

    return asyncio.run(asking())


async def every(client: Client, region: str) -> list[ControlPlane]:
    """All control planes of a region."""
    return [plane async for page in client.control_planes(region) for plane in page.control_planes]


def code_of(embedded: Embedded, question: Callable[[Client], Awaitable[object]]) -> str:
    """The code of the error that the client raises."""
    with pytest.raises(KonnectError) as raised:
        ask(embedded, question)
    return raised.value.code


def test_the_organisation_and_its_regions(starter: Embedded) -> None:
    """The client learns whose token it has, and which regions there are."""
    assert ask(starter, lambda client: client.organization()).name == "Practice Co."
    assert [region.code for region in ask(starter, lambda client: client.regions())] == ["eu", "us"]


def test_another_token_is_refused(starter: Embedded) -> None:
    """Without the organisation's own token nothing is told."""

    async def asking() -> None:
        async with Client(hosts(starter.running.api_url), Secret(b"kpat_of_another"), environ={}) as client:
            await client.organization()

    with pytest.raises(KonnectError) as raised:
        asyncio.run(asking())
    assert raised.value.code == "token-refused"


def test_the_starter_has_three_control_planes_in_two_regions(starter: Embedded) -> None:
    """A newcomer finds three control planes, one of them empty, with both ways of authentication."""
    found = {code: ask(starter, lambda client, code=code: every(client, code)) for code in ("eu", "us")}  # type: ignore[misc]
    assert [plane.name for plane in found["eu"]][:2] == ["first-steps", "payments"]
    assert [plane.name for plane in found["us"]] == ["orders"]
    assert {plane.auth_mode for planes in found.values() for plane in planes} == {"pinned", "pki"}


def test_a_control_plane_is_created_found_and_refused_twice(starter: Embedded) -> None:
    """What is created can be found by id and by name, in its region only, and its name is then taken."""
    wanted = NewControlPlane("checkout", "pki_client_certs", "made in a test", {"env": "test"})
    made = ask(starter, lambda client: client.create("eu", wanted))
    assert (made.name, made.auth_mode, made.labels) == ("checkout", "pki", {"env": "test"})
    assert ask(starter, lambda client: client.named("eu", "checkout")) == made
    assert ask(starter, lambda client: client.control_plane("eu", made.id)) == made
    assert ask(starter, lambda client: client.control_plane("us", made.id)) is None
    assert code_of(starter, lambda client: client.create("eu", wanted)) == "name-taken"


def test_certificates_come_and_go(starter: Embedded) -> None:
    """A certificate is given to a control plane, listed with the very text that was sent, and taken away again."""
    plane = ask(starter, lambda client: every(client, "eu"))[0]
    pem = make("edge-1").pem.decode()
    given = ask(starter, lambda client: client.pin("eu", plane.id, pem, "edge-1"))
    held = ask(starter, lambda client: client.certificates("eu", plane.id))
    assert [(each.id, each.cert, each.title) for each in held] == [(given.id, pem, "edge-1")]
    ask(starter, lambda client: client.unpin("eu", plane.id, given.id))
    assert ask(starter, lambda client: client.certificates("eu", plane.id)) == ()


@pytest.mark.parametrize(
    "text", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_what_is_no_certificate_is_refused(starter: Embedded, text: str) -> None:
    """Only a certificate can be given to a control plane."""
    plane = ask(starter, lambda client: every(client, "eu"))[0]
    with pytest.raises(KonnectError):
        ask(starter, lambda client: client.pin("eu", plane.id, text, "edge-1"))


def test_nodes_and_the_hash_they_should_have(starter: Embedded) -> None:
    """Nodes are told with version, certificate and hash; one that is behind can be told from one in sync."""
    plane = ask(starter, lambda client: every(client, "us"))[0]
    nodes = ask(starter, lambda client: client.nodes("us", plane.id))
    expected = ask(starter, lambda client: client.expected_hash("us", plane.id))
    held = {each.id for each in ask(starter, lambda client: client.certificates("us", plane.id))}
    assert [node.config_hash == expected for node in nodes] == [True, False]
    assert {node.data_plane_cert_id for node in nodes} == held


def test_the_enterprise_is_complete_and_read_by_pages(enterprise: Embedded) -> None:
    """Four hundred control planes of every type are found page by page, none twice."""
    regions = [region.code for region in ask(enterprise, lambda client: client.regions())]
    found = [plane for code in regions for plane in ask(enterprise, lambda client, code=code: every(client, code))]  # type: ignore[misc]
    assert len({plane.id for plane in found}) == len(found) == 400
    assert len({plane.config.cluster_type for plane in found}) == 6
    assert any(plane.config.cloud_gateway for plane in found)


def test_groups_have_members(enterprise: Embedded) -> None:
    """A member says so, and a group says how it fares: all but one have no conflict."""

    async def groups(client: Client) -> tuple[list[bool], list[str]]:
        planes = [(code, plane) for code in ("eu", "us", "au") for plane in await every(client, code)]
        members = [await client.is_member(code, plane.id) for code, plane in planes]
        kinds = [(code, plane) for code, plane in planes if plane.config.cluster_type.endswith("GROUP")]
        return members, [(await client.group_status(code, plane.id)).state for code, plane in kinds]

    members, states = ask(enterprise, groups)
    assert 0 < members.count(True) < len(members)
    assert set(states) == {"OK", "CONFLICT"}


def test_nodes_of_a_large_control_plane(tmp_path: Path) -> None:
    """Ten thousand control planes and a thousand nodes are listed to the last one."""
    with Embedded(tmp_path, Wanted(seed="scale")) as scale:
        plane = ask(scale, lambda client: client.named("eu", "thousand"))
        assert plane is not None
        nodes = ask(scale, lambda client: client.nodes("eu", plane.id))
        assert len({node.id for node in nodes}) == len(nodes) == 1000
        assert len(ask(scale, lambda client: every(client, "eu"))) == 5001
