"""The lessons on screen: from Start to the debrief, the prediction locked, strangers' words harmless."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
import tomli_w
from lesson_play import LESSON, TEXT, listed, written
from msgspec.structs import replace
from ui_hand import Hand

from konnect_tui.training.lessons.course import Course
from konnect_tui.training.lessons.shelf import shelf
from konnect_tui.ui.app import KonnectApp

Learn = Callable[..., KonnectApp]


async def _predict(hand: Hand, *digits: str) -> None:
    """From the story through the run: begin, answer, lock, run."""
    await hand.until("Enter Begin")
    await hand.press("enter")
    await hand.until("A digit answers")
    await hand.press(*digits, "enter")
    await hand.until("Your prediction is locked")
    await hand.press("enter")
    await hand.until("✓ Prediction")


async def _do(hand: Hand, *deeds: str) -> None:
    """These, out of what is offered."""
    for deed in deeds:
        rows = hand.seen().splitlines()
        here = next(at for at, row in enumerate(rows) if "▸ " in row)
        there = next(at for at, row in enumerate(rows) if row.strip(" ▸").startswith(deed))
        await hand.press(*(["down"] * (there - here) or ["up"] * (here - there)))
        assert f"▸ {deed}" in hand.seen()
        await hand.press("enter")
        await hand.until(f"Done: {deed}")


async def _list(hand: Hand, down: int) -> None:
    """All lessons, the cursor so far below the next one."""
    await hand.press("down", "down", "enter")
    await hand.until(listed())
    await hand.press(*["down"] * down)


def test_the_first_lesson_is_one_key_away_and_can_be_solved_whole(learn: Learn) -> None:
    """l on Start; both rounds of lesson 1 by what is offered; its debrief; the next lesson is under the cursor then."""

    async def story(hand: Hand) -> None:
        await hand.until("( ) Lesson 1: Your first node")
        await hand.press("l")
        await _predict(hand, "1")
        assert "✓ the node's certificate, as you said" in hand.read()
        await hand.press("enter")
        await _do(hand, "Make the bundle", "Give the control plane upload/edge-1.crt", "Start edge-1")
        assert "sent ping frame to control plane with hash" in hand.read()
        await hand.press("c")
        await hand.until("same fault in another disguise")
        assert "passer-by was refused" in hand.read()
        await hand.press("enter")
        await hand.until("Round 2 of 2")
        await hand.press("enter")
        await hand.until("A digit answers")
        await hand.press("1", "enter", "enter")  # the wrong answer: it is told
        await hand.until("✗ the CA's certificate; you said the node's certificate")
        await hand.press("enter")
        await _do(hand, "Make the bundle", "Give the control plane upload/root.crt", "Start edge-1")
        await hand.press("c")
        await hand.until("The lesson is solved")
        assert hand.seen().splitlines()[0].startswith("   TRAINING  Lesson 1")
        await hand.press("enter")
        await hand.until("The key never goes to Konnect")
        await hand.press("enter")
        await hand.until("1 solved")
        assert "▸    2  Two nodes" in hand.seen()
        assert "8 of 10" in hand.seen()
        assert "not proof" in hand.seen()
        await hand.press("escape")
        await hand.until("( ) Lesson 2:")

    learn(story)


def test_nine_predictions_are_answered_by_nine_handshakes(learn: Learn) -> None:
    """Lessons 3 to 5: as foreseen; the log comes first, alone. A wrong fix is told from the right one by the record."""

    async def story(hand: Hand) -> None:
        await _list(hand, 2)
        for digits in (("1", "1", "2"), ("1", "1", "1"), ("2", "1", "1")):
            await hand.press("enter")
            await _predict(hand, *digits)
            await hand.until("An operator has nothing else")
            assert "as you said" not in hand.read()
            await hand.press("enter")
            await hand.until("What you predicted")
            assert hand.read().count("as you said") == 3
            await hand.press("escape", "down")
        await hand.press("up", "up", "up", "enter")
        await hand.until("Lesson 3")
        assert "Give the control plane upload/edge-2.crt" in hand.read()  # it goes on where it was left
        await _do(hand, "Put edge-2, cert2, cert3", "Give the control plane cert2", "Start edge-2")
        assert "401" in hand.read()
        await hand.press("c")
        await hand.until("It is not solved yet")
        assert "✗ NOT MET accepted edge-2 was refused" in hand.read()
        assert "✓ met refused unknown-sibling was refused" in hand.read()
        await hand.press("enter")
        await hand.until("Without the lesson: konnect-tui apply")
        await _do(hand, "Give the control plane upload/edge-2.crt", "Start edge-2")
        await hand.press("c")
        await hand.until("The lesson is solved")

    learn(story, size=(120, 40))


def test_a_prediction_stays_and_so_does_the_attempt(learn: Learn) -> None:
    """Keys in a burst all count; what is locked can't be changed; Esc in the midst of it loses nothing."""

    async def story(hand: Hand) -> None:
        await _list(hand, 0)
        await hand.press("enter", "enter", "escape")  # left while the scene is being set up
        await hand.until(listed())
        await hand.press("enter")
        for _ in range(100):
            if "Enter Predict" in hand.read():
                break
            await hand.press("escape", "enter")
        await hand.press("enter", "enter")
        assert "Answer it first" in hand.read()
        await hand.burst("32")
        assert "2 ● the node's private key" in hand.read()
        await hand.press("h")
        assert "Hint 1 of 3: The wizard makes everything." in hand.read()
        await hand.burst("", "up", "enter", "1")
        await hand.until("You say → the node's private key")
        await hand.press("1", "space", "escape", "enter")
        await hand.until("You say → the node's private key")
        await hand.press("s")
        assert "waits for its first node" in hand.read()
        await hand.press("escape", "f1")
        assert "Kong's service in the cloud" in hand.read()
        await hand.press("escape", "f7", "j")
        await hand.until("Set up round 2 from its beginning?")
        await hand.press("enter")
        await hand.until("It wants a CA instead of single certificates")
        await hand.press("enter")
        await hand.until("In PKI mode, what is the control plane given?")
        assert "Keys j" in hand.read()
        await hand.press("f7", "escape", "r")
        await hand.until("Start lesson 1 over?")
        await hand.press("escape")
        assert "begun" in hand.seen()
        await hand.press("r", "enter")
        await hand.until("Lesson 1 is new again.")
        assert "begun" not in hand.seen()

    learn(story)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
