"""The lessons on screen when somebody or something interferes: the wizard goes on, and says what is wrong."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
from lesson_play import LESSON, TEXT, listed, written
from ui_hand import Hand

from konnect_tui.services import Services
from konnect_tui.training.lessons.course import Course
from konnect_tui.training.lessons.shelf import shelf
from konnect_tui.ui.app import KonnectApp

Learn = Callable[..., KonnectApp]
EVIDENCE = "data/training/lessons/lessons.jsonl"


async def _begin(hand: Hand) -> None:
    await hand.press("l")
    await hand.until("Enter Begin")
    await hand.press("enter")
    await hand.until("A digit answers")


async def _solve(hand: Hand) -> None:
    """Round 1 of lesson 1, from its question to the checks that are met."""
    await hand.press("1", "enter", "enter")
    await hand.until("as you said")
    await hand.press("enter")
    for down, deed in ((0, "Make the bundle"), (2, "Give the control plane upload/edge-1.crt"), (1, "Start edge-1")):
        await hand.press(*["down"] * down, "enter")
        await hand.until(f"Done: {deed}")
    await hand.press("c")
    await hand.until("another disguise")


def test_evidence_that_was_edited_is_named_and_ends_nothing(learn: Learn, tmp_path: Path) -> None:
    """In a lesson and when one is opened: the lesson can't go on, the wizard can, and the way out is said."""

    async def story(hand: Hand) -> None:
        await _begin(hand)
        evidence = tmp_path / EVIDENCE
        evidence.write_bytes(evidence.read_bytes().replace(b'"at":1', b'"at":2'))
        await hand.press("1", "enter")
        assert "was altered from line 1 on" in hand.read()
        await hand.press("h", "escape")
        await hand.until(listed())
        await hand.press("enter")
        assert "was altered from line 1 on. `konnect-tui training reset` begins a new file" in hand.read()
        await hand.press("escape")
        await hand.until("Set up a first node in training")

    learn(story, size=(120, 40))


def test_what_was_written_down_may_vanish_under_the_debrief(learn: Learn, tmp_path: Path) -> None:
    """The page stays as it was read; what needs more says that the lesson is not begun, and shows its story."""

    async def story(hand: Hand) -> None:
        await _begin(hand)
        await _solve(hand)
        await hand.press("d")
        await hand.until("A node needs three things")
        shutil.rmtree(tmp_path / "data/training/lessons")
        await hand.press("f7", "f7", "down", "up")
        assert "A node needs three things" in hand.read()
        await hand.press("c")
        await hand.until("is not begun yet")
        assert "A control plane called lesson-01 waits" in hand.read()

    learn(story)


def test_a_trainers_lesson_that_was_changed_has_to_be_started_over(learn: Learn, tmp_path: Path) -> None:
    """With a round less than the learner is at, too: it is said, `r` starts it over, and then it can be begun."""
    lesson, text = deepcopy(LESSON), deepcopy(TEXT)
    lesson["round"] *= 2
    text["round"] *= 2
    place = written(tmp_path / "mine" / "500-ours", lesson, text)

    async def story(hand: Hand) -> None:
        await hand.press("down", "down", "enter")
        await hand.until(listed(1))
        await hand.press("end", "enter", "j", "enter")
        await hand.until("Will it be accepted?")
        await hand.press("j", "enter")
        await hand.until("Round 2 of 2")
        await hand.press("escape", "escape")
        written(place)
        await hand.press("enter")
        await hand.until(listed(1))
        await hand.press("end", "enter")
        assert "Lesson 500 was changed since it was begun. Start it over: r in the list" in hand.read()
        await hand.press("r", "enter")
        await hand.until("Lesson 500 is new again")
        await hand.press("enter")
        await hand.until("Enter Begin")

    learn(story, KONNECT_TUI_LESSONS=str(tmp_path / "mine"))


def test_a_second_wizard_cannot_change_what_the_first_has_locked(learn: Learn, tmp_path: Path) -> None:
    """It is told that the prediction was written down, and shown that one, not its own."""

    async def story(hand: Hand) -> None:
        await _begin(hand)
        other = Services(str(tmp_path / "dp"), environ={}, data=str(tmp_path / "data"))
        Course(other, shelf()).notebook("first-node").predict({"choice.given": "certificate"})
        await hand.press("2", "enter")
        assert "This round's prediction was written down already" in hand.read()
        assert "You say → the node's certificate" in hand.read()

    learn(story)


def test_each_round_begins_with_its_story(learn: Learn) -> None:
    """Also the next one, one that was jumped to, and one that is opened again before anything was foreseen."""

    async def story(hand: Hand) -> None:
        await _begin(hand)
        await _solve(hand)
        await hand.press("enter")
        await hand.until("It wants a CA instead of")
        assert "Round 2 of 2" in hand.read()
        await hand.press("escape", "enter")
        await hand.until("It wants a CA instead of")
        await hand.press("enter")
        assert "In PKI mode, what is the control plane given?" in hand.read()
        await hand.press("j", "enter")
        await hand.until("waits for its first node")
        assert "Round 1 of 2" in hand.read()

    learn(story)


