"""The chain explorer at 80×24."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from certificate_maker import make
from ui_hand import Hand

from konnect_tui.ui.app import KonnectApp

Play = Callable[..., KonnectApp]
BEGINS = datetime(2026, 1, 1, tzinfo=UTC)
"""Before the wizard's clock of these tests."""


def test_the_three_scenarios_are_a_key_apart(play: Play) -> None:
    """From Start, with no answer given: 1, 2 and 3 upload leaf, intermediate and root, and the drawing follows."""

    async def story(hand: Hand) -> None:
        await hand.press("down", "enter")
        for key, name in (("1", "node-1.sample"), ("2", "konnect-sample intermediate 1"), ("3", "konnect-sample root")):
            await hand.press(key)
            assert f"Accepted: Konnect is given “{name}”" in hand.read()
        await hand.press("escape")
        assert "(•) Look at a chain" in hand.seen()
        await hand.press("up", "enter")
        assert hand.step == "region"

    play(story)


def test_a_refusal_is_fixed_with_enter_and_undone(play: Play) -> None:
    """Without the intermediate the node is refused; the cure says which side; Enter applies it, u takes it back."""

    async def story(hand: Hand) -> None:
        await hand.press("down", "enter", "up", "space")
        assert "✗ Refused" in hand.seen()
        assert "Enter does this: On the node: present" in hand.read()
        began = time.perf_counter()
        await hand.press("enter")
        assert time.perf_counter() - began < 1
        assert "✓ Accepted" in hand.seen()
        await hand.press("u")
        assert "✗ Refused" in hand.seen()
        await hand.press("m", "1")
        assert " Pinned " in hand.seen()
        assert "✓ Accepted: the node presents the very certificate" in hand.seen()

    play(story)


def test_ones_own_files_and_pastes(play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F5 starts empty; files and pastes are added; a key among them proves the node's."""
    root = make("Corp Root", ca=True, begins=BEGINS)
    leaf = root.issue("edge-1", begins=BEGINS)
    (tmp_path / "root.pem").write_bytes(root.pem)
    monkeypatch.chdir(tmp_path)

    async def story(hand: Hand) -> None:
        await hand.press("down", "enter", "f5")
        assert "No certificate is here" in hand.seen()
        await hand.press("f3")
        await hand.type(leaf.pem.decode() + leaf.secret.reveal().decode())
        assert "exposed" not in hand.seen()
        await hand.press("enter")
        await hand.press("f2")
        await hand.press(*"root", "enter")
        await hand.press("2")
        assert "✓ Accepted: Konnect is given “Corp Root”; the node presents its leaf." in hand.read()
        assert "Its key was not shown" not in hand.read()

    play(story)


def test_what_was_found_is_taken_over(play: Play) -> None:
    """From Certificates, t takes the upload over into the draft."""

    async def story(hand: Hand) -> None:
        await hand.to_source(0, pki=True)
        hand.app.screen.page.form.focus_field("certificate.intermediates")
        await hand.press("right", "f4", "2", "t")
        assert hand.step == "certificates"
        assert hand.draft.certificate.upload == "intermediate"
        assert "the issuing intermediate" in hand.seen()

    play(story)


@pytest.mark.parametrize("name", ["[/x]", "\x1b[31m\x1b[2J", "\u202egnp", "合成" * 9, "two\nlines"], ids=ascii)
def test_hostile_subjects(play: Play, name: str) -> None:
    """Subjects are never markup and never obeyed by the terminal."""
    root = make(name, ca=True)
    leaf = root.issue(f"{name}!")

    async def story(hand: Hand) -> None:
        await hand.press("down", "enter", "f5", "f3")
        await hand.type((leaf.pem + root.pem).decode())
        assert "\x1b" not in hand.seen()
        await hand.press("enter")
        await hand.press("2", "space", "1", "m", "g")
        assert "\x1b" not in hand.seen()
        assert "\u202e" not in hand.seen()

    play(story)


def test_what_can_not_be_taken_over_is_told(play: Play) -> None:
    """t takes nothing over that the wizard has no words for, and says so; what it has words for, it takes then."""

    async def story(hand: Hand) -> None:
        await hand.to_source(0, pki=True)
        await hand.press("f4", "1", "t")
        assert "✗ The wizard gives Konnect one certificate: the topmost CA's" in hand.read()
        await hand.press("2", "t")
        assert hand.step == "certificates"
        assert hand.app.screen is hand.app.screen_stack[0]

    play(story)


def test_a_paste_needs_no_key_before_it(play: Play) -> None:
    """What is pasted over the explorer itself opens the paste area with what it holds."""
    leaf = make("edge-1", begins=BEGINS)

    async def story(hand: Hand) -> None:
        await hand.press("down", "enter", "f5")
        await hand.type(leaf.pem.decode())
        assert "certificate “edge-1”" in hand.seen()
        await hand.press("enter")
        assert "edge-1" in hand.seen()

    play(story)
