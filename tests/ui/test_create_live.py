"""Review and Create for a control plane in Konnect: upload, watch, and every way both can go wrong."""

import tomllib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import konnect_stage
import pytest
from konnect_stage import HOSTILE, Play
from msgspec.structs import replace
from ui_hand import Hand

from fake_konnect import Answer, FakeKonnect
from fake_konnect.answers import legacy, problem
from konnect_tui.draft import Draft, Node
from konnect_tui.services import Services
from konnect_tui.ui.app import KonnectApp

Story = Callable[[Hand], Awaitable[None]]


class Stage(konnect_stage.Stage):
    """The wizard on Review, connected."""

    def play(self, story: Story, draft: Draft | None = None, size: tuple[int, int] = (80, 24)) -> KonnectApp:
        """Open Review and play."""

        async def whole(hand: Hand) -> None:
            async with self.client() as client:
                await self.connect(hand, client)
                await hand.app.screen_stack[0].go("review")
                await hand.settle()
                await story(hand)
                with suppress(AttributeError):
                    hand.app.session = None  # this client is closed here

        return self.run(whole, size=size, start=draft or self.draft)


@pytest.fixture
def stage(play: Play) -> Iterator[Stage]:
    """A pinned control plane without certificates."""
    with FakeKonnect() as konnect:
        yield Stage(konnect, play)


def nodes(stage: Stage, *names: str) -> Draft:
    """Answers for these nodes."""
    return replace(stage.draft, node=Node(names=names))


def manifest(services: Services) -> dict[str, Any]:
    """What the one bundle remembers."""
    [path] = Path(services.root).glob("*/konnect-tui.toml")
    return tomllib.loads(path.read_text())["manifest"]


async def until(hand: Hand, said: str, tries: int = 40) -> None:
    """Wait for words on the screen that a watch brings."""
    for _ in range(tries):
        if said in hand.read():
            return
        await hand.pilot.pause(0.1)
    assert said in hand.read()


# --- Review


def test_review_says_what_is_uploaded_where(stage: Stage) -> None:
    """File, control plane, region and organisation stand on Review; u leaves the upload for later."""

    async def story(hand: Hand) -> None:
        assert "upload/node-1.crt, at once, to orders-prod in eu, Acme Co." in hand.read()
        assert "u Upload later" in hand.seen()
        assert "--no-upload" not in hand.read()
        await hand.press("u")
        assert "upload/node-1.crt, later: konnect-tui upload" in hand.read()
        assert "--no-upload" in hand.read()
        assert "u Upload now" in hand.seen()

    stage.play(story)


def test_review_finds_the_control_plane_again(stage: Stage) -> None:
    """A resumed draft knows a control plane by name: it is found, and a differing auth mode is told."""
    wrong = replace(stage.draft.control_plane, id=None, auth_mode="pki")

    async def story(hand: Hand) -> None:
        assert "orders-prod has the auth mode pinned" in hand.read()
        assert "Create" not in hand.seen().splitlines()[-1]

    stage.play(story, replace(stage.draft, control_plane=wrong))


def test_review_says_that_it_is_gone(stage: Stage) -> None:
    """A control plane that is in Konnect no more is told on Review, and nothing is made."""
    gone = replace(stage.draft.control_plane, id="11111111-2222-4333-8444-555555555555")

    async def story(hand: Hand) -> None:
        assert "is in no region that this token can see" in hand.read()
        await hand.press("enter")
        assert hand.step == "review"

    stage.play(story, replace(stage.draft, control_plane=gone))


def test_review_tries_again_when_konnect_fails(stage: Stage) -> None:
    """Where Konnect can't say which control plane is meant, that is told, and Enter asks again."""
    stage.konnect.script("GET", stage.path, *[legacy(503, "Unavailable")] * 4)

    async def story(hand: Hand) -> None:
        assert "503" in hand.read()
        assert "Enter Try again" in hand.seen()
        await hand.press("enter")
        assert "at once, to orders-prod in eu" in hand.read()

    stage.play(story)


# --- upload


def test_konnect_is_given_the_certificates(stage: Stage, services: Services) -> None:
    """After the files are there each certificate is given once, titled; the ids are noted in the bundle."""

    async def story(hand: Hand) -> None:
        await hand.press("enter")
        assert "✓ Konnect has the 2 certificates: orders-prod, eu, Acme Co." in hand.read()

    app = stage.play(story, nodes(stage, "edge-1", "edge-2"))
    assert [title.split(" until ")[0] for title in stage.titles] == ["orders-prod-eu edge-1", "orders-prod-eu edge-2"]
    assert [each["id"] for each in manifest(services)["uploads"]] == [each["id"] for each in stage.held]
    assert app.farewell.code == 0


