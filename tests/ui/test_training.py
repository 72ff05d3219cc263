"""The wizard in training: an organisation behind the first frame, no account, and a node that comes in."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NoReturn

import pytest
from embedded import Embedded
from free_ports import free_ports
from running import run
from ui_hand import Hand

from fake_konnect import FakeKonnect
from konnect_tui.flow.step import write
from konnect_tui.services import Reach, Services
from konnect_tui.training import running
from konnect_tui.ui.app import KonnectApp

ANSWERS = """\
schema = 1
[control_plane]
source = "training"
region = "eu"
name = "first-steps"
auth_mode = "pinned"
"""
MARKED = "kpat_" + "MARKEDrealTOKEN" * 3
Train = Callable[..., KonnectApp]


@pytest.fixture
def careless(tmp_path: Path, konnect: FakeKonnect) -> Services:
    """A shell that has a real token, address and proxy set, and a keyring: none of them may be used in training."""

    def ring() -> NoReturn:
        raise AssertionError("the keyring was asked")

    environ = {"KONNECT_TOKEN": MARKED, "KONNECT_API_URL": konnect.url, "HTTPS_PROXY": konnect.url}
    return _services(tmp_path, environ, ring)


@pytest.fixture
def untouched(tmp_path: Path) -> Services:
    """Nothing here tells that the product was ever used."""
    return _services(tmp_path, {})


def _services(folder: Path, environ: dict[str, str], ring: Callable[[], NoReturn] | None = None) -> Services:
    state, config, data = (str(folder / name) for name in ("state", "config", "data/konnect-tui"))
    return Services(
        str(folder / "dp"), environ=environ, state=state, config=config, data=data, reach=Reach(keyring=ring)
    )


@pytest.fixture
def train(careless: Services, konnect: FakeKonnect) -> Train:
    """Plays a story in the wizard of `--training`, or another one; the real Konnect is never asked."""

    def play(
        story: Callable[[Hand], Awaitable[None]],
        services: Services | None = None,
        *,
        only: bool = True,
        size: tuple[int, int] = (80, 24),
    ) -> KonnectApp:
        async def whole() -> KonnectApp:
            app = KonnectApp(services or careless, training=only)
            async with app.run_test(size=size) as pilot:
                hand = Hand(app, pilot)
                await hand.settle()
                await story(hand)
            return app

        app = asyncio.run(whole())
        assert konnect.requests == []
        assert [thread for thread in threading.enumerate() if thread.name == "training organisation"] == []
        return app

    return play


def _says_training(hand: Hand) -> bool:
    return "TRAINING" in hand.seen().splitlines()[0]


async def _to_create(hand: Hand, ports: list[int]) -> None:
    """Enter from page to page, with ports for the node that nobody has."""
    await hand.press("enter")
    await hand.until("Step 2 of 9")
    await hand.press("enter")
    await hand.until("first-steps")
    await hand.press("enter")
    for page in (4, 5, 6):
        await hand.until(f"Step {page} of 9")
        assert _says_training(hand)
        if page < 6:
            await hand.press("enter")
    for name, port in zip(("http_port", "https_port", "status_port"), ports, strict=True):
        hand.app.change(write(hand.app.draft, f"node.{name}", port))
    await hand.press("f9")
    await hand.until("Enter Create")
    assert "at once, to first-steps in eu, Practice Co." in hand.read()
    await hand.press("enter")
    await hand.until("Konnect has the certificate")


@pytest.fixture
def ports() -> list[int]:
    """Three that nobody has."""
    return free_ports(3)


def test_from_start_to_a_connected_node_by_enter_and_p(train: Train, careless: Services, ports: list[int]) -> None:
    """Enter from page to page, then p: a bundle, its certificate given, a practice node connected and in sync.

    The real token is in nothing that was written.
    """

    async def story(hand: Hand) -> None:
        assert _says_training(hand)
        assert "(•) Set up a first node in training" in hand.seen()
        assert "Set up nodes in Konnect" not in hand.seen()
        await _to_create(hand, ports)
        await hand.press("p")
        await hand.until("1 of 1 connected and in sync")
        assert "1 practice node runs here, in place of Kong" in hand.read()
        assert "on the certificate just made" in hand.read()
        assert "konnect-tui training lesson" in hand.read()
        await hand.press("p")
        await hand.until("The practice nodes have stopped")
        await hand.press("enter")

    app = train(story)
    assert app.return_code == 0
    assert "done    node-1 is connected and in sync" in app.farewell.text()
    bundle = Path(careless.root) / "first-steps-eu"
    assert "This is a training bundle" in (bundle / "README.md").read_text()
    assert (bundle / "trust" / "control-plane-ca.crt").is_file()
    files = [path for path in bundle.parents[1].rglob("*") if path.is_file()]
    assert [path for path in files if MARKED.encode() in path.read_bytes()] == []
    again = run("verify", bundle, "--json")
    assert again.code == 0, again.out


def test_a_port_that_somebody_has_is_said_in_kongs_words(train: Train, ports: list[int]) -> None:
    """A practice node that can't start says why; with the port free again, p starts it."""

    async def story(hand: Hand) -> None:
        await _to_create(hand, ports)
        with socket.create_server(("0.0.0.0", ports[0])):
            await hand.press("p")
            await hand.until(f"bind() to 0.0.0.0:{ports[0]} failed")
            await hand.until("The practice nodes have stopped")
        await hand.press("p")
        await hand.until("1 of 1 connected and in sync")

    train(story)


