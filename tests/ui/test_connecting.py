"""Start in Konnect: the token, whose it is, and what is said where that can't be asked."""

import asyncio
import gc
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from fake_keyring import MemoryKeyring
from ui_hand import Hand

from fake_konnect import FakeKonnect
from fake_konnect.answers import JSON, Answer, as_json, page, problem
from konnect_tui.draft import ControlPlane, Draft
from konnect_tui.flow.connecting import TYPED, Connecting
from konnect_tui.konnect.models import Organization
from konnect_tui.secret import Secret
from konnect_tui.services import Reach, Services
from konnect_tui.ui.app import KonnectApp
from konnect_tui.ui.scene import look_around
from konnect_tui.ui.session import Patience, connect

Play = Callable[..., KonnectApp]
ME = "/global/v3/organizations/me"


@pytest.fixture
def ring() -> MemoryKeyring:
    """An empty one."""
    return MemoryKeyring()


@pytest.fixture
def bare(tmp_path: Path, konnect: FakeKonnect, ring: MemoryKeyring, live: Services) -> Services:
    """No token in the environment, and a keyring."""
    return Services(
        live.root,
        environ={},
        now=live.now,
        state=str(tmp_path / "drafts"),
        config=str(tmp_path / "config"),
        reach=Reach(konnect.url, keyring=lambda: ring),
    )


def test_a_token_of_the_environment_takes_one_enter(play: Play, live: Services) -> None:
    """With KONNECT_TOKEN, Enter on the first page connects; the organisation stands in the header from then on."""

    async def story(hand: Hand) -> None:
        assert "KONNECT_TOKEN" in hand.read()
        await hand.press("enter")
        await hand.until("Step 2 of 9")
        assert "Org Acme Co." in hand.read()
        assert hand.draft.control_plane.source == "konnect"

    play(story, services=live)


def test_another_konnect_is_named(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """Where `--api-url` names another Konnect, that is said before the token goes there, and in the header after."""

    async def story(hand: Hand) -> None:
        await hand.until(f"It is sent to http://127.0.0.1:{konnect.port}")
        await hand.press("enter")
        await hand.until(f"API 127.0.0.1:{konnect.port}")

    play(story, services=live)


def test_nobody_has_to_have_a_token(play: Play, services: Services) -> None:
    """Without a token the first page stands at offline, and Enter goes on there."""

    async def story(hand: Hand) -> None:
        assert "(•) Set up nodes offline" in hand.read()
        await hand.press("enter")
        assert (hand.step, hand.draft.control_plane.source) == ("region", "manual")

    play(story, services=services)


def test_a_typed_token_is_kept_when_wished(
    play: Play, bare: Services, konnect: FakeKonnect, ring: MemoryKeyring
) -> None:
    """A typed token is probed, then kept in the keyring under its profile; next time it is offered by name."""

    async def story(hand: Hand) -> None:
        await hand.press("up", "enter")
        await hand.type(konnect.token)
        assert konnect.token not in hand.seen()
        await hand.press("down", "right", "down")
        await hand.type("prod")
        await hand.press("enter")
        await hand.until("Step 2 of 9")

    play(story, services=bare)
    assert list(ring.kept.values()) == [konnect.token]

    async def again(hand: Hand) -> None:
        await hand.press("up")
        await hand.until("keyring, profile prod · Acme Co.")
        await hand.press("enter")
        await hand.until("Step 2 of 9")

    play(again, services=bare.at(bare.root))


def test_profiles_are_chosen_from(play: Play, bare: Services, konnect: FakeKonnect) -> None:
    """Where several are kept, each is named with its organisation, and one is chosen."""
    for profile, name in (("dev", "Acme Lab"), ("prod", "Acme Co.")):
        told = Organization("1", name)
        bare.tokens.save(Secret(konnect.token.encode()), told, bare.now(), profile=profile, place="keyring")

    async def story(hand: Hand) -> None:
        await hand.press("up")
        await hand.until("profile dev · Acme Lab")
        await hand.press("tab", "right")
        assert "profile prod · Acme Co." in hand.read()
        await hand.press("enter")
        await hand.until("Step 2 of 9")

    play(story, services=bare)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (problem(401, "Unauthenticated", "A valid token is required"), "Another one can be typed here."),
        (problem(403, "Forbidden", "no"), "role"),
        (page("Please log in to Hotel WiFi", 200), "web page"),
        (Answer(200, b"{", {"Content-Type": "application/json"}), "can't be"),
    ],
)
def test_why_not_is_said(play: Play, live: Services, konnect: FakeKonnect, answer: Answer, told: str) -> None:
    """Whatever keeps Konnect from saying whose token it is, is said in words; the page stays, and works again."""
    konnect.script("GET", ME, answer)

    async def story(hand: Hand) -> None:
        await hand.press("enter")
        await hand.until("✗", seconds=30)
        assert told in hand.read()
        assert hand.step == "start"
        await hand.press("enter")
        await hand.until("Step 2 of 9")

    play(story, services=live)


