"""What we say to Konnect and what our stand-in says for it, judged by Prism with the published contract."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from konnect_asking import ask, refused
from prism import Door, GuardedDoor, guards, mocks

from fake_konnect import FakeKonnect
from konnect_tui.errors import KonnectError
from konnect_tui.konnect.client import Client
from konnect_tui.konnect.models import NewControlPlane

PLANE = "7f9fd312-a987-4628-b4c5-bb4f4fddd5f7"
PEM = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"
WANTED = NewControlPlane("payments", "pki_client_certs", "For the shop.", {"team": "shop", "env": "prod.1"})


async def _listed(client: Client) -> int:
    async for page in client.control_planes("eu"):
        return len(page.control_planes)
    return 0


async def _nodes(client: Client) -> None:
    """Prism keeps no state: the cursor of its example leads to the same page for ever."""
    try:
        await client.nodes("eu", PLANE)
    except KonnectError as fault:
        if fault.code != "endless-list":
            raise


CALLS: dict[str, Callable[[Client], Any]] = {
    "organization": lambda client: client.organization(),
    "control planes": _listed,
    "control plane": lambda client: client.control_plane("eu", PLANE),
    "named": lambda client: client.named("eu", "Test & Control=Plane"),
    "create": lambda client: client.create("eu", WANTED),
    "create the least": lambda client: client.create("eu", NewControlPlane("payments", "pinned_client_certs")),
    "certificates": lambda client: client.certificates("eu", PLANE),
    "pin": lambda client: client.pin("eu", PLANE, PEM, "edge-1"),
    "unpin": lambda client: client.unpin("eu", PLANE, PLANE),
    "nodes": _nodes,
    "expected hash": lambda client: client.expected_hash("eu", PLANE),
    "member": lambda client: client.is_member("eu", PLANE),
}
"""Every question of the client whose request is published; available-regions and group-status are not."""


@pytest.fixture(scope="module")
def contract() -> Iterator[Door]:
    """Konnect's published contract, answering."""
    with mocks() as ports, Door(ports) as door:
        yield door


@pytest.fixture
def konnect(contract: Door) -> Iterator[Door]:
    """The same without anything left over from another test; no request may break it."""
    contract.prefer = ""
    contract.violations.clear()
    contract.judged.clear()
    yield contract
    assert contract.judged
    assert contract.violations == []


@pytest.mark.slow
@pytest.mark.parametrize("call", CALLS)
def test_every_request_is_as_published(call: str, konnect: Door) -> None:
    """Prism finds nothing wrong with any request, and its answers are understood."""
    ask(konnect.url, CALLS[call])


@pytest.mark.slow
@pytest.mark.parametrize("call", CALLS)
def test_answers_nobody_thought_of_are_understood(call: str, konnect: Door) -> None:
    """Answers that Prism makes up from the schemas alone are understood, or refused as making no sense."""
    konnect.prefer = "dynamic=true"
    for _ in range(5):
        ask(konnect.url, CALLS[call])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("call", "status", "code"),
    [
        ("organization", 401, "token-refused"),
        ("control planes", 400, "invalid-input"),
        ("control planes", 401, "token-refused"),
        ("control planes", 403, "not-permitted"),
        ("control planes", 503, "konnect-fault"),
        ("create", 409, "name-taken"),
        ("create", 403, "not-permitted"),
        ("certificates", 404, "not-in-konnect"),
        ("pin", 400, "refused-by-konnect"),
        ("pin", 401, "token-refused"),
        ("pin", 403, "not-permitted"),
        ("member", 404, "not-in-konnect"),
    ],
)
def test_every_published_refusal_is_told(call: str, status: int, code: str, konnect: Door) -> None:
    """The errors that the contract has become ours, with Konnect's trace id where it has one."""
    konnect.prefer = f"code={status}"
    fault = refused(konnect.url, CALLS[call])
    assert fault.code == code
    published = call in ("organization", "control planes", "create", "member")
    assert ("trace:" in fault.context) == published


@pytest.mark.slow
def test_prism_would_find_it(contract: Door) -> None:
    """A request that breaks the contract is noticed: the tests above could fail."""
    contract.prefer = ""
    contract.violations.clear()
    wrong = NewControlPlane("x" * 300, "wrong")  # type: ignore[arg-type]
    refused(contract.url, lambda client: client.create("eu", wrong))
    assert any("auth_type" in each for each in contract.violations)
    assert any("name" in each for each in contract.violations)


@pytest.mark.slow
def test_the_stand_in_answers_as_published() -> None:
    """What the strict stand-in answers, good and bad, passes Prism with the same contract, so they can't drift."""
    with FakeKonnect() as fake:
        plane = fake.add_control_plane("eu", "there", labels={"team": "shop"})
        fake.add_control_plane("eu", "another")
        fake.add_node(plane, "edge-1")
        held = fake.add_certificate(plane, PEM, "edge-0")
        with guards(fake.url) as ports, GuardedDoor(ports) as door:
            here = plane["id"]
            ask(door.url, CALLS["organization"], token=fake.token)
            assert ask(door.url, _listed, token=fake.token) == 2
            good: tuple[Callable[[Client], Any], ...] = (
                lambda client: client.control_plane("eu", here),
                lambda client: client.named("eu", "there"),
                lambda client: client.create("eu", WANTED),
                lambda client: client.certificates("eu", here),
                lambda client: client.unpin("eu", here, held["id"]),
                lambda client: client.pin("eu", here, PEM, "edge-1"),
                lambda client: client.nodes("eu", here),
                lambda client: client.expected_hash("eu", here),
                lambda client: client.is_member("eu", here),
            )
            for call in good:
                ask(door.url, call, token=fake.token)
            for name in ("control plane", "certificates", "member"):
                refused_or_none(door, fake.token, name)
            assert refused(door.url, CALLS["create"], token=fake.token).code == "name-taken"
            for name in ("organization", "control planes", "certificates"):
                assert refused(door.url, CALLS[name], token="wrong").code == "token-refused"
            assert len(door.judged) > len(good)
            assert door.violations == []


def refused_or_none(door: Door, token: str, name: str) -> None:
    """A control plane that is not there is answered with 404 wherever it is asked for."""
    if name == "control plane":
        assert ask(door.url, CALLS[name], token=token) is None
    else:
        assert refused(door.url, CALLS[name], token=token).code == "not-in-konnect"