def test_a_newcomer_is_led_into_training(train: Train, untouched: Services) -> None:
    """With no token, login, draft or bundle, training is highlighted and one Enter away; the others are there."""

    async def story(hand: Hand) -> None:
        assert not _says_training(hand)
        assert "(•) Set up a first node in training" in hand.seen()
        assert "Set up nodes in Konnect" in hand.seen()
        await hand.press("enter")
        await hand.until("Step 2 of 9")
        assert _says_training(hand)
        assert "Practice Co." in hand.seen()
        await hand.press("escape", "down", "down", "down", "down", "enter")
        await hand.until("Step 2 of 9")
        assert not _says_training(hand)
        assert hand.draft.control_plane.source == "manual"

    train(story, untouched, only=False)


def test_who_has_logged_in_is_not_a_newcomer(train: Train, tmp_path: Path, untouched: Services) -> None:
    """Whoever has been here before finds the first choice where it always was; training and its lessons come last."""
    (tmp_path / "config" / "profiles").mkdir(parents=True)

    async def story(hand: Hand) -> None:
        lines = [line for line in hand.seen().splitlines() if "( )" in line or "(•)" in line]
        assert "(•) Set up nodes offline" in lines[1]
        assert "( ) Set up nodes in training" in lines[-2]
        assert "( ) All lessons" in lines[-1]

    train(story, untouched, only=False)


def test_every_sheet_says_that_it_is_training(train: Train) -> None:
    """Lists of certificates, chains and questions over the wizard say so, too."""

    async def story(hand: Hand) -> None:
        await hand.press("enter")
        await hand.until("A control plane exists in one region only")
        await hand.press("enter")
        await hand.until("payments")
        await hand.press("f4")
        await hand.until("certificate")
        assert _says_training(hand)
        await hand.press("escape", "f2")
        await hand.until("Authentication")
        assert "TRAINING" in hand.seen()

    train(story, size=(120, 40))


def test_what_is_for_konnect_is_not_opened_in_training(train: Train, careless: Services) -> None:
    """A draft for a control plane in Konnect is refused there, and says how to open it."""
    text = 'schema = 1\n[control_plane]\nsource = "konnect"\nregion = "eu"\nname = "orders"\nauth_mode = "pinned"\n'
    careless.drafts.save(text, "orders")

    async def story(hand: Hand) -> None:
        await hand.press("down", "down", "down", "enter")
        assert "run konnect-tui without --training" in hand.read()
        assert hand.step == "start"

    train(story)


