"""The certificates of a control plane on the screen, against a stand-in for Konnect over HTTP."""

import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import konnect_stage
import pytest
from certificate_maker import DAY
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from konnect_stage import HOSTILE, TODAY, Play, cert
from ui_hand import Hand

from fake_konnect import Answer, FakeKonnect
from fake_konnect.answers import legacy
from konnect_tui.ui.app import KonnectApp
from konnect_tui.ui.inventory import InventoryScreen

Story = Callable[[Hand], Awaitable[None]]


class Stage(konnect_stage.Stage):
    """The screen over it."""

    def play(self, story: Story, size: tuple[int, int] = (80, 24)) -> KonnectApp:
        """Open the screen and play."""

        async def whole(hand: Hand) -> None:
            async with self.client() as client:
                hand.app.push_screen(InventoryScreen(await self.session(client), self.target))
                await hand.settle()
                await story(hand)

        return self.run(whole, size=size)


@pytest.fixture
def stage(play: Play) -> Iterator[Stage]:
    """A pinned control plane without certificates."""
    with FakeKonnect() as konnect:
        yield Stage(konnect, play)


@pytest.fixture
def pki(play: Play) -> Iterator[Stage]:
    """A control plane in PKI mode."""
    with FakeKonnect() as konnect:
        yield Stage(konnect, play, auth_type="pki_client_certs")


def rows(hand: Hand) -> list[str]:
    """The lines of the list."""
    return [line for line in hand.seen().splitlines()[3:] if " d  " in line or "unknown " in line]


# --- looking


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_the_list_says_who_uses_what_and_what_is_wrong(stage: Stage, size: tuple[int, int]) -> None:
    """Subject, end, nodes and remarks in words stand in a row, soonest end first; one is told whole."""
    stage.node("edge-1", stage.give(cert("edge-1", 12), "orders edge-1"))
    stage.give(cert("edge-2"), "orders edge-2")
    stage.give(cert("old", -3))

    async def story(hand: Hand) -> None:
        assert "Certificates of orders-prod   pinned · eu · Acme Co." in hand.seen()
        assert "3 certificates · 1 expired · 1 end within 30 days · 2 unused" in hand.seen()
        assert [row.strip(" ▸!i").split(" ")[0] for row in rows(hand)] == ["old", "edge-1", "edge-2"]
        assert rows(hand)[0].split()[2:] == ["2026-11-20", "-3", "d", "0", "expired,", "unused"]
        assert rows(hand)[1].rstrip().endswith("ends soon")
        await hand.press("down")
        assert "Nodes    edge-1" in hand.seen()
        assert "Subject  CN=edge-1" in hand.seen()
        assert "! “edge-1” ends on 2026-12-05, in 12 days; 1 node came in with it, 1 connected now." in hand.read()

    stage.play(story, size)


def test_certificates_of_one_name_are_told_apart(stage: Stage) -> None:
    """Where two have the same subject, as all that the wizard pins, the list shows their titles."""
    for number in (1, 2):
        stage.give(cert("konnect-orders"), f"edge-{number} of orders")

    async def story(hand: Hand) -> None:
        assert ["edge-1 of orders" in rows(hand)[0], "edge-2 of orders" in rows(hand)[1]] == [True, True]

    stage.play(story)


def test_typing_leaves_what_holds_it(stage: Stage) -> None:
    """Letters look in subject, title, node and remark; Esc takes them away first, then closes."""
    stage.node("fra-7", stage.give(cert("edge-1")))
    stage.give(cert("edge-2"))

    async def story(hand: Hand) -> None:
        await hand.press(*"unused")
        assert ["edge-2" in row for row in rows(hand)] == [True]
        assert "› unused  (1 of 2)" in hand.seen()
        await hand.press(*["backspace"] * 6, *"fra-7")
        assert ["edge-1" in row for row in rows(hand)] == [True]
        await hand.press("escape")
        assert len(rows(hand)) == 2
        await hand.press("escape")
        assert hand.app.screen is hand.app.screen_stack[0]

    stage.play(story)


