"""Every shipped lesson, proven with real handshakes in memory; and lessons that prove nothing are found out."""

import asyncio
from copy import deepcopy
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest
from lesson_play import LESSON, TEXT, now, world, written
from msgspec.structs import replace

from konnect_tui.services import Services
from konnect_tui.training.lessons import shelf, trial
from konnect_tui.training.lessons.lesson import Verdict
from konnect_tui.training.lessons.shelf import Shelved

SHELF = shelf.shelf()
NUMBERED = pytest.mark.parametrize("shelved", SHELF, ids=[str(each.lesson.number) for each in SHELF])


def proven(folder: Path, lesson: dict[str, Any]) -> set[str]:
    """The codes of what speaks against a lesson."""
    found = shelf.opened(str(written(folder, lesson)))
    assert found.shelved is not None, found.problems
    services = Services(str(folder / "dp"), environ={}, now=now)
    return {each.code for each in asyncio.run(trial.proven(found.shelved, services))}


def test_twelve_lessons_are_there() -> None:
    """The shelf has the lessons of the course, numbered without a gap."""
    assert [each.lesson.number for each in SHELF] == list(range(1, len(SHELF) + 1))
    assert len(SHELF) >= 12


@NUMBERED
def test_each_lesson_is_proven(tmp_path: Path, shelved: Shelved) -> None:
    """Its solution solves it; doing nothing does not, nor any fix it calls wrong; every answer is on offer."""
    services = Services(str(tmp_path / "dp"), environ={}, now=now)
    assert asyncio.run(trial.proven(shelved, services)) == ()
    assert list(tmp_path.iterdir()) == []


def test_time_goes_on_in_a_lesson(tmp_path: Path) -> None:
    """Under the CA of a lesson leaves of the usual life are made at once, and made anew later."""
    start, passed = now(), count()
    services = Services(str(tmp_path / "dp"), environ={}, now=lambda: start + timedelta(minutes=next(passed)))
    assert asyncio.run(trial.proven(SHELF[2], services)) == ()


@NUMBERED
def test_a_slow_machine_makes_no_difference(tmp_path: Path, shelved: Shelved) -> None:
    """A scene is made at one moment, however long it takes: no leaf ends a second after the CA that issues it."""
    seconds = count()
    slow = replace(
        world(tmp_path), services=Services(str(tmp_path / "dp"), environ={}, now=lambda: _later(next(seconds)))
    )
    for number, round_ in enumerate(shelved.lesson.rounds):
        assert asyncio.run(trial.play(shelved, number, round_.solution, slow)).solved


def _later(seconds: int) -> datetime:
    return now() + timedelta(seconds=seconds)


def test_nine_predictions_are_nine_handshakes(tmp_path: Path) -> None:
    """cert1, cert2, cert3 uploaded; cert1 alone, with cert2, and a sibling presented: the table of Kong's scenarios."""
    table = {}
    for shelved in SHELF[2:5]:
        played = asyncio.run(trial.play(shelved, 0, (), world(tmp_path / shelved.lesson.name)))
        (verdict,) = (each for each in shelved.lesson.rounds[0].predictions if isinstance(each, Verdict))
        table[shelved.lesson.name] = tuple(played.truth[f"verdict.{who}"] == "accepted" for who in verdict.who)
    assert table == {
        "upload-cert1": (True, True, False),
        "upload-cert2": (True, True, True),
        "upload-cert3": (False, True, True),
    }


def test_a_sound_lesson_has_nothing_against_it(tmp_path: Path) -> None:
    """The sample of these tests is proven."""
    assert proven(tmp_path / "ours", LESSON) == set()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"check": [{"that": "key-unchanged", "who": ["edge-1"]}, {"that": "in-date", "who": ["edge-1"]}]},
         "lesson-solves-itself"),
        ({"wrong": [{"name": "again", "steps": LESSON["round"][0]["solution"]}]}, "lesson-wrong-fix-helps"),
        ({"solution": [{"do": "apply", "new_keys": True}]}, "lesson-unsolvable"),
        ({"prediction": [{"asks": "cause", "who": "edge-1", "choices": ["expired", "not-a-ca"]}]}, "lesson-answer"),
    ],
)  # fmt: skip
def test_a_lesson_that_proves_nothing_is_found_out(tmp_path: Path, change: dict[str, Any], code: str) -> None:
    """A lesson that solves itself, that a wrong fix solves, or that nothing solves, is told so."""
    lesson = deepcopy(LESSON)
    lesson["round"][0] |= change
    folder = tmp_path / "ours"
    if "prediction" in change:
        text = deepcopy(TEXT)
        choices = {"expired": "it has ended", "not-a-ca": "no CA"}
        text["round"][0]["questions"] = {"cause": {"ask": "Why is that?", "choices": choices}}
        written(folder, lesson, text)
        found = shelf.opened(str(folder)).shelved
        assert found is not None
        services = Services(str(folder / "dp"), environ={}, now=now)
        assert code in {each.code for each in asyncio.run(trial.proven(found, services))}
        return
    assert code in proven(folder, lesson)


def test_every_step_is_used_somewhere() -> None:
    """The shipped lessons use every step there is."""
    lessons = [each.lesson for each in SHELF]
    used = {str(each["do"]) for each in _steps(msgspec.to_builtins(lessons))}
    assert used == {"start", "reconnect", "hold", "release", "install", "set", "apply"}


def _steps(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        own = [value] if "do" in value else []
        return own + [step for each in value.values() for step in _steps(each)]
    return [step for each in value for step in _steps(each)] if isinstance(value, list | tuple) else []
