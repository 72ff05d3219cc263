"""The file browser: found, named for what it is, chosen."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from certificate_maker import make
from ui_hand import Hand

from konnect_tui.ui.app import KonnectApp

Play = Callable[..., KonnectApp]
ROOT = make("Corp Root", ca=True)
LEAF = ROOT.issue("edge-1")
HOSTILE = [
    "[@click=app.quit]x",
    "[b]bold",
    "\x1b[31mred\x1b[2J",
    "\u202egnp.exe",
    "two\nlines",
    "🦍🦍 合成",
    "e\u0301" * 20,
    "x" * 200,
]
DANGEROUS = ("\x1b", "\u202e")


@pytest.fixture
def certs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with certificates and everything that lies beside them."""
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / "certs"
    folder.mkdir()
    (folder / "edge-1.pem").write_bytes(LEAF.pem)
    (folder / "edge-1.key").write_bytes(LEAF.secret.reveal())
    (folder / "notes.txt").write_text("hello")
    (folder / ".old.pem").write_bytes(LEAF.pem)
    os.mkfifo(folder / "fifo")
    (folder / "sub").mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_a_certificate_is_found_and_taken(play: Play, certs: Path) -> None:
    """Enter in the empty line opens the browser; it says what files hold; Enter takes one; the draft has its path."""

    async def story(hand: Hand) -> None:
        await hand.to_source(2)
        await hand.press("down", "enter")
        assert "certificate “edge-1”, ends" in hand.seen()
        assert "private key, ec-p256 (no certificate in it)" in hand.seen()
        assert "no regular file" in hand.seen()
        await hand.press(*"edge-1.k")
        assert "Its key belongs to the certificate in edge-1.pem." in hand.read()
        await hand.press("enter")
        assert "edge-1.key can't serve here: no certificate in it" in hand.read()
        await hand.press("backspace", "p", "enter")
        assert hand.draft.certificate.certificate == str(certs / "edge-1.pem")
        await hand.press("down", "f2")
        assert "certs" in hand.seen()
        await hand.press(*"key", "enter")
        assert hand.draft.certificate.private_key == str(certs / "edge-1.key")

    play(story)


def test_folders_are_walked(play: Play, certs: Path) -> None:
    """Right and Enter go into a folder, left and Backspace up, ~ home; F4 shows hidden files; Esc closes it."""

    async def story(hand: Hand) -> None:
        await hand.to_source(2)
        await hand.press("down", "f2")
        assert ".old.pem" not in hand.seen()
        await hand.press("f4")
        assert ".old.pem" in hand.seen()
        await hand.press("f4", "right")
        assert "~/certs/sub" in hand.seen()
        assert "Nothing here" in hand.seen()
        await hand.press("left")
        assert "▸  sub/" in hand.seen()
        await hand.press("backspace")
        assert "certs/" in hand.seen()
        await hand.type(str(certs / "notes.txt"))
        assert "▸  notes.txt" in hand.seen()
        await hand.press("n", "o", "escape")
        assert "edge-1.pem" in hand.seen()
        await hand.press("escape")
        assert hand.step == "certificates"
        assert hand.draft.certificate.certificate is None

    play(story)


def test_several_are_marked(play: Play, certs: Path) -> None:
    """Where several can be taken, Space marks and Enter takes what is marked; F5 takes the folder."""

    async def story(hand: Hand) -> None:
        await hand.to_source(3)
        hand.app.screen.page.form.focus_field("certificate.signed")
        await hand.press("f2", "down", "down", "space", "space", "enter")
        assert hand.draft.certificate.signed == (str(certs / "edge-1.pem"), str(certs / "fifo"))
        await hand.press("f2", "f5")
        assert hand.draft.certificate.signed[-1] == str(certs)

    play(story)


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_hostile_names_are_shown_literally(play: Play, certs: Path, name: str) -> None:
    """A file's name and a certificate's subject are never markup, never obeyed by the terminal, and can be taken."""
    (certs / "sub" / name).write_bytes(make(f"[/x]{name[:9]}").pem)

    async def story(hand: Hand) -> None:
        await hand.to_source(2)
        await hand.press("down", "f2", "enter")
        assert "certificate “" in hand.seen()
        assert not any(character in hand.seen() for character in DANGEROUS)
        await hand.press("enter")
        assert hand.draft.certificate.certificate == str(certs / "sub" / name)
        assert not any(character in hand.seen() for character in DANGEROUS)

    play(story)


def test_a_pasted_path_that_leads_nowhere(play: Play, certs: Path) -> None:
    """A path that is not there is told; so is the text of a key, which is never shown."""
    key = "".join(LEAF.secret.reveal().decode().splitlines()[1:-1])

    async def story(hand: Hand) -> None:
        await hand.to_source(2)
        await hand.press("down", "f2")
        await hand.type("~/certs/gone.pem")
        assert "There is no file or folder ~/certs/gone.pem" in hand.read()
        await hand.type(key)
        assert "not its path" in hand.read()
        assert key[:20] not in hand.app.export_screenshot()
        await hand.press("down")
        assert "not its path" not in hand.read()

    play(story)


def test_a_name_that_is_not_utf8(play: Play, certs: Path) -> None:
    """A file that no answers file can name is not taken, and the reason stands beside it."""
    path = os.fsencode(certs / "sub") + b"/\xff.pem"
    with open(path, "wb") as file:
        file.write(LEAF.pem)

    async def story(hand: Hand) -> None:
        await hand.to_source(2)
        await hand.press("down", "f2", "enter")
        assert "its name is not UTF-8" in hand.read()
        await hand.press("enter")
        assert "can't serve here: its name is not UTF-8" in hand.read()
        await hand.press("escape")
        assert hand.draft.certificate.certificate is None

    play(story)


def test_ten_thousand_files_stay_quick(play: Play, certs: Path) -> None:
    """In a folder of ten thousand files moving and filtering answer at once, and only what is seen is looked into."""
    for number in range(10_000):
        (certs / "sub" / f"file-{number:05}.pem").touch()

    async def story(hand: Hand) -> None:
        await hand.to_source(2)
        await hand.press("down", "f2", "enter")
        assert "10,000 here" in hand.seen()
        began = time.perf_counter()
        await hand.press("end")
        await hand.press(*"99")
        await hand.press("down", "pagedown")
        assert (time.perf_counter() - began) / 5 < 0.5
        assert "of 10,000" in hand.seen()
        assert len(hand.app.screen.held) < 200

    play(story)