def test_a_control_plane_without_certificates(stage: Stage) -> None:
    """An empty list says so, and offers to add one; there is nothing to remove."""

    async def story(hand: Hand) -> None:
        assert "This control plane has no certificate." in hand.seen()
        assert "F2 Add a file" in hand.seen()
        await hand.press("f8", "enter", "down")
        assert "F8" not in hand.seen()

    stage.play(story)


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_names(play: Play, text: str) -> None:
    """Names of control plane, organisation, certificate and node are never markup and never reach the terminal raw."""
    with FakeKonnect() as konnect:
        konnect.organization["name"] = text
        stage = Stage(konnect, play, text)
        stage.node(text, stage.give(cert(text, 5), text))
        stage.node(text, None)
        stage.give("rubbish", text)

        async def story(hand: Hand) -> None:
            for keys in ([], ["down"], ["f8"], ["x", "enter"], ["escape"], ["f3"]):
                await hand.press(*keys)
                assert not any(character in hand.seen() for character in ("\x1b", "\u202e"))
            await hand.type(cert(text).pem.decode())
            await hand.press("enter")
            assert not any(character in hand.seen() for character in ("\x1b", "\u202e"))
            await hand.press("enter")
            assert len(stage.titles) == 3
            assert not any(character in hand.seen() for character in ("\x1b", "\u202e"))

        stage.play(story)


def test_a_thousand_certificates(stage: Stage) -> None:
    """A thousand certificates are listed within seconds, and a key is answered at once."""
    some = [cert(f"edge-{number}") for number in range(10)]
    for number in range(1000):
        stage.give(some[number % 10], f"node {number}")

    async def story(hand: Hand) -> None:
        assert "1,000 certificates" in hand.seen()
        began = time.perf_counter()
        await hand.press("end", "up", "pageup")
        await hand.press(*"node 777")
        assert time.perf_counter() - began < 4  # Pilot takes a tenth of a second a key
        assert len(rows(hand)) == 1

    began = time.perf_counter()
    stage.play(story)
    assert time.perf_counter() - began < 12


def test_the_way_there(stage: Stage) -> None:
    """F4 on the list of control planes shows the certificates of the one under the cursor; Esc goes back to it."""
    stage.give(cert("edge-1"))

    async def story(hand: Hand) -> None:
        async with stage.client() as client:
            await stage.connect(hand, client)
            await hand.app.screen_stack[0].go("control_plane")
            await hand.settle()
            assert "F4 Certs" in hand.seen()
            await hand.press("f4")
            assert "Certificates of orders-prod   pinned · eu · Acme Co." in hand.seen()
            assert "1 certificate · 1 unused" in hand.seen()
            await hand.press("escape")
            assert hand.step == "control_plane"
            await hand.app.screen_stack[0].go("start")  # no page without a connection shows the list
            hand.app.session = None  # this client is closed here

    stage.run(story, start=stage.draft)


# --- faults


def test_a_fault_is_told_and_tried_again(stage: Stage) -> None:
    """Where Konnect refuses, that stands there in words; Enter asks again."""
    stage.give(cert("edge-1"))
    stage.konnect.script("GET", stage.certificates, legacy(401, "Unauthorized"))

    async def story(hand: Hand) -> None:
        assert "Code token-refused." in hand.read()
        await hand.press("enter")
        assert "1 certificate " in hand.seen()

    stage.play(story)


def test_without_the_nodes_nothing_is_called_unused(stage: Stage) -> None:
    """A token that may not list nodes sees the certificates, a question mark for their use, and why."""
    stage.give(cert("edge-1"), "one")
    stage.konnect.script("GET", f"{stage.path}/nodes", *[legacy(403, "Forbidden")] * 2)

    async def story(hand: Hand) -> None:
        assert rows(hand)[0].split()[2:] == ["2027-12-28", "400", "d", "?"]
        assert "! Which nodes use them is not known:" in hand.read()
        await hand.press("f8")
        assert "! Which nodes use it is not known" in hand.seen()

    stage.play(story)