def test_a_training_bundle_is_opened_in_training(
    train: Train, careless: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the ordinary wizard, too, it goes on in the organisation that runs, which is left running at the end."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    answers = tmp_path / "answers.toml"
    answers.write_text(ANSWERS)

    async def story(hand: Hand) -> None:
        await hand.press("down", "down")
        assert "(•) Open first-steps-eu" in hand.seen()
        await hand.press("enter")
        await hand.until("Step 8 of 9")
        assert _says_training(hand)
        await hand.until("exists, nothing changes")

    with Embedded(Path(careless.training)) as embedded:
        assert run("apply", answers, "--workspace", careless.root, "--json").code == 0
        train(story, only=False)
        assert running.find(str(embedded.folder)) == embedded.running


def test_the_organisation_ends_with_the_wizard(train: Train, careless: Services) -> None:
    """While the wizard runs others find its organisation; after that nobody holds the state."""

    async def story(hand: Hand) -> None:
        await hand.press("enter")
        await hand.until("Step 2 of 9")
        found = running.find(careless.training)
        assert found is not None
        assert found.pid == os.getpid()

    train(story)
    assert running.find(careless.training) is None
    os.close(running.hold(careless.training))


def test_a_state_that_can_not_be_used_is_said(train: Train, careless: Services) -> None:
    """Where the organisation can't start, the first page says why, and can be left or tried again."""
    folder = Path(careless.training)
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("in the way")
    free = folder.unlink

    async def story(hand: Hand) -> None:
        await hand.press("enter")
        await hand.until("✗")
        assert "can't be used" in hand.app.screen_stack[0].refusal
        assert hand.step == "start"
        free()
        await hand.press("enter")
        await hand.until("Step 2 of 9")

    train(story)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
def test_a_control_plane_whose_port_somebody_has(train: Train, careless: Services, size: tuple[int, int]) -> None:
    """Where another program has the control plane's port, the wizard asks before it takes another: bundles name it."""
    with Embedded(Path(careless.training)) as embedded:
        port = embedded.node_port

    async def story(hand: Hand) -> None:
        await hand.press("enter")
        await hand.until("Take another port?")
        assert f"Another program has port {port}" in hand.read()
        assert "apply BUNDLE/konnect-tui.toml --replace" in hand.read()
        await hand.press("escape")
        await hand.until("Stop that program.")
        assert hand.step == "start"
        assert "training serve --listener-port 0" in hand.app.screen_stack[0].refusal
        await hand.press("enter")
        await hand.until("Take another port?")
        await hand.press("enter")
        await hand.until("A control plane exists in one region")
        found = running.find(careless.training)
        assert found is not None
        assert not found.control_plane.endswith(f":{port}")

    with socket.create_server(("127.0.0.1", port)):
        train(story, size=size)


_PROBE = """
import json, sys
from konnect_tui.services import Reach, Services
from konnect_tui.ui.app import KonnectApp
def on_ready(self):
    with open(sys.argv[2], "w") as file:
        json.dump(sorted({name.partition(".")[0] for name in sys.modules}), file)
    self.exit()
KonnectApp.on_ready = on_ready
place = sys.argv[1]
KonnectApp(Services(place, state=place, config=place, data=place), training=True).run(headless=True)
"""


def test_nothing_of_it_is_loaded_before_the_first_frame(tmp_path: Path) -> None:
    """The first page is there before anything is loaded that the organisation takes."""
    seen = tmp_path / "seen.json"
    command = [sys.executable, "-c", _PROBE, str(tmp_path / "dp"), str(seen)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stderr
    assert not {"aiohttp", "sqlite3", "websockets", "OpenSSL", "cryptography"} & set(json.loads(seen.read_text()))


@pytest.mark.parametrize(
    "arguments",
    [
        ("--training", "apply", "answers.toml"),
        ("--training", "--token-file", "token"),
        ("training", "--profile", "prod"),
        ("--training", "--api-url", "https://eu.api.konghq.com"),
        ("--training", "--json"),
    ],
    ids=" ".join,
)
def test_what_does_not_go_with_training_is_a_wrong_usage(arguments: tuple[str, ...]) -> None:
    """--training starts the wizard and asks no account: whatever contradicts that exits 2."""
    refused = run(*arguments)
    assert refused.code == 2
    assert "[usage]" in refused.err or '"usage"' in refused.out
