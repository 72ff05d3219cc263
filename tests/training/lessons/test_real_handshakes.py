"""Every shipped lesson on the embedded organisation: its API, its listener, TLS over TCP, its own record."""

import asyncio
from pathlib import Path

import pytest
from embedded import Embedded
from lesson_play import real_world, world

from konnect_tui.training.lessons import shelf, trial
from konnect_tui.training.lessons.lesson import Verdict
from konnect_tui.training.lessons.shelf import Shelved

SHELF = shelf.shelf()
ROUNDS = [(shelved, number) for shelved in SHELF for number in range(len(shelved.lesson.rounds))]
EACH = pytest.mark.parametrize(
    ("shelved", "number"), ROUNDS, ids=[f"{shelved.lesson.number}-{number + 1}" for shelved, number in ROUNDS]
)


@EACH
def test_solved_by_its_solution_alone(tmp_path: Path, organisation: Embedded, shelved: Shelved, number: int) -> None:
    """With real handshakes the solution solves the round; doing nothing does not, nor does any fix it calls wrong."""
    round_ = shelved.lesson.rounds[number]
    there = real_world(tmp_path, organisation)
    nothing = asyncio.run(trial.play(shelved, number, (), there))
    assert not nothing.solved
    for wrong in round_.wrong:
        played = asyncio.run(trial.play(shelved, number, wrong.steps, there))
        assert not played.solved, wrong.name
    solved = asyncio.run(trial.play(shelved, number, round_.solution, there))
    assert [each for each in solved.outcomes if not each.ok] == []


@EACH
def test_the_listener_and_the_judge_agree(
    tmp_path: Path, organisation: Embedded, shelved: Shelved, number: int
) -> None:
    """What a run shows is the same over the network as in memory: verdicts, causes, certificates seen."""
    real = asyncio.run(trial.play(shelved, number, (), real_world(tmp_path / "real", organisation)))
    judged = asyncio.run(trial.play(shelved, number, (), world(tmp_path / "judged")))
    assert real.truth == judged.truth
    assert [each.ok for each in real.outcomes] == [each.ok for each in judged.outcomes]


def test_nine_predictions_are_nine_real_handshakes(tmp_path: Path, organisation: Embedded) -> None:
    """Kong's three scenarios, three presentations each: as the table says, over real TLS."""
    table = {}
    for shelved in SHELF[2:5]:
        played = asyncio.run(trial.play(shelved, 0, (), real_world(tmp_path / shelved.lesson.name, organisation)))
        (verdict,) = (each for each in shelved.lesson.rounds[0].predictions if isinstance(each, Verdict))
        table[shelved.lesson.name] = [played.truth[f"verdict.{who}"] for who in verdict.who]
    assert table == {
        "upload-cert1": ["accepted", "accepted", "refused"],
        "upload-cert2": ["accepted", "accepted", "accepted"],
        "upload-cert3": ["refused", "accepted", "accepted"],
    }


def test_a_refused_gateway_is_not_told_why(tmp_path: Path, organisation: Embedded) -> None:
    """The log of a refused node has the one line that Kong writes, and no cause."""
    played = asyncio.run(trial.play(SHELF[5], 0, (), real_world(tmp_path, organisation)))
    (line,) = played.log
    assert "broken: unexpected HTTP response code: 401 (retrying after" in line
    assert "leaf-not-uploaded" not in line