def test_what_is_there_is_not_sent_again(stage: Stage) -> None:
    """Made again, the same bundle sends nothing; Konnect has it all."""

    async def story(hand: Hand) -> None:
        await hand.press("enter")
        await hand.press("escape")
        assert hand.step == "review"
        await hand.settle()
        await hand.press("enter")
        assert "Konnect has the certificate: orders-prod, eu, Acme Co. 1 there already" in hand.read()

    stage.play(story)
    assert len(stage.konnect.asked("POST", "dp-client-certificates")) == 1


def test_upload_later(stage: Stage, services: Services) -> None:
    """With the upload left for later the bundle is made, nothing is sent, and the command is there to copy."""

    async def story(hand: Hand) -> None:
        await hand.press("u", "enter")
        assert "Give Konnect 1 certificate, before the nodes start: konnect-tui upload" in hand.read()
        await hand.press("enter")

    app = stage.play(story)
    assert not stage.konnect.asked("POST", "")
    assert f"  upload  konnect-tui upload {services.root}/orders-prod-eu\n" in app.farewell.text()
    assert f"  watch   konnect-tui watch {services.root}/orders-prod-eu\n" in app.farewell.text()
    assert app.return_code == 0


def test_a_refused_upload_leaves_the_bundle_whole(stage: Stage, services: Services) -> None:
    """403: the reason stands there, the bundle is made, Enter tries again; leaving tells how to go on."""
    refusal = problem(403, "Permission denied", "The role-set is insufficient")
    stage.konnect.script("POST", stage.certificates, refusal, refusal)

    async def story(hand: Hand) -> None:
        await hand.press("enter")
        assert "Konnect has 0 of 1 certificate" in hand.read()
        assert "upload/node-1.crt failed" in hand.read()
        assert "The bundle is whole and stays. Enter tries again" in hand.read()
        await hand.press("r")
        assert "Enter Try again" in hand.seen()
        await hand.press("ctrl+q")

    app = stage.play(story)
    assert (Path(services.root) / "orders-prod-eu" / "nodes" / "node-1" / "tls.key").is_file()
    assert "  upload  konnect-tui upload " in app.farewell.text()
    assert app.return_code == 4


def test_a_failed_upload_goes_on_where_it_stopped(stage: Stage, services: Services) -> None:
    """The second of three fails with 500 for good: one is noted; Enter gives the other two, and the first not again."""
    stage.konnect.script("POST", stage.certificates, Answer(body=None), *[legacy(500, "Oops")] * 8)

    async def story(hand: Hand) -> None:
        await hand.press("enter")
        assert "Konnect has 1 of 3 certificates" in hand.read()
        assert [bool(each.get("id")) for each in manifest(services)["uploads"]] == [True, False, False]
        stage.konnect._scripts.clear()  # how often a 500 is tried again is the client's business
        await hand.press("enter")
        assert "✓ Konnect has the 3 certificates:" in hand.read()

    stage.play(story, nodes(stage, "a", "b", "c"))
    assert len(stage.titles) == 3


def test_an_answer_that_was_lost(stage: Stage) -> None:
    """A certificate whose answer was lost is found in the list and never given twice."""
    stage.konnect.script("POST", stage.certificates, Answer(act="lose"))

    async def story(hand: Hand) -> None:
        await hand.press("enter")
        assert "✓ Konnect has the certificate" in hand.read()

    stage.play(story)
    assert len(stage.titles) == 1


@pytest.mark.parametrize("keys", [["escape"], ["ctrl+q"], ["ctrl+c", "ctrl+c"]], ids=" ".join)
def test_stopping_an_upload(stage: Stage, services: Services, keys: list[str]) -> None:
    """Esc stops the upload, Ctrl-Q and a second Ctrl-C leave: what was given is noted, the rest is told."""
    stage.konnect.script("POST", stage.certificates, Answer(body=None), Answer(body=None, delay=5))

    async def story(hand: Hand) -> None:
        await hand.pilot.press("enter")
        await until(hand, "1 of 3")
        for key in keys:
            await hand.pilot.press(key)
        await hand.settle()
        if keys == ["escape"]:
            assert "Stopped. What Konnect has is noted in the bundle." in hand.read()
            assert hand.step == "create"
            await hand.press("ctrl+q")

    app = stage.play(story, nodes(stage, "a", "b", "c"))
    assert app.return_code == (130 if "ctrl+c" in keys else 0)
    assert "(1 of 3 are there)" in app.farewell.text()
    assert [bool(each.get("id")) for each in manifest(services)["uploads"]] == [True, False, False]