def test_nodes_that_will_not_come_back(stage: Stage) -> None:
    """Nodes whose certificate was taken away are named."""
    stage.node("edge-1", stage.give(cert("edge-1")))
    stage.node("edge-2", "gone")

    async def story(hand: Hand) -> None:
        assert "that of 1 node is gone" in hand.seen()
        assert "! edge-2 came in with a certificate that is not here any more" in hand.read()

    stage.play(story)


def test_leaving_while_konnect_is_slow(stage: Stage) -> None:
    """While Konnect takes its time, that is shown, and Esc leaves at once."""
    stage.konnect.script("GET", stage.certificates, Answer(body=None, delay=1.5))

    async def whole(hand: Hand) -> None:
        async with stage.client() as client:
            hand.app.push_screen(InventoryScreen(await stage.session(client), stage.target))
            await hand.pilot.pause(1.2)
            assert "Asking Konnect for certificates and nodes … 1 s" in hand.seen()
            await hand.pilot.press("escape")
            await hand.pilot.pause(0.1)
            assert hand.app.screen is hand.app.screen_stack[0]

    stage.run(whole)


# --- taking one away


def test_removing_wants_the_title_typed(stage: Stage) -> None:
    """What is to be typed is shown, with the nodes that lose their connection; nothing goes before it is right."""
    stage.node("fra-7", stage.give(cert("edge-1"), "orders edge-1"))

    async def story(hand: Hand) -> None:
        await hand.press("f8")
        assert "1 node came in with it and loses its connection: fra-7." in hand.read()
        assert "To remove it, type its title:" in hand.seen()
        await hand.press("enter")
        await hand.type("orders edge")
        await hand.press("enter")
        assert "✗ That is not it, to the letter. Nothing was removed." in hand.read()
        assert stage.titles == ["orders edge-1"]
        await hand.type("-1")
        await hand.press("enter")
        assert "✓ “edge-1” is removed." in hand.seen()
        assert "This control plane has no certificate." in hand.seen()

    stage.play(story)
    assert stage.titles == []


def test_a_changed_mind_removes_nothing(stage: Stage) -> None:
    """Esc leaves the certificate where it is, even with its title typed."""
    stage.give(cert("edge-1"), "orders")

    async def story(hand: Hand) -> None:
        await hand.press("delete")
        await hand.type("orders")
        await hand.press("escape")
        assert stage.titles == ["orders"]
        assert hand.app.screen is not hand.app.screen_stack[0]

    stage.play(story)
    assert not stage.konnect.asked("DELETE", "")


def test_who_uses_it_is_looked_up_before_it_is_asked(stage: Stage) -> None:
    """A node that came in since the list was made is among those that lose their connection."""
    held = stage.give(cert("edge-1"), "orders")

    async def story(hand: Hand) -> None:
        stage.node("late-1", held)
        await hand.press("f8")
        assert "loses its connection: late-1." in hand.read()

    stage.play(story)


def test_somebody_else_removed_it(stage: Stage) -> None:
    """What somebody else took away meanwhile is told, before the question and after it."""
    stage.give(cert("edge-1"), "one")
    stage.give(cert("edge-2"), "two")

    async def story(hand: Hand) -> None:
        stage.konnect.certificates[stage.plane["id"]].pop(0)
        await hand.press("f8")
        assert "i “edge-1” is gone already: somebody else removed it." in hand.read()
        await hand.press("f8")
        stage.konnect.certificates[stage.plane["id"]].clear()
        await hand.type("two")
        await hand.press("enter")
        assert "i Konnect does not have “edge-2” any more; somebody removed it meanwhile." in hand.read()

    stage.play(story)


def test_a_removal_that_is_refused(stage: Stage) -> None:
    """Without the right to, the certificate stays, and that is said with what to do."""
    held = stage.give(cert("edge-1"), "one")
    stage.konnect.script("DELETE", f"{stage.certificates}/{held}", legacy(403, "Forbidden"))

    async def story(hand: Hand) -> None:
        await hand.press("f8")
        await hand.type("one")
        await hand.press("enter")
        assert "✗ “edge-1” is not removed:" in hand.read()
        assert len(rows(hand)) == 1

    stage.play(story)


