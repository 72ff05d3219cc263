"""What a learner is offered in the repair."""

import pytest
from msgspec.structs import replace

from konnect_tui.training.lessons.deeds import deeds
from konnect_tui.training.lessons.shelf import shelf
from konnect_tui.training.lessons.stepping import step, typed

ROUNDS = [
    pytest.param(round_, id=f"{each.lesson.name}-{at + 1}")
    for each in shelf()
    for at, round_ in enumerate(each.lesson.rounds)
]


@pytest.mark.parametrize("round_", ROUNDS)
def test_the_offer_holds_the_cure_and_the_traps(round_) -> None:
    """Each step of the solution and of every wrong fix is offered once, in words of its own, and the order tells
    nothing: it is the same whichever of them is the solution.
    """
    offered = deeds(round_, "/home/me/konnect-dp/lesson")
    steps = [typed(each.step) for each in offered]
    wanted = [typed(each) for each in (*round_.solution, *(one for wrong in round_.wrong for one in wrong.steps))]
    assert set(wanted) <= set(steps)
    assert len(set(steps)) == len(steps) == len({each.said for each in offered})
    assert steps == [typed(each.step) for each in deeds(replace(round_, solution=round_.solution[::-1]), "")]


@pytest.mark.parametrize("round_", ROUNDS)
def test_what_is_typed_is_the_step(round_) -> None:
    """Every step that is offered can be typed for `--do`, and is the same step then."""
    for each in deeds(round_, "x"):
        assert step(typed(each.step)) == each.step


def test_the_products_own_command_stands_beside() -> None:
    """Where the product has a command for a step, that is what is named, with the bundle."""
    (lesson,) = (each.lesson for each in shelf() if each.lesson.number == 3)
    beside = {typed(each.step): each.otherwise for each in deeds(lesson.rounds[0], "'/my dp/lesson-03'")}
    assert beside["hold=upload/edge-2.crt"] == "konnect-tui upload '/my dp/lesson-03'"
    assert beside["start=edge-2"] == "konnect-tui training node '/my dp/lesson-03' --node edge-2"
    assert beside["apply"] == "konnect-tui apply '/my dp/lesson-03'/konnect-tui.toml --replace"
    assert step("start=edge-2") in [each.step for each in deeds(lesson.rounds[0], "x")]
