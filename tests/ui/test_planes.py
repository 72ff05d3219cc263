"""Control planes in Konnect as a list: seen, sifted, taken; and what is said where one can't be."""

import asyncio
from collections.abc import Callable

import pytest
from textual.events import Key
from ui_hand import Hand

from fake_konnect import FakeKonnect
from fake_konnect.answers import Answer, problem
from konnect_tui.services import Services
from konnect_tui.ui.app import KonnectApp
from konnect_tui.ui.planes import PlaneList

Play = Callable[..., KonnectApp]
PLANES = "/eu/v2/control-planes"


def _under_cursor(hand: Hand) -> str:
    row = hand.app.screen_stack[0].query_one(PlaneList).row
    return row.name if row else ""


def test_one_is_taken(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """Enter takes the control plane under the cursor: id, name, region and auth mode as Konnect has them."""
    konnect.add_control_plane("eu", "other")
    plane = konnect.add_control_plane("eu", "orders", auth_type="pki_client_certs")

    async def story(hand: Hand) -> None:
        await hand.to_planes()
        await hand.until("orders")
        await hand.burst("ORD")
        assert _under_cursor(hand) == "orders"
        await hand.press("enter")
        await hand.until("Step 4 of 9")
        taken = hand.draft.control_plane
        assert (taken.source, taken.region, taken.id, taken.name) == ("konnect", "eu", plane["id"], "orders")
        assert taken.auth_mode == "pki"
        assert hand.app.target.control_plane.config.control_plane_endpoint == plane["config"]["control_plane_endpoint"]
        assert "As read from Konnect: pki" in hand.read()
        await hand.press("up", "enter")
        assert hand.draft.control_plane.auth_mode == "pki"

    play(story, services=live)


def test_f9_takes_it_and_goes_to_review(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """From the list F9 takes the control plane and goes to Review with the default for all that follows."""
    konnect.add_control_plane("eu", "orders")

    async def story(hand: Hand) -> None:
        await hand.to_planes()
        await hand.until("orders")
        await hand.press("f9")
        await hand.until("orders-eu (new)")
        assert hand.step == "review"

    play(story, services=live)


@pytest.mark.parametrize("typed", ["orders", "TEAM=PAY", "id", "host", "ord pay"])
def test_it_is_found_by_whatever_is_known_of_it(play: Play, live: Services, konnect: FakeKonnect, typed: str) -> None:
    """Typed words, whatever their case, are looked for in name, labels, id and host; all have to be there."""
    for number in range(120):
        konnect.add_control_plane("eu", f"plane-{number}")
    plane = konnect.add_control_plane("eu", "Orders", labels={"team": "pay"})
    typed = {"id": plane["id"][:13], "host": plane["config"]["control_plane_endpoint"][8:24]}.get(typed, typed)

    async def story(hand: Hand) -> None:
        await hand.to_planes()
        await hand.until("121 ·")
        await hand.burst(typed)
        assert "1 of 121" in hand.read()
        assert _under_cursor(hand) == "Orders"
        await hand.press(*["backspace"] * len(typed))
        assert "› type to filter 121" in hand.read()

    play(story, services=live)


def test_letters_typed_at_once_only_sift(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """No letter is lost, or obeyed as a key, however fast they come; Enter counts last."""
    for number in range(250):
        konnect.add_control_plane("eu", f"plane-{number:03}")
    konnect.add_control_plane("eu", "quick jk brown")

    async def story(hand: Hand) -> None:
        await hand.to_planes()
        await hand.until("251 ·")
        await hand.burst("q jk brown", "enter")
        await hand.until("Step 4 of 9")
        assert hand.draft.control_plane.name == "quick jk brown"

    play(story, services=live)


def test_those_that_can_take_no_node_say_why(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """A hosted, foreign or unknown kind is listed with the reason, and Enter and F9 don't take it."""
    konnect.add_control_plane("eu", "hosted", cloud_gateway=True)
    konnect.add_control_plane("eu", "kic", cluster_type="CLUSTER_TYPE_K8S_INGRESS_CONTROLLER")
    konnect.add_control_plane("eu", "future", cluster_type="CLUSTER_TYPE_FROM_TOMORROW")
    konnect.add_control_plane("eu", "strange", auth_type="retina_scan")

    async def story(hand: Hand) -> None:
        await hand.to_planes()
        await hand.until("strange")
        for name, reason in (
            ("hosted", "Kong hosts its nodes"),
            ("kic", "Kong Ingress Controller"),
            ("future", "does not know its type"),
            ("strange", "does not know its auth mode"),
        ):
            await hand.burst(name)
            await hand.press("enter", "f9")
            assert hand.step == "control_plane"
            assert reason in hand.read()
            await hand.press("escape")
        assert hand.draft.control_plane.id is None

    play(story, services=live)


def test_a_member_of_a_group_is_refused(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """Whether a group has it as a member is asked for the one that is taken; the group itself can be taken."""
    konnect.add_control_plane("eu", "team-group", cluster_type="CLUSTER_TYPE_CONTROL_PLANE_GROUP")
    konnect.members.add(konnect.add_control_plane("eu", "member")["id"])

    async def story(hand: Hand) -> None:
        await hand.to_planes()
        await hand.until("member")
        await hand.burst("memb", "enter")
        await hand.until("only the group takes nodes")
        assert hand.step == "control_plane"
        await hand.press("escape")
        await hand.burst("team", "enter")
        await hand.until("Step 4 of 9")

    play(story, services=live)


def test_nothing_is_asked_while_somebody_types(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """What flies past costs Konnect nothing and the typist no time: nodes are counted for what is left at last."""
    for number in range(200):
        halves = "".join(pair[number >> at & 1] for at, pair in enumerate(("ab", "cd", "ef", "gh", "ij")))
        konnect.add_control_plane("eu", f"{halves}-{number}")

    async def story(hand: Hand) -> None:
        await hand.to_planes()
        await hand.until("200 ·")
        await _quiet(konnect)
        before = len(konnect.asked("GET", "/nodes"))
        for letter in "bdfhj":
            hand.app.post_message(Key(letter, letter))
            await asyncio.sleep(0.15)
        await _quiet(konnect)
        asked = {request.path.split("/")[4] for request in konnect.asked("GET", "/nodes")[before:]}
        assert asked
        assert asked <= {each["id"] for each in konnect.control_planes["eu"] if each["name"].startswith("bdfhj")}

    play(story, services=live)


async def _quiet(konnect: FakeKonnect) -> None:
    """Until nothing is asked any more."""
    asked = -1
    while asked != len(konnect.requests):
        asked = len(konnect.requests)
        await asyncio.sleep(0.6)


def test_nodes_are_counted_for_what_is_seen(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """How many nodes are connected is asked for the lines that are seen, and for no others."""
    for number in range(300):
        plane = konnect.add_control_plane("eu", f"plane-{number:03}")
        konnect.add_node(plane, "edge-1")
        konnect.add_node(plane, "edge-2", connection_state={"is_connected": False})

    async def story(hand: Hand) -> None:
        await hand.to_planes()
        await hand.until("300 ·")
        await hand.until("1 of 2 connected")
        assert "1/2" in hand.seen()

    play(story, services=live)
    assert 0 < len(konnect.asked("GET", "/nodes")) < 40


def test_a_failed_list_says_why_and_is_tried_again(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """Where a region does not answer, that is said, F5 asks again, and Region remembers it."""
    konnect.add_control_plane("eu", "orders")
    konnect.script("GET", PLANES, problem(403, "Forbidden", "no role"), problem(403, "Forbidden", "no role"))

    async def story(hand: Hand) -> None:
        await hand.to_planes()
        await hand.until("✗")
        await hand.press("escape")
        assert hand.step == "region"
        assert "not allowed" in hand.read()
        await hand.press("enter")
        await hand.press("f5")
        await hand.until("orders")

    play(story, services=live)


def test_a_token_revoked_half_way_says_how_to_go_back(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """When the token stops working, the next question says so and names the way back to Start."""
    konnect.add_control_plane("eu", "orders")

    async def story(hand: Hand) -> None:
        await hand.to_planes()
        await hand.until("orders")
        konnect.token = "kpat_another"
        await hand.press("f5")
        await hand.until("Esc goes back to Start")
        await hand.press("escape", "escape")
        assert hand.step == "start"
        konnect.token = live.environ["KONNECT_TOKEN"]
        await hand.press("enter")
        await hand.until("Step 2 of 9")

    play(story, services=live)


def test_an_empty_organisation_says_what_can_be_done(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """An organisation without control planes in the region says so, and offers to create one."""

    async def story(hand: Hand) -> None:
        await hand.to_planes()
        await hand.until("Acme Co. has no control plane in region eu")
        assert "▸ + Create a control plane here" in hand.seen()

    play(story, services=live)


def test_it_is_found_in_another_region(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """A name that this region lacks is looked for in the others; taking it there switches the region."""
    konnect.add_control_plane("eu", "orders")
    plane = konnect.add_control_plane("us", "payments")

    async def story(hand: Hand) -> None:
        await hand.to_planes()
        await hand.until("orders")
        await hand.burst("payments")
        assert "F6 looks for a name or an id in the other regions" in hand.read()
        await hand.press("f6")
        await hand.until("It is in another region")
        await hand.press("enter")
        await hand.until("Region us")
        await hand.until(plane["id"])
        await hand.press("enter")
        await hand.until("Step 4 of 9")
        assert (hand.draft.control_plane.region, hand.draft.control_plane.id) == ("us", plane["id"])

    play(story, services=live)


def test_it_is_in_no_other_region(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """Where no region has it, that is said, with the regions that did not answer."""
    konnect.script("GET", "/us/v2/control-planes", problem(403, "Forbidden", "no role"))

    async def story(hand: Hand) -> None:
        await hand.to_planes()
        await hand.burst("payments", "f6")
        await hand.until("No other region has", seconds=40)
        assert "us did not answer" in hand.read()

    play(story, services=live)


def test_the_cursor_stays_while_more_come(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """The first page can be used at once; what comes later moves neither the cursor nor what is seen around it."""
    for number in range(400):
        konnect.add_control_plane(
            "eu", f"plane-{number:03}", created_at=f"2026-01-01T00:{number // 60:02}:{number % 60:02}Z"
        )
    konnect.latency = 0.4

    async def story(hand: Hand) -> None:
        await hand.to_planes()
        await hand.until("of 400 …")
        await hand.press("down", "down", "down")
        name = _under_cursor(hand)
        lines = hand.seen().splitlines()
        line = next(at for at, text in enumerate(lines) if f"▸ {name}" in text)
        await hand.until("400 ·")
        assert _under_cursor(hand) == name
        assert f"▸ {name}" in hand.seen().splitlines()[line]

    play(story, services=live)


def test_the_order_can_be_changed(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """The latest come first; F3 puts them in the order of their names, and back."""
    for name, created in (("beta", "2026-01-01"), ("alpha", "2026-02-01"), ("Gamma", "2026-03-01")):
        konnect.add_control_plane("eu", name, created_at=f"{created}T00:00:00Z")

    async def story(hand: Hand) -> None:
        await hand.to_planes()
        await hand.until("3 ·")
        listing = hand.app.session.planes_of("eu").listing
        assert [listing.rows[at].name for at in listing.shown] == ["Gamma", "alpha", "beta"]
        await hand.press("f3")
        assert [listing.rows[at].name for at in listing.shown] == ["alpha", "beta", "Gamma"]
        assert "by name" in hand.read()
        await hand.press("f3")
        assert [listing.rows[at].name for at in listing.shown] == ["Gamma", "alpha", "beta"]

    play(story, services=live)


@pytest.mark.parametrize("key", ["ctrl+q", "escape"])
def test_the_page_can_be_left_while_the_list_comes(play: Play, live: Services, konnect: FakeKonnect, key: str) -> None:
    """Esc and Ctrl-Q work while Konnect does not answer."""

    async def story(hand: Hand) -> None:
        await hand.press("enter")
        await hand.until("Step 2 of 9")
        konnect.script("GET", PLANES, Answer(act="hang"))
        await hand.pilot.press("down", "down", "enter")
        await hand.until("asking Konnect")
        await hand.pilot.press(key)
        if key == "escape":
            await hand.until("Step 2 of 9")

    play(story, services=live)


HOSTILE = ["[/x][b]", "\x1b[31mred\x1b[2J", "\u202egnp.exe", "🦍🦍 合成", "合" * 256, "a\nb\tc", "[@click=app.quit]x"]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80", "120"])
def test_hostile_names_are_shown_and_taken(
    play: Play, live: Services, konnect: FakeKonnect, text: str, size: tuple[int, int]
) -> None:
    """Names, labels and descriptions that are attacks break no page, are never markup, and are taken to the letter."""
    konnect.organization["name"] = text
    konnect.add_control_plane("eu", text, description=text * 3, labels={"team": text})

    async def story(hand: Hand) -> None:
        await hand.press("enter")
        await hand.until("Step 2 of 9") if size[0] < 100 else await hand.until("▸ Region")
        await hand.press("down", "down", "enter")
        await hand.until("none yet")
        seen = hand.seen()
        assert not any(character in seen for character in ("\x1b", "\u202e", "\t"))
        assert all(line.endswith(" ") or len(line) <= size[0] for line in seen.splitlines())
        await hand.press("enter")
        await hand.until("As read from Konnect")
        assert hand.draft.control_plane.name == text

    play(story, services=live, size=size)


def test_a_list_that_breaks_off_keeps_its_heads(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """Where the list fails after some pages, how far it came stands in one line above the columns."""
    for number in range(300):
        konnect.add_control_plane("eu", f"plane-{number:03}")
    konnect.script("GET", PLANES, Answer(body=None), *[problem(403, "Forbidden", "no role")] * 3)

    async def story(hand: Hand) -> None:
        await hand.to_planes()
        await hand.until("then it failed: F5 tries again")
        assert "Name Auth Type Labels Age Nodes" in hand.read()
        konnect._scripts.clear()  # how many pages were asked for ahead is not promised

    play(story, services=live)


def test_asking_anew_while_the_list_comes(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """F5, pressed again and again while the list is on its way, asks anew, and says so until the list is whole."""
    for number in range(300):
        konnect.add_control_plane("eu", f"plane-{number:03}")
    konnect.script("GET", PLANES, *[Answer(body=None, delay=0.2)] * 4)

    async def story(hand: Hand) -> None:
        await hand.press("enter")
        await hand.until("Step 2 of 9")
        await hand.pilot.press("down", "down", "enter")
        await hand.until("100 of 300 …")
        planes = hand.app.screen_stack[0].query_one(PlaneList).planes
        await hand.pilot.press("f5")
        for _ in range(20):
            assert planes.loading or planes.loaded
            await hand.pilot.pause(0.01)
        await hand.until("300 ·")
        assert not planes.loading

    play(story, services=live)


def test_asking_anew_is_told_before_anything_comes(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """F5 with a slow Konnect says at once that it is asked again."""
    konnect.add_control_plane("eu", "orders")

    async def story(hand: Hand) -> None:
        await hand.to_planes()
        await hand.until("orders")
        konnect.script("GET", PLANES, Answer(body=None, delay=3))
        await hand.pilot.press("f5")
        await hand.until("1, asking again …", seconds=1.5)
        konnect.script("GET", PLANES, Answer(429, b"", {"Retry-After": "20"}))
        await hand.pilot.press("f5")
        await hand.until("asks to wait. Trying again in")

    play(story, services=live)