def test_it_can_be_stopped(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """While Konnect does not answer, that is seen, Esc stops it, and Enter tries again."""
    konnect.script("GET", ME, Answer(act="hang"))

    async def story(hand: Hand) -> None:
        await hand.press("enter")
        await hand.until("Asking Konnect whose token this is")
        await hand.press("escape")
        await hand.until("Stopped")
        await hand.press("enter")
        await hand.until("Step 2 of 9")

    play(story, services=live)


def test_a_keyring_that_waits_is_named(
    play: Play, bare: Services, konnect: FakeKonnect, ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the keyring waits to be unlocked the page says that it is the keyring, and does not blame Konnect."""
    token, unlocked = Secret(konnect.token.encode()), threading.Event()
    bare.tokens.save(token, Organization("1", "Acme Co."), bare.now(), profile="prod", place="keyring")
    get = ring.get_password
    monkeypatch.setattr(ring, "get_password", lambda *asked: unlocked.wait(30) and get(*asked))

    async def story(hand: Hand) -> None:
        await hand.press("up")
        await hand.until("keyring, profile prod")
        await hand.press("enter")
        await hand.until("Looking up the saved token in the keyring")
        unlocked.set()
        await hand.until("Step 2 of 9")

    play(story, services=bare)


def test_a_keyring_that_has_answered_is_not_named_any_more(bare: Services, konnect: FakeKonnect) -> None:
    """Once the token is found and kept, whatever takes long after that is not the keyring."""
    token, state, patience = Secret(konnect.token.encode()), Connecting(source=TYPED, keep=True), Patience()

    async def story() -> None:
        session, told = await connect(bare, state, look_around(bare), token, patience)
        assert told.startswith("The token is kept in the keyring")
        assert patience.keyring == ""
        await session.close()

    asyncio.run(story())


def test_nothing_stays_open_when_the_keyring_is_not_waited_for(
    bare: Services, konnect: FakeKonnect, ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever stops while the keyring asks for its password gives up the connection that was open already."""
    asked, answered, left = threading.Event(), threading.Event(), list[str]()

    def slow(*_: str) -> None:
        asked.set()
        answered.wait(10)

    monkeypatch.setattr(ring, "set_password", slow)

    async def story() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, said: left.append(said["message"]))
        token, state = Secret(konnect.token.encode()), Connecting(source=TYPED, keep=True)
        connecting = asyncio.ensure_future(connect(bare, state, look_around(bare), token, Patience()))
        assert await asyncio.to_thread(asked.wait, 10)
        connecting.cancel()
        with suppress(asyncio.CancelledError):
            await connecting
        answered.set()
        del connecting
        await asyncio.sleep(0.2)  # the thread lets go of it, too
        gc.collect()

    asyncio.run(story())
    assert left == []


def test_a_clock_that_is_off_is_told(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """A clock that differs from Konnect's is told right after connecting: certificates would begin too late."""
    whose = dict(JSON) | {"Date": "Mon, 01 Jan 2024 00:00:00 GMT"}
    konnect.script("GET", ME, Answer(body=as_json(konnect.organization), headers=whose))

    async def story(hand: Hand) -> None:
        await hand.press("enter")
        await hand.until("Step 2 of 9")
        assert ["clock" in note.message for note in hand.app._notifications] == [True]

    play(story, services=live)


def test_a_second_enter_asks_nothing_twice(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """Keys that come while Konnect is asked begin nothing anew, and are not obeyed by the page that follows."""
    konnect.latency = 0.3

    async def story(hand: Hand) -> None:
        await hand.burst("", "enter", "enter", "enter")
        await hand.until("Step 2 of 9")
        assert hand.step == "region"

    play(story, services=live)
    assert len(konnect.asked("GET", "/organizations/me")) == 1


@pytest.mark.parametrize("keys", [("ctrl+q",), ("ctrl+c", "ctrl+c")])
def test_the_wizard_can_be_left_meanwhile(
    play: Play, live: Services, konnect: FakeKonnect, keys: tuple[str, ...]
) -> None:
    """Ctrl-Q and two Ctrl-C leave while Konnect does not answer."""
    konnect.script("GET", ME, Answer(act="hang"))

    async def story(hand: Hand) -> None:
        await hand.press("enter")
        await hand.until("Asking Konnect")
        await hand.press(*keys)

    assert play(story, services=live).return_code == 130


def test_no_token_is_asked_for_in_words(play: Play, bare: Services) -> None:
    """Enter without a token leads into the field for it; a second says what is missing."""

    async def story(hand: Hand) -> None:
        await hand.press("up", "enter", "enter")
        assert "Konnect wants an access token" in hand.read()
        assert hand.step == "start"

    play(story, services=bare)


def test_a_token_with_something_else_is_refused_unsent(play: Play, bare: Services, konnect: FakeKonnect) -> None:
    """What can't be a token never goes over a network."""

    async def story(hand: Hand) -> None:
        await hand.press("up", "enter")
        await hand.type("KONNECT_TOKEN=kpat_abc")
        await hand.press("enter")
        await hand.until("holds more than the token")

    play(story, services=bare)
    assert konnect.requests == []


def test_the_token_is_in_nothing_that_is_kept(play: Play, bare: Services, konnect: FakeKonnect, tmp_path: Path) -> None:
    """A typed token that isn't to be kept is in no file: no draft, no login, no state."""
    konnect.add_control_plane("eu", "orders")

    async def story(hand: Hand) -> None:
        await hand.press("up", "enter")
        await hand.type(konnect.token)
        await hand.press("enter")
        await hand.until("Step 2 of 9")
        await hand.press("down", "down", "enter")
        await hand.until("orders")
        await hand.press("enter")
        await hand.until("Step 4 of 9")
        assert konnect.token not in repr(vars(hand.app))
        await hand.press("ctrl+q")

    app = play(story, services=bare)
    assert "Your draft is kept" in app.farewell.text()
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert any(b"orders" in file.read_bytes() for file in files)
    assert not any(konnect.token.encode() in file.read_bytes() for file in files)


def _saved(services: Services, **more: str) -> None:
    from konnect_tui.answers import dumps

    section = ControlPlane(source="konnect", region="eu", **{"name": "orders", "auth_mode": "pinned", **more})
    services.drafts.save(dumps(Draft(section)), "orders-eu")


def test_a_draft_of_konnect_goes_on_with_a_connection(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """A saved draft for a control plane in Konnect connects first, finds it, and goes to Review."""
    plane = konnect.add_control_plane("eu", "orders")
    _saved(live, id=plane["id"])

    async def story(hand: Hand) -> None:
        await hand.press("down", "down", "enter")
        await hand.until("Step 8 of 9")
        assert hand.app.target.control_plane.id == plane["id"]

    play(story, services=live)


def test_a_draft_whose_mode_changed_goes_to_authentication(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """Where Konnect has another mode than the draft, that is said on the page of the mode, with the cure a key away."""
    plane = konnect.add_control_plane("eu", "orders", auth_type="pki_client_certs")
    _saved(live, id=plane["id"])

    async def story(hand: Hand) -> None:
        await hand.press("down", "down", "enter")
        await hand.until("Step 4 of 9")
        await hand.press("enter")
        assert hand.step == "authentication"
        assert "has the auth mode pki" in hand.read()
        await hand.press("down", "enter")
        assert (hand.step, hand.draft.control_plane.auth_mode) == ("certificates", "pki")

    play(story, services=live)


def test_a_draft_can_be_looked_at_without_a_connection(play: Play, bare: Services) -> None:
    """Where there is no token, a draft for Konnect can still be looked at."""
    _saved(bare, id="5c04bb05-3b3c-4b7e-9d59-a7a9a1b9e4f0")

    async def story(hand: Hand) -> None:
        await hand.press("down", "enter")
        await hand.until("Access token")
        await hand.press("up", "right")
        assert "none: look without a connection" in hand.read()
        await hand.press("enter")
        assert hand.step == "review"
        assert hand.app.session is None

    play(story, services=bare)


def test_a_draft_whose_control_plane_is_elsewhere_says_so(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """A control plane that is in another region than the draft says is told on the page of control planes."""
    konnect.add_control_plane("us", "orders")
    _saved(live)

    async def story(hand: Hand) -> None:
        await hand.press("down", "down", "enter")
        await hand.until("Step 3 of 9")
        assert "but in us" in hand.read()

    play(story, services=live)


def test_the_last_region_is_offered_first(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """The region that was used last is chosen when the wizard comes back; opt-in and new regions are marked."""
    konnect.add_control_plane("us", "orders")
    konnect.regions["stable"].append("jp")

    async def first(hand: Hand) -> None:
        await hand.press("enter")
        await hand.until("jp new to this release")
        assert "Opt-in" in hand.read()
        assert "used last" not in hand.read()
        await hand.press("down", "up", "end", "up", "enter")
        await hand.until("orders")
        await hand.press("enter")
        await hand.until("Step 4 of 9")

    play(first, services=live)

    async def again(hand: Hand) -> None:
        await hand.press("enter")
        await hand.until("(•) us")
        assert "it stands at the one used last" in hand.read()

    play(again, services=live.at(live.root))