def test_green_in_the_wrong_place_is_not_solved(learn: Learn, size: tuple[int, int]) -> None:
    """Lesson 16: the story says which other control plane there is; a node that is green there is not at home; each
    thing that can be done is shown whole.
    """

    async def story(hand: Hand) -> None:
        await _list(hand, 15)
        await hand.press("enter")
        await hand.until("the control plane lesson-16 of region us")
        await _predict(hand, "2", "2", "2")
        await hand.press("enter")
        await hand.until("✓ that of lesson-16 in us, as you said")
        await hand.press("enter")
        await hand.until("Set cluster_server_name in kong.env of edge-1 to the control plane's")
        await hand.press("s", "end")
        await hand.until("lesson-16, region eu")
        await hand.press("escape")
        await _do(hand, "Give namesake upload/edge-1.crt", "Start edge-1")
        assert "sent ping frame to control plane with hash" in hand.read()
        await hand.press("c")
        await hand.until("edge-1 was last with another control plane, which accepted it.")
        await hand.press("enter")
        await _do(
            hand, "Set cluster_server_name in kong.env of edge-1", "Make the bundle, or set it right", "Start edge-1"
        )
        await hand.press("c")
        await hand.until("same fault in another disguise")

    learn(story, size=size)


HOSTILE = "[/x] [b]bold[/b] [@click=app.quit]x\x1b[31mred\x1b[2J \u202egnp.exe 🦍 合成"


def _hostile(folder: Path) -> Path:
    """A lesson that is sound, and all of whose words are of the worst kind; half of a translation of it."""
    text = deepcopy(TEXT)
    text |= {"title": HOSTILE[:60], "teaches": HOSTILE, "debrief": HOSTILE * 50, "notes": HOSTILE}
    (round_,) = text["round"]
    round_ |= {"story": HOSTILE * 50, "task": HOSTILE, "hints": [HOSTILE, HOSTILE]}
    round_["questions"]["verdict"]["ask"] = HOSTILE
    round_["parties"] = {"edge-1": HOSTILE, "passer-by": HOSTILE}
    place = written(folder / "500-ours", LESSON, text)
    (place / "text.de.toml").write_text(tomli_w.dumps({"round": [{"task": "Lass ihn herein."}]}))
    return place


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
def test_a_strangers_lesson_does_no_harm(learn: Learn, tmp_path: Path, size: tuple[int, int]) -> None:
    """Markup, escapes and long words are shown for what they are on every page, and where it is from always is."""
    folder = tmp_path / ("folder-" + "x" * 90)
    _hostile(folder)

    async def story(hand: Hand) -> None:
        def harmless() -> None:
            seen = hand.seen()
            assert not {"\x1b", "\u202e", "\x07"} & set(seen)
            assert "[/x]" in seen
            assert "not shipped" in seen
            assert "TRAINING" in seen.splitlines()[0]

        await hand.press("down", "down", "enter")
        await hand.until(listed(1))
        await hand.press("end")
        harmless()
        await hand.press("enter")
        await hand.until("Enter Begin")
        harmless()
        await hand.press("enter")
        await hand.until("A digit answers")
        harmless()
        await hand.press("2", "enter")
        await hand.until("is locked")
        harmless()
        await hand.press("enter")
        await hand.until("nothing else")
        await hand.press("enter", "enter", "h")
        harmless()
        assert "Lass ihn herein." in hand.read()
        await _do(hand, "Give the control plane upload/edge-1.crt", "Start edge-1")
        await hand.press("c")
        await hand.until("is solved")
        await hand.press("d", "f1")
        await hand.until("Esc closes this")
        await hand.press("escape")
        harmless()

    learn(story, size=size, KONNECT_TUI_LESSONS=str(folder), LANG="de_DE.UTF-8")


def test_who_has_solved_all_is_told_on_start(learn: Learn, monkeypatch: pytest.MonkeyPatch) -> None:
    """No next lesson is promised where there is none; the lessons stay one key away."""
    standing = Course.listed
    monkeypatch.setattr(
        Course, "listed", lambda course: tuple(replace(each, state="solved") for each in standing(course))
    )

    async def story(hand: Hand) -> None:
        await hand.until("( ) A lesson once more: all are solved")
        await hand.press("l")
        await hand.until(f"{listed()}, {len(shelf())} solved")

    learn(story)


def test_a_lesson_that_is_not_sound_leaves_the_shipped_ones(learn: Learn, tmp_path: Path) -> None:
    """Ten thousand characters are too many: that is said, with the folder; all that were shipped are there."""
    written(tmp_path / "mine" / "500-ours", LESSON, {**TEXT, "debrief": "[/x]" * 2500})

    async def story(hand: Hand) -> None:
        await hand.press("down", "down", "enter")
        await hand.until(listed())
        assert "`debrief` has 10000 characters" in hand.read()
        await hand.press("down")
        assert "`debrief`" not in hand.read()

    learn(story, KONNECT_TUI_LESSONS=str(tmp_path / "mine"))