def test_a_solved_lesson_opens_at_what_it_taught(learn: Learn) -> None:
    """Not at an empty page of checks; p shows the prediction, and Enter leads back."""

    async def story(hand: Hand) -> None:
        await _begin(hand)
        await _solve(hand)
        await hand.press("escape", "enter")
        await hand.until("A node needs three things")
        await hand.press("p")
        assert "Enter goes back." in hand.read()
        await hand.press("enter")
        assert "A node needs three things" in hand.read()

    learn(story)


def test_a_long_step_is_shown_whole(learn: Learn) -> None:
    """The longest of lesson 11 takes two lines at 80 columns: no sentence is cut."""

    async def story(hand: Hand) -> None:
        await hand.press("down", "down", "enter")
        await hand.until(listed())
        await hand.press(*["down"] * 10, "enter", "enter")
        await hand.until("A digit answers")
        await hand.press("1", "1", "1", "1", "enter", "enter")
        await hand.until("nothing else")
        await hand.press("enter", "enter", *["down"] * 14)
        assert "Let edge-1, edge-2 and edge-3 connect anew, with what was read at the start" in hand.read()

    learn(story)


def test_only_keys_that_do_something_are_named(learn: Learn) -> None:
    """Enter is not, while the question it is on has no answer; q closes a lesson as it closes the list."""

    async def story(hand: Hand) -> None:
        await _begin(hand)
        assert "Enter" not in hand.seen().splitlines()[-1]
        await hand.press("2")
        assert "Enter Lock it in" in hand.seen().splitlines()[-1]
        await hand.press("enter")
        assert "Enter Compare" in hand.seen().splitlines()[-1]  # nobody is there yet who could be run
        await hand.press("q")
        await hand.until(listed())

    learn(story)


def test_a_long_hint_is_shown_whole(learn: Learn, tmp_path: Path) -> None:
    """It costs a point: where the foot is too small for it, it gets a window of its own."""
    text = deepcopy(TEXT)
    text["round"][0]["hints"] = ["word " * 58 + "the end", "Upload it."]
    written(tmp_path / "mine" / "500-ours", LESSON, text)

    async def story(hand: Hand) -> None:
        await hand.press("down", "down", "enter")
        await hand.until(listed(1))
        await hand.press("end", "enter", "enter")
        await hand.until("A digit answers")
        await hand.press("h")
        assert "the end" in hand.read()
        await hand.press("escape", "h", "h")
        assert "Hint 2 of 2: Upload it." in hand.read()

    learn(story, KONNECT_TUI_LESSONS=str(tmp_path / "mine"))


@pytest.mark.parametrize("what", ["folder", "link"])
def test_what_is_in_the_way_on_disk_is_named(learn: Learn, tmp_path: Path, what: str) -> None:
    """A file where the lesson keeps its own folder, or a link that leads out of it: refused, and nothing is deleted."""

    async def story(hand: Hand) -> None:
        await hand.press("l")
        await hand.until("Enter Begin")
        place = tmp_path / "data/training/lessons/lesson-01"
        place.parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "else").mkdir()
        (tmp_path / "else/mine.txt").write_text("mine")
        if what == "link":
            place.symlink_to(tmp_path / "else")
        else:
            place.write_text("mine")
        await hand.press("enter")
        await hand.until(" ✗ ")
        assert (tmp_path / "else/mine.txt").read_text() == "mine"
        await hand.press("f1")
        assert "What is wrong" in hand.read()
        assert "half written" in hand.read()

    learn(story)


def test_a_server_that_is_killed_is_not_taken_for_one_that_refuses(learn: Learn, tmp_path: Path) -> None:
    """The organisation of another terminal dies before the run: the wizard starts one, and its record answers."""
    environ = {**os.environ, "XDG_DATA_HOME": str(tmp_path / "serving"), "HOME": str(tmp_path)}
    (tmp_path / "serving").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "serving/konnect-tui").symlink_to(tmp_path / "data")
    command = [sys.executable, "-m", "konnect_tui", "training", "serve", "--port", "0", "--json"]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE) as serving:
        try:
            assert serving.stdout is not None
            assert b"api_url" in serving.stdout.readline()

            async def story(hand: Hand) -> None:
                await hand.press("down", "down", "enter")
                await hand.until(listed())
                await hand.press("down", "enter", "enter")
                await hand.until("A digit answers")
                await hand.press("1", "2", "1", "enter")
                serving.kill()
                serving.wait()
                await hand.press("enter")
                await hand.until("sent ping frame")
                await hand.press("enter")
                await hand.until("What you predicted")
                assert hand.read().count("as you said") == 3

            learn(story)
        finally:
            serving.kill()


def test_names_are_shown_whole(learn: Learn) -> None:
    """The story of lesson 3 has a name of fifteen letters, which the later pages need."""

    async def story(hand: Hand) -> None:
        await hand.press("down", "down", "enter")
        await hand.until(listed())
        await hand.press("down", "down", "enter")
        assert "unknown-sibling a machine with yet another certificate" in hand.read()

    learn(story)
