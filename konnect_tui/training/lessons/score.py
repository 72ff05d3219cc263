"""A number for fun and for the projector. It is made of what this machine wrote down itself: not proof."""

from typing import Final

from msgspec import Struct

from konnect_tui.training.lessons.lesson import Lesson
from konnect_tui.training.lessons.progress import Standing

NOTE: Final = "not proof: it is counted on the learner's own machine"
_SOLVED: Final = 6
_FORESEEN: Final = 4


class Score(Struct, frozen=True):
    """Points of a lesson, of at most `of`."""

    points: int
    of: int = _SOLVED + _FORESEEN


def score(lesson: Lesson, at: Standing) -> Score:
    """Six points for its rounds solved, four for predictions that were right, one less for every hint."""
    solved = _SOLVED * at.solved // len(lesson.rounds)
    foreseen = _FORESEEN * at.right // at.asked if at.asked else 0
    return Score(max(solved + foreseen - at.all_hints, 0))
