"""One certificate given to a control plane or taken away: what is told is what Konnect's list says afterwards."""

from collections.abc import Iterator
from typing import Any

import pytest
from certificate_maker import DAY, NOW, Made, make
from konnect_asking import ask

from fake_konnect import Answer, FakeKonnect
from fake_konnect.answers import found, legacy
from konnect_tui.errors import KonnectError
from konnect_tui.konnect.client import Client
from konnect_tui.konnect.models import ClientCertificate, Config, ControlPlane, Organization
from konnect_tui.konnect.target import Target
from konnect_tui.live.changing import Outcome, give, remove
from konnect_tui.live.inventory import Inventory, stock, take_stock
from konnect_tui.live.offering import Offer, offers

LEAF = make("edge-1")


class Place:
    """A control plane in a stand-in, and the two questions."""

    def __init__(self, konnect: FakeKonnect) -> None:
        self.konnect = konnect
        self.plane = konnect.add_control_plane("eu", "orders")
        self.path = f"/eu/v2/control-planes/{self.plane['id']}/dp-client-certificates"
        plane = ControlPlane(self.plane["id"], "orders", Config(auth_type="pinned_client_certs"))
        self.target = Target("eu", Organization("o"), plane)

    async def _look(self, client: Client) -> Inventory:
        return await take_stock(client, "eu", self.plane["id"], "pinned", NOW)

    def give(self, made: Made = LEAF) -> Outcome:
        """Give it."""
        [offer] = offers([made.der], Inventory("pinned", ()), NOW)
        return ask(self.konnect, lambda client: give(client, self.target, offer, lambda: self._look(client)))

    def remove(self, held: dict[str, Any]) -> Outcome:
        """Take it away."""

        async def asking(client: Client) -> Outcome:
            entry = next(each for each in (await self._look(client)).entries if each.id == held["id"])
            return await remove(client, self.target, entry, lambda: self._look(client))

        return ask(self.konnect, asking)


@pytest.fixture
def place() -> Iterator[Place]:
    """A pinned control plane without certificates."""
    with FakeKonnect() as konnect:
        yield Place(konnect)


def test_given_and_removed(place: Place) -> None:
    """What was given is in the list afterwards, what was removed is not."""
    given = place.give()
    assert (given.result, given.id) == ("done", place.konnect.certificates[place.plane["id"]][0]["id"])
    removed = place.remove(place.konnect.certificates[place.plane["id"]][0])
    assert (removed.result, removed.inventory.entries) == ("done", ())


def test_konnect_takes_it_and_does_not_list_it(place: Place) -> None:
    """A certificate that Konnect says it has, and does not list, is not told as given."""
    item = {"id": "x", "cert": LEAF.pem.decode(), "title": "", "created_at": 1, "updated_at": 1}
    place.konnect.script("POST", place.path, found({"item": item}, 201))
    outcome = place.give()
    assert outcome.result == "failed"
    assert "does not list it" in outcome.sentence


def test_konnect_removes_it_and_lists_it_still(place: Place) -> None:
    """A certificate that is listed after it was removed is not told as removed."""
    held = place.konnect.add_certificate(place.plane, LEAF.pem.decode(), "one")
    place.konnect.script("DELETE", f"{place.path}/{held['id']}", Answer(204, b""))
    outcome = place.remove(held)
    assert outcome.result == "failed"
    assert "lists it still" in outcome.sentence


def test_what_can_not_be_told(place: Place) -> None:
    """Where neither the answer nor the list comes, the first fault is the one that is raised."""
    place.konnect.script("GET", place.path, Answer(body=None), legacy(401, "Unauthorized"))
    place.konnect.script("POST", place.path, legacy(403, "Forbidden"))
    with pytest.raises(KonnectError) as fault:
        place.give()
    assert fault.value.code == "not-permitted"


def offer(made: Made, mode: str = "pinned") -> Offer:
    """What giving it would mean."""
    [only] = offers([made.der], Inventory(mode, ()), NOW)
    return only


def test_what_suits_the_mode_comes_first() -> None:
    """Of a chain the leaf is offered first in pinned mode, the CA in PKI mode, and each once."""
    ca = make("Corp CA", ca=True)
    leaf = ca.issue("edge-1")
    for mode, first in (("pinned", "“edge-1”"), ("pki", "“Corp CA”")):
        found = offers([ca.der, leaf.der, ca.der], Inventory(mode, ()), NOW)
        assert found[0].name == first
        assert len(found) == 2


def test_what_is_there_is_known_by_its_der() -> None:
    """A certificate the control plane has is recognised, whatever its title and line ends there."""
    held = ClientCertificate("a", LEAF.pem.decode().replace("\n", "\r\n"), "theirs")
    inventory = stock([held], (), "pinned", NOW)
    [only] = offers([LEAF.der], inventory, NOW)
    assert only.there is not None
    assert only.there.title == "theirs"


@pytest.mark.parametrize(
    ("made", "mode", "codes", "hopeless"),
    [
        (make("leaf"), "pinned", [], False),
        (make("brief", begins=NOW, ends=NOW + 30 * DAY), "pinned", ["short-life"], False),
        (make("over", begins=NOW - 9 * DAY, ends=NOW - DAY), "pinned", ["expired-pinned"], False),
        (make("ca", ca=True), "pinned", ["issuer-uploaded"], False),
        (make("leaf"), "pki", ["leaf-in-pki"], False),
        (make("ca", ca=True), "pki", [], False),
        (make("ca", ca=True, begins=NOW - 9 * DAY, ends=NOW - DAY), "pki", ["expired"], True),
        (make("ca", ca=True, begins=NOW + DAY), "pki", ["not-yet-valid"], False),
        (make("leaf"), "something_new", [], False),
    ],
)
def test_what_speaks_against_it(made: Made, mode: str, codes: list[str], hopeless: bool) -> None:
    """Before anything is sent the checks of the product say what they think; what lets nobody in is hopeless."""
    judged = offer(made, mode)
    assert [each.code for each in judged.remarks] == codes
    assert judged.hopeless is hopeless
    assert judged.means