# --- watch


def test_the_node_arrives(stage: Stage) -> None:
    """The last page says that the node is connected and in sync, on the certificate just made."""

    async def story(hand: Hand) -> None:
        await hand.press("enter")
        await until(hand, "Nodes: 0 of 1 connected and in sync")
        assert "node-1 waiting: not seen yet" in hand.read()
        stage.node("node-1", stage.held[0]["id"], config_hash="0" * 32)
        await until(hand, "node-1 3.10.0.5 connected, no configuration yet")
        stage.konnect.nodes[stage.plane["id"]][0]["config_hash"] = stage.konnect.hashes[stage.plane["id"]]
        await until(hand, "✓ node-1 3.10.0.5 connected, in sync, on the certificate just made")
        assert "Nodes: 1 of 1 connected and in sync" in hand.read()
        await hand.press("enter")

    app = stage.play(story)
    assert "  done    node-1 is connected and in sync\n" in app.farewell.text()
    assert "konnect-tui watch" not in app.farewell.text()


def test_what_keeps_a_node_is_told(stage: Stage) -> None:
    """A stranger of its name and a refused configuration are told beside the node."""

    async def story(hand: Hand) -> None:
        await hand.press("enter")
        stage.node("edge-1", "another", labels={})
        wrong = [{"error_message": "unknown", "field": "f"}]
        entity = {"entity_type": "plugin", "entity_name": "[/x]\x1b[2J", "errors": wrong}
        fault = {"name": "schema", "source": "config", "flattened_errors": [entity]}
        stage.node("edge-2", stage.held[1]["id"], config_hash="1" * 32, errors=[fault])
        await until(hand, "A node called edge-1 is there")
        assert "edge-2 refuses the configuration: plugin [/x]\\e[2J" in hand.read()

    stage.play(story, nodes(stage, "edge-1", "edge-2"), (120, 40))


def test_a_watch_survives_konnect_failing(stage: Stage) -> None:
    """While Konnect can't be asked, that is told, and the watch goes on."""
    stage.konnect.script("GET", f"{stage.path}/expected-config-hash", *[legacy(502, "Bad Gateway")] * 4)

    async def story(hand: Hand) -> None:
        await hand.press("enter")
        await until(hand, "502")
        await until(hand, "Nodes: 0 of 1 connected and in sync")
        for _ in range(30):
            if "502" not in hand.read():
                break
            await hand.pilot.pause(0.1)
        assert "502" not in hand.read()

    stage.play(story)


def test_a_revoked_token_ends_the_watch_in_words(stage: Stage) -> None:
    """A token that Konnect takes no more ends the watch; w would begin another; leaving works."""

    async def story(hand: Hand) -> None:
        await hand.press("enter")
        await until(hand, "Nodes: 0 of 1")
        stage.konnect.token = "another"
        await until(hand, "✗")
        assert "w Watch" in hand.seen()
        await hand.press("ctrl+q")

    app = stage.play(story)
    assert app.return_code == 0
    assert "konnect-tui watch" in app.farewell.text()


def test_back_and_on_while_watching(stage: Stage) -> None:
    """Esc leaves a watch for Review, and Create shows it again."""

    async def story(hand: Hand) -> None:
        await hand.press("enter")
        await until(hand, "Nodes: 0 of 1")
        await hand.press("escape")
        assert hand.step == "review"
        await hand.press("enter")
        await until(hand, "Nodes: 0 of 1")

    stage.play(story)


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_names(play: Play, text: str) -> None:
    """Names of control plane and organisation are never markup and never reach the terminal raw."""
    with FakeKonnect() as konnect:
        konnect.organization["name"] = text
        stage = Stage(konnect, play, text)

        async def story(hand: Hand) -> None:
            assert not any(character in hand.seen() for character in ("\x1b", "\u202e"))
            await hand.press("enter")
            assert not any(character in hand.seen() for character in ("\x1b", "\u202e"))

        app = stage.play(story)
        assert "\x1b" not in app.farewell.text()


def test_many_certificates(stage: Stage) -> None:
    """Sixty nodes are given in one go, with progress, and only some rows are shown."""

    async def story(hand: Hand) -> None:
        await hand.press("enter")
        assert "✓ Konnect has the 60 certificates:" in hand.read()
        await until(hand, "Nodes: 0 of 60")
        assert "and 52 more" in hand.read()

    stage.play(story, nodes(stage, "edge-{01..60}"), (120, 40))
