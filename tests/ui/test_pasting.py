"""The paste area: what it holds is shown, the text never; a pasted key is marked as exposed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from certificate_maker import make
from cryptography.hazmat.primitives import serialization
from terminals import Terminal
from ui_hand import Hand

from konnect_tui.answers import dumps
from konnect_tui.pki.read import read_file
from konnect_tui.services import Services
from konnect_tui.ui.app import KonnectApp

Play = Callable[..., KonnectApp]
LEAF = make("edge-1")
KEY = LEAF.secret.reveal().decode()
PAIR = LEAF.pem.decode() + KEY
MARK = KEY.splitlines()[1][:24]
"""A piece of the key's text that is nowhere else."""


def seen_in(services: Services) -> list[Path]:
    """Everything that lies in the workspace."""
    return list(Path(services.root).rglob("*"))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths are shown from a home folder of the test's own."""
    monkeypatch.setenv("HOME", str(tmp_path))


def test_a_pasted_key_is_exposed_and_kept_only_when_wanted(play: Play, services: Services) -> None:
    """A pasted pair is named, the key marked as exposed; Enter keeps it where only its owner can read it."""
    before = []

    async def story(hand: Hand) -> None:
        await hand.to_source(2)
        await hand.press("down")
        await hand.type(PAIR)
        assert "certificate “edge-1”" in hand.seen()
        assert "This private key is exposed" in hand.seen()
        assert "konnect-dp/.imports/" in hand.read()
        before.append(seen_in(services))
        await hand.press("enter")
        assert hand.draft.certificate.certificate.endswith("/.imports/edge-1/tls.crt")
        assert hand.draft.certificate.private_key.endswith("/.imports/edge-1/tls.key")

    play(story)
    assert before == [[]]
    folder = Path(services.root) / ".imports/edge-1"
    assert folder.stat().st_mode & 0o777 == folder.parent.stat().st_mode & 0o777 == 0o700
    assert (folder / "tls.key").stat().st_mode & 0o777 == 0o600
    assert read_file(folder / "tls.crt").certificates == (LEAF.der,)
    assert read_file(folder / "tls.key").keys[0].secret == LEAF.secret
    assert services.workspace.bundles() == []


@pytest.mark.parametrize(("key", "source"), [("f6", "generate"), ("f7", "csr")])
def test_a_new_key_is_offered_instead(play: Play, services: Services, key: str, source: str) -> None:
    """One key takes another source instead of the exposed key, and nothing of it is kept."""

    async def story(hand: Hand) -> None:
        await hand.to_source(2)
        await hand.press("down", "f3")
        await hand.type(PAIR)
        await hand.press(key)
        assert hand.draft.certificate.source == source
        assert hand.draft.certificate.certificate is None
        assert hand.app.focused is not None

    play(story)
    assert seen_in(services) == []


def test_the_text_of_a_key_is_nowhere(play: Play, services: Services, tmp_path: Path) -> None:
    """Not on the screen or its picture, in the draft or what is kept of it, in a crash report, on the clipboard."""
    pictures, apps = [], []

    async def story(hand: Hand) -> None:
        await hand.to_source(2)
        await hand.press("down")
        await hand.type(PAIR)
        apps.append(hand.app)
        pictures.append(hand.app.export_screenshot())
        await hand.press("f1")
        pictures.append(hand.app.export_screenshot())
        await hand.press("escape", "enter")
        pictures.append(hand.app.export_screenshot())
        assert hand.app.clipboard == ""
        await hand.press("f3")
        await hand.type(KEY[:100])
        pictures.append(hand.app.export_screenshot())
        hand.app.screen._read = lambda *_: 1 / 0
        await hand.type(KEY)

    with pytest.raises(ZeroDivisionError):
        play(story)
    app = apps[0]
    assert "ZeroDivisionError" in app.farewell.text()
    assert not any(MARK in picture for picture in pictures)
    assert MARK not in app.farewell.text()
    assert MARK not in dumps(app.draft)
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and MARK in path.read_text(errors="replace")]
    assert [path.name for path in kept] == ["tls.key"]


@pytest.mark.parametrize(
    "text",
    [KEY, KEY.strip().replace("\n", "\\n"), "".join(KEY.splitlines()[1:-1])],
    ids=["PEM", "one line, escaped", "base64 alone"],
)
@pytest.mark.parametrize("page", ["control_plane", "node", "certificates"])
def test_a_key_pasted_as_another_answer(play: Play, services: Services, text: str, page: str) -> None:
    """The text of a key is no name and no path: it gets into no line, no draft and no picture, and that is said."""
    fields = {"control_plane": "control_plane.name", "node": "node.names", "certificates": "certificate.common_name"}

    async def story(hand: Hand) -> None:
        await hand.to_source(0)
        wizard = hand.app.screen_stack[0]
        await wizard.go(page)
        wizard.page.form.show_all()
        await hand.settle()
        wizard.page.form.focus_field(fields[page])
        await hand.type(text)
        assert "It is pasted under Certificates" in hand.read()
        assert MARK not in hand.app.export_screenshot()
        await hand.press("x")
        assert "It is pasted under Certificates" not in hand.read()
        await hand.press("ctrl+q")

    app = play(story)
    assert MARK not in app.farewell.text() + services.drafts.latest().text