def test_a_removal_whose_answer_was_lost(stage: Stage) -> None:
    """What counts is what the list says afterwards: it is gone, so it was removed."""
    held = stage.give(cert("edge-1"), "one")
    stage.konnect.script("DELETE", f"{stage.certificates}/{held}", Answer(act="lose"))

    async def story(hand: Hand) -> None:
        await hand.press("f8")
        await hand.type("one")
        await hand.press("enter")
        assert "This control plane has no certificate." in hand.seen()
        assert "✗" not in hand.seen()

    stage.play(story)
    assert stage.titles == []


# --- adding one


async def paste(hand: Hand, text: str) -> None:
    """Paste it and go on to what it would mean."""
    await hand.press("f3")
    await hand.type(text)
    await hand.press("enter")


def test_only_the_certificate_is_sent(stage: Stage) -> None:
    """Of a paste with key and chain the node's certificate is offered first; it alone is sent, once."""
    ca = cert("Corp CA", ca=True)
    leaf = ca.issue("edge-1", begins=TODAY - DAY, ends=TODAY + 90 * DAY)
    text = (leaf.secret.reveal() + ca.pem + b"# mine\n" + leaf.pem).decode()

    async def story(hand: Hand) -> None:
        await paste(hand, text)
        assert "▸ certificate “edge-1”, ends 2027-02-21" in hand.seen()
        assert "The node gets in that presents exactly this certificate" in hand.read()
        assert "The private key beside it is not sent." in hand.read()
        await hand.press("enter")
        assert "✓ Konnect has “edge-1” now, as “edge-1 until 2027-02-21”" in hand.read()
        assert "▸i edge-1" in hand.seen()
        await paste(hand, text)
        assert "It is there already, as “edge-1 until 2027-02-21”" in hand.read()
        await hand.press("enter")
        assert "✗ Nothing was sent." in hand.read()

    stage.play(story)
    [sent] = stage.konnect.asked("POST", "dp-client-certificates")
    assert sent.body == {"cert": leaf.pem.decode(), "title": "edge-1 until 2027-02-21"}


