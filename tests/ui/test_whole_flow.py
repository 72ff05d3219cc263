"""From Start to a finished bundle at 80×24, as a person would."""

from collections.abc import Callable
from pathlib import Path

import pytest
from ui_hand import Hand

from konnect_tui.converge import Wish, propose
from konnect_tui.draft import Certificate, Draft, Output
from konnect_tui.services import Services
from konnect_tui.ui.app import KonnectApp

Play = Callable[..., KonnectApp]


def test_pinned_bundle_by_hand(play: Play, services: Services) -> None:
    """Someone who takes the defaults gets a rehearsed bundle, and `apply` of it changes nothing."""

    async def story(hand: Hand) -> None:
        await hand.to_authentication("orders prod")
        await hand.press("enter", "enter")
        assert hand.step == "node"
        await hand.press("down")
        await hand.type("edge-{01..03}")
        assert "3 nodes: edge-01, edge-02, edge-03" in hand.seen()
        await hand.press("enter", "enter")
        assert hand.step == "review"
        assert "upload/edge-01.crt and 2 more" in hand.seen()
        await hand.press("enter")
        assert "edge-03 is accepted over TLS 1.2 and 1.3" in hand.seen()
        assert not services.drafts.list()
        await hand.press("enter")

    app = play(story)
    folder = Path(services.root) / "orders-prod-eu"
    assert app.return_code == 0
    assert app.farewell.text().startswith(f"{folder}\n")
    assert (folder / "nodes/edge-03/tls.key").stat().st_mode & 0o777 == 0o600
    assert not propose(services, Wish(app.draft)).changed


def test_pki_bundle_by_hand(play: Play, services: Services) -> None:
    """With PKI, two intermediates and an encrypted CA key the chain is drawn, and the bundle holds it."""

    async def story(hand: Hand) -> None:
        await hand.to_authentication()
        await hand.press("down", "enter")
        assert "└─ issued node-1.orders" in hand.seen()
        await hand.press("down", "down", "down", "down", "right", "right")
        assert hand.draft.certificate.intermediates == 2
        assert "Accepted: Konnect is given" in hand.seen()
        await hand.press("down", "down", "down")
        await hand.type("correct horse")
        await hand.press("down")
        await hand.type("correct horse")
        assert "correct" not in hand.seen()
        await hand.press("enter", "enter", "enter", "enter")
        assert "upload/root.crt" in hand.seen()
        assert "is accepted over TLS 1.2 and 1.3" in hand.seen()

    play(story)
    folder = Path(services.root) / "orders-eu"
    assert b"ENCRYPTED" in (folder / "ca/root.key").read_bytes()
    assert (folder / "nodes/node-1/tls.crt").read_bytes().count(b"BEGIN CERTIFICATE") == 3


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_review_with_defaults(play: Play, size: tuple[int, int]) -> None:
    """After Control plane one key goes to Review with the default for everything else."""

    async def story(hand: Hand) -> None:
        await hand.to_control_plane()
        await hand.type("KONG_CLUSTER_CONTROL_PLANE=abc.eu.cp.konghq.com:443")
        await hand.press("tab")
        await hand.type("orders")
        await hand.press("f9")
        assert hand.step == "review"
        assert hand.draft.control_plane.auth_mode == "pinned"
        assert "README.md" in hand.seen()

    play(story, size=size)


def test_back_loses_nothing(play: Play) -> None:
    """Back to the first page and forth again: every answer is still there."""

    async def story(hand: Hand) -> None:
        await hand.to_authentication()
        await hand.press("down", "enter")
        await hand.press("down", "down", "right", "down")
        await hand.type("90 days")
        before = hand.draft
        await hand.press("escape", "escape", "escape", "escape")
        assert hand.step == "start"
        await hand.press("enter", "enter", "enter", "enter")
        assert hand.step == "certificates"
        assert hand.draft == before
        assert "90 days" in hand.seen()
        assert "EC P-384" in hand.seen()

    play(story)


def test_choosing_another_way_and_back_loses_nothing(play: Play) -> None:
    """What was said about a CA, an upload or a platform waits while it doesn't apply, and is in no answers then."""

    async def story(hand: Hand) -> None:
        await hand.to_authentication()
        await hand.press("down", "enter", "down", "down", "down", "down", "right", "down", "right", "down", "right")
        assert "intermediate" in hand.app.answers.certificate.upload
        await hand.press("up", "up", "left")
        assert hand.app.answers.certificate.upload is None
        await hand.press("right")
        assert hand.app.answers.certificate.upload == "intermediate"
        before = hand.app.answers
        await hand.press("escape", "up", "enter")
        assert hand.app.answers.certificate == Certificate(per=before.certificate.per)
        assert not [problem for problem in hand.app.problems() if problem.severity == "error"]
        await hand.press("escape", "down", "enter")
        assert hand.app.answers == before

    play(story)

    options = Draft(platform={"helm": {"namespace": "edge"}}, output=Output(platforms=("docker", "helm")))

    async def platforms(hand: Hand) -> None:
        await hand.app.screen_stack[0].go("platforms")
        await hand.settle()
        await hand.press("end", "space")
        assert hand.app.answers.platform == {}
        await hand.press("space")
        assert hand.app.answers == options

    play(platforms, start=options)


def test_bundle_is_opened_and_grows(play: Play, services: Services) -> None:
    """A bundle of the workspace is opened on Review; a platform is added without touching a key."""

    async def make(hand: Hand) -> None:
        await hand.to_authentication()
        await hand.press("f9", "enter", "enter")

    play(make)
    key = (Path(services.root) / "orders-eu/nodes/node-1/tls.key").read_bytes()

    async def grow(hand: Hand) -> None:
        assert "Open orders-eu" in hand.seen()
        await hand.press("down", "enter")
        assert hand.step == "review"
        assert "exists, nothing changes" in hand.seen()
        await hand.press("escape")
        await hand.press("down", "space", "enter")
        assert "compose" in hand.seen()
        await hand.press("enter")
        assert "files written" in hand.seen()

    play(grow)
    assert (Path(services.root) / "orders-eu/compose/compose.yaml").exists()
    assert (Path(services.root) / "orders-eu/nodes/node-1/tls.key").read_bytes() == key


def test_replacing_is_asked_for(play: Play, services: Services) -> None:
    """What would be lost is named and agreed to before it is replaced."""

    async def make(hand: Hand) -> None:
        await hand.to_authentication()
        await hand.press("f9", "enter", "enter")

    play(make)
    edited = Path(services.root) / "orders-eu/docker/node-1/run.sh"
    edited.write_text("#!/bin/sh\n")

    async def mend(hand: Hand) -> None:
        await hand.press("down", "enter")
        assert "replace what is there" in hand.read()
        await hand.press("enter")
        assert "docker/node-1/run.sh" in hand.seen()
        assert "No private key changes" in hand.seen()
        await hand.press("escape")
        assert hand.step == "review"
        assert edited.read_text() == "#!/bin/sh\n"
        await hand.press("enter", "enter", "enter")
        assert hand.step == "create"

    play(mend)
    assert edited.read_text() != "#!/bin/sh\n"