def test_an_encrypted_key_asks_for_its_passphrase(play: Play, services: Services) -> None:
    """A locked key is opened with its passphrase before it is kept, and kept as a node needs it."""
    locked = LEAF.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"pw")
    )

    async def story(hand: Hand) -> None:
        await hand.to_source(2)
        await hand.press("down")
        await hand.type(LEAF.pem.decode() + locked.decode())
        await hand.press("enter")
        assert "passphrase" in hand.read()
        await hand.press(*"pw")
        await hand.press("enter")
        assert hand.draft.certificate.private_key.endswith("tls.key")

    play(story)
    key = Path(services.root) / ".imports/edge-1/tls.key"
    assert read_file(key).keys[0].secret == LEAF.secret


def test_text_that_a_terminal_sends_as_keys(play: Play) -> None:
    """A terminal without bracketed paste types the text: Enter inside a block is a line end, behind it it is Enter."""

    async def story(hand: Hand) -> None:
        await hand.to_source(2)
        await hand.press("down", "f3")
        for line in LEAF.pem.decode().splitlines():
            hand.app.screen._add(line, whole=False)  # Pilot takes a tenth of a second for each key
            await hand.press("enter")
        assert hand.app.screen is not hand.app.screen_stack[0]
        await hand.pilot.pause(0.2)
        await hand.settle()
        await hand.press("enter")
        assert hand.draft.certificate.certificate.endswith("tls.crt")

    play(story)


def test_no_part_of_what_is_still_coming_is_kept(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the first block was read while the next one was coming in, Enter does not keep the first alone."""
    monkeypatch.setattr("konnect_tui.ui.pasting._PAUSE", 60)

    async def story(hand: Hand) -> None:
        await hand.to_source(2)
        await hand.press("down", "f3")
        area = hand.app.screen
        area._add(LEAF.pem.decode(), whole=False)
        area._understand()
        area._add(KEY.strip(), whole=False)
        await hand.settle()
        await hand.press("enter")
        assert hand.app.screen is area
        area._understand()
        await hand.settle()
        assert "private key, ec-p256" in hand.seen()
        await hand.press("enter")
        assert hand.draft.certificate.private_key.endswith("tls.key")

    play(story)


def test_what_is_no_certificate_is_told(play: Play) -> None:
    """Text without a certificate is named for what it is and not taken."""

    async def story(hand: Hand) -> None:
        await hand.to_source(2)
        await hand.press("down", "f3")
        await hand.type("hello\nworld")
        assert "✗" in hand.seen()
        await hand.press("enter", "f5")
        assert "Paste with the terminal's own key" in hand.seen()
        await hand.type(KEY)
        await hand.press("enter")
        assert "There is no certificate in it" in hand.seen()
        await hand.press("escape")
        assert hand.draft.certificate.certificate is None

    play(story)


def test_what_can_not_be_kept_is_said(play: Play, services: Services) -> None:
    """Where the workspace can't be written the reason stands at the foot of the page, and the draft stays as it was."""
    Path(services.root).write_text("a file where the workspace should be")

    async def story(hand: Hand) -> None:
        await hand.to_source(2)
        await hand.press("down")
        await hand.type(PAIR)
        await hand.press("enter")
        assert hand.step == "certificates"
        assert "✗" in hand.seen().splitlines()[-3]
        assert hand.draft.certificate.certificate is None

    play(story)


ON_CERTIFICATES = """
import sys
from konnect_tui.draft import Certificate, ControlPlane, Draft
from konnect_tui.services import Services
from konnect_tui.ui import app
from konnect_tui.ui.wizard import WizardScreen
plane = ControlPlane(source="manual", region="eu", name="orders", prefix="abc", auth_mode="pinned")
app.KonnectApp.get_default_screen = lambda self: WizardScreen("certificates", False)
sys.exit(app.run(Services(sys.argv[1], state=sys.argv[2]), start=Draft(plane, Certificate(source="import"))))
"""


@pytest.mark.parametrize(
    "pasted",
    [f"\x1b[200~{PAIR}\x1b[201~", "\x1bOR" + PAIR.replace("\n", "\r"), PAIR.replace("\n", "\r")],
    ids=["bracketed", "as keys after F3", "as keys"],
)
def test_no_part_of_a_key_reaches_the_terminal(pasted: str, tmp_path: Path) -> None:
    """In a real terminal a pasted pair is understood and kept, and no part of the key is ever on the screen."""
    terminal = Terminal(ON_CERTIFICATES, str(tmp_path / "dp"), str(tmp_path / "drafts"), env={})
    try:
        assert terminal.read(20, b"Next")
        terminal.send("\x1b[B")
        assert terminal.read(5, b"F3 takes a paste")
        terminal.send(pasted)
        assert terminal.read(20, b"exposed")
        terminal.send("\r")
        assert terminal.read(20, b"tls.key")
        terminal.send("\x11")
        assert terminal.end() == 130
        assert MARK.encode() not in terminal.output
        assert terminal.left_over() == []
    finally:
        terminal.close()
    drafts = [path.read_text() for path in (tmp_path / "drafts").rglob("*") if path.is_file()]
    assert not any(MARK in text or "BEGIN" in text for text in drafts)
    assert read_file(tmp_path / "dp/.imports/edge-1/tls.key").keys[0].secret == LEAF.secret
