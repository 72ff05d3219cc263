"""Creating a control plane from the wizard: asked first, validated as Konnect does, reused where it is there."""

from collections.abc import Callable

import pytest
from ui_hand import Hand

from fake_konnect import FakeKonnect
from fake_konnect.answers import Answer, problem
from konnect_tui.flow.creating import Wanted, faults
from konnect_tui.services import Services
from konnect_tui.ui.app import KonnectApp

Play = Callable[..., KonnectApp]
PLANES = "/eu/v2/control-planes"


async def _fill(hand: Hand, name: str, labels: str = "") -> None:
    """To the form, and through it to the last field."""
    await hand.to_planes()
    await hand.press("f2")
    await hand.type(name)
    await hand.press("tab", "tab")
    await hand.type(labels)
    await hand.press("tab")


def test_it_is_created_and_taken(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """After a question that names organisation and region it is created as asked for, read back, and taken."""

    async def story(hand: Hand) -> None:
        await _fill(hand, "orders", "team=pay env=prod")
        await hand.press("right", "enter")
        await hand.until("Create it in Konnect?")
        assert "organisation Acme Co., region eu" in hand.read()
        assert not konnect.asked("POST", "/control-planes")
        await hand.press("enter")
        await hand.until("Step 4 of 9")
        assert (hand.draft.control_plane.name, hand.draft.control_plane.auth_mode) == ("orders", "pki")
        assert hand.app.target.control_plane.id == hand.draft.control_plane.id

    play(story, services=live)
    [made] = konnect.control_planes["eu"]
    assert (made["labels"], made["config"]["auth_type"]) == ({"team": "pay", "env": "prod"}, "pki_client_certs")


def test_nothing_is_created_that_was_not_meant(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """Esc at the question, and Esc in the form, create nothing and lose nothing."""

    async def story(hand: Hand) -> None:
        await _fill(hand, "orders")
        await hand.press("enter")
        await hand.until("Create it in Konnect?")
        await hand.press("escape")
        assert "orders" in hand.seen()
        await hand.press("escape")
        assert hand.step == "control_plane"

    play(story, services=live)
    assert not konnect.control_planes


def test_a_name_that_is_taken_offers_the_one_that_has_it(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """Where the name is taken by a control plane that can take nodes, that one is offered, with its auth mode."""
    there = konnect.add_control_plane("eu", "orders", auth_type="pki_client_certs")

    async def story(hand: Hand) -> None:
        await _fill(hand, "orders")
        await hand.press("enter")
        await hand.until("Create it in Konnect?")
        await hand.press("enter")
        await hand.until("The name is taken")
        assert "You wanted pinned: its nodes are pki" in hand.read()
        await hand.press("enter")
        await hand.until("Step 4 of 9")
        assert (hand.draft.control_plane.id, hand.draft.control_plane.auth_mode) == (there["id"], "pki")

    play(story, services=live)
    assert len(konnect.control_planes["eu"]) == 1


def test_a_name_taken_by_one_that_can_take_no_node(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """Where the one that has the name can't take nodes, that is said, and it is not offered."""
    konnect.add_control_plane("eu", "orders", cluster_type="CLUSTER_TYPE_SERVERLESS")

    async def story(hand: Hand) -> None:
        await _fill(hand, "orders")
        await hand.press("enter")
        await hand.until("Create it in Konnect?")
        await hand.press("enter")
        await hand.until("Choose another name")

    play(story, services=live)


def test_a_role_that_is_missing_is_named(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """A token that may not create says so; what was typed stays."""

    async def story(hand: Hand) -> None:
        await _fill(hand, "orders")
        konnect.script("POST", PLANES, *[problem(403, "Forbidden", "insufficient role")] * 1)
        await hand.press("enter")
        await hand.until("Create it in Konnect?")
        await hand.press("enter")
        await hand.until("✗")
        assert "insufficient role" in hand.read()
        assert "orders" in hand.seen()

    play(story, services=live)


def test_a_lost_answer_makes_no_second_one(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """Where the answer to the request is lost, what was made is found, and taken: there is one, not two."""

    async def story(hand: Hand) -> None:
        await _fill(hand, "orders")
        konnect.script("POST", PLANES, Answer(body=None, act="lose"))
        await hand.press("enter")
        await hand.until("Create it in Konnect?")
        await hand.press("enter")
        await hand.until("Step 4 of 9", seconds=30)

    play(story, services=live)
    assert len(konnect.control_planes["eu"]) == 1


def test_waiting_can_be_stopped(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """Esc while Konnect does not answer stops the waiting, and says that it can't be known what became of it."""

    async def story(hand: Hand) -> None:
        await _fill(hand, "orders")
        konnect.script("POST", PLANES, Answer(act="hang"))
        await hand.press("enter")
        await hand.until("Create it in Konnect?")
        await hand.press("enter")
        await hand.until("Asking Konnect")
        await hand.press("escape")
        await hand.until("F5 asks anew")

    play(story, services=live)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (Wanted("x"), "out-of-range"),
        (Wanted("x" * 257), "out-of-range"),
        (Wanted("orders", "d" * 2049), "out-of-range"),
        (Wanted("orders", labels="team"), "bad-label"),
        (Wanted("orders", labels="team=-x"), "bad-label"),
        (Wanted("orders", labels="kong-team=x"), "reserved-label"),
        (Wanted("orders", labels="_team=x"), "reserved-label"),
        (Wanted("orders", labels="a=1 b=2 c=3, d=4 e=5 f=6"), "too-many-labels"),
    ],
)
def test_what_konnect_would_refuse_is_not_asked(wanted: Wanted, code: str) -> None:
    """Name, description and labels are held to Konnect's own limits."""
    assert code in [problem.code for problem in faults(wanted)]


@pytest.mark.parametrize("wanted", [Wanted("or"), Wanted("é" * 256, "d" * 2048, "a=1,b=2 c=3 d=4 e=x.y_z-9", "pki")])
def test_what_konnect_takes_is_asked(wanted: Wanted) -> None:
    """What lies within the limits is no fault."""
    assert list(faults(wanted)) == []