def test_a_file_is_chosen_and_sent(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F2 takes a file; a key in it stays where it is."""
    leaf = cert("edge-1")
    (tmp_path / "both.pem").write_bytes(leaf.pem + leaf.secret.reveal())
    monkeypatch.chdir(tmp_path)

    async def story(hand: Hand) -> None:
        await hand.press("f2")
        await hand.press(*"both", "enter")
        assert "The private key beside it is not sent." in hand.read()
        await hand.press("enter")
        assert "✓ Konnect has “edge-1” now" in hand.read()

    stage.play(story)
    assert all("PRIVATE" not in str(each.body) for each in stage.konnect.requests)


def test_a_locked_file_is_not_asked_for_its_passphrase(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A certificate is no secret: of a file that a passphrase locks another form is wanted."""
    leaf = cert("edge-1")
    form = serialization.BestAvailableEncryption(b"secret")
    locked = pkcs12.serialize_key_and_certificates(b"x", leaf.key, leaf.certificate, None, form)
    (tmp_path / "locked.p12").write_bytes(locked)
    monkeypatch.chdir(tmp_path)

    async def story(hand: Hand) -> None:
        await hand.press("f2")
        await hand.press(*"locked", "enter")
        assert "The certificate is no secret: give it in a file of its own" in hand.read()

    stage.play(story)


def test_a_trust_store_is_looked_at_in_part(stage: Stage) -> None:
    """Of far more certificates than any control plane is given some are shown, and that there are more is told."""
    one = cert("edge-1")
    many = "".join(cert(f"ca-{number}", key=one.key).pem.decode() for number in range(120))

    async def story(hand: Hand) -> None:
        await paste(hand, many)
        await hand.press(*["down"] * 3)
        hand.app.screen.action_move(200)
        await hand.settle()
        assert "… and 20 more, which are not looked at" in hand.read()

    stage.play(story)


def test_a_key_alone_is_not_sent(stage: Stage) -> None:
    """A private key where a certificate is wanted is refused before anything is sent."""

    async def story(hand: Hand) -> None:
        await paste(hand, cert("edge-1").secret.reveal().decode())
        assert "There is no certificate in it." in hand.read()

    stage.play(story)
    assert not stage.konnect.asked("POST", "")


def test_what_it_would_mean_in_this_mode(pki: Stage) -> None:
    """In PKI mode the CA is offered first, with who gets in by it; a leaf is told to be none."""
    ca = cert("Corp CA", ca=True)
    leaf = ca.issue("edge-1", begins=TODAY - DAY, ends=TODAY + 90 * DAY)

    async def story(hand: Hand) -> None:
        await paste(hand, (leaf.pem + ca.pem).decode())
        assert "▸ CA “Corp CA”" in hand.seen()
        assert "Every node gets in whose certificate “Corp CA” issued" in hand.read()
        await hand.press("down")
        assert "! “edge-1” is not a CA, and this control plane looks for one" in hand.read()

    pki.play(story)


def test_a_ca_that_ended_is_not_sent(pki: Stage) -> None:
    """What lets nobody in is not sent, and why is said."""

    async def story(hand: Hand) -> None:
        await paste(hand, cert("Old CA", -2, ca=True).pem.decode())
        assert "It is not sent: no node would get in by it." in hand.read()
        assert "Send it" not in hand.seen()
        await hand.press("enter")

    pki.play(story)
    assert not pki.konnect.asked("POST", "")


def test_what_is_doubtful_is_said_before_it_is_sent(stage: Stage) -> None:
    """A CA for a pinned control plane and a certificate that ended are told; they may be sent all the same."""

    async def story(hand: Hand) -> None:
        await paste(hand, cert("Corp CA", ca=True).pem.decode())
        assert "! “Corp CA” is a CA. A pinned control plane compares certificates as they are" in hand.read()
        assert "Send it" in hand.seen()
        await hand.press("escape")
        await paste(hand, cert("old", -2).pem.decode())
        assert "Konnect does not say what it does then" in hand.read()

    stage.play(story)


def test_somebody_else_gave_it_meanwhile(stage: Stage) -> None:
    """The list is looked at again before anything is sent: what is there by now is not sent twice."""
    leaf = cert("edge-1")

    async def story(hand: Hand) -> None:
        await paste(hand, leaf.pem.decode())
        stage.give(leaf, "theirs")
        await hand.press("enter")
        assert "i “edge-1” is there already, as “theirs”: nothing was sent." in hand.read()

    stage.play(story)
    assert not stage.konnect.asked("POST", "")


def test_a_refused_certificate(stage: Stage) -> None:
    """Where Konnect refuses it, that is said, and nothing seems to be there that isn't."""
    stage.konnect.script("POST", stage.certificates, legacy(403, "Forbidden"))

    async def story(hand: Hand) -> None:
        await paste(hand, cert("edge-1").pem.decode())
        await hand.press("enter")
        assert "✗ “edge-1” is not given:" in hand.read()
        assert "This control plane has no certificate." in hand.seen()

    stage.play(story)


def test_an_answer_that_was_lost(stage: Stage) -> None:
    """A certificate whose answer was lost is found in the list and never given twice."""
    stage.konnect.script("POST", stage.certificates, Answer(act="lose"))

    async def story(hand: Hand) -> None:
        await paste(hand, cert("edge-1").pem.decode())
        await hand.press("enter")
        assert "✓ Konnect has “edge-1” now" in hand.read()

    stage.play(story)
    assert len(stage.konnect.asked("POST", "dp-client-certificates")) == 1
    assert len(stage.titles) == 1


@pytest.mark.parametrize("ways", [["ctrl+q"], ["f1", "ctrl+q"], ["f8", "ctrl+q"], ["ctrl+c", "ctrl+c"]], ids=" ".join)
def test_quit_works_in_each(stage: Stage, ways: list[str]) -> None:
    """Ctrl-Q and a second Ctrl-C leave from the screen and from what stands over it, and change nothing."""
    stage.give(cert("edge-1"), "one")

    async def story(hand: Hand) -> None:
        await hand.press(*ways)

    app = stage.play(story)
    assert app.return_code == 130
    assert stage.titles == ["one"]
