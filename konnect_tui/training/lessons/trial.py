"""Prove a lesson by playing it: its solution solves it, doing nothing does not, and no wrong fix does.

Every handshake of it is the judge's, in memory; bundles are made by the product in a folder that is thrown away.
"""

import tempfile
from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

from konnect_tui.errors import KonnectError, Problem, error
from konnect_tui.services import Services
from konnect_tui.training.lessons import checks, staging
from konnect_tui.training.lessons.hands import Hands
from konnect_tui.training.lessons.lesson import Prediction, Steps, asked, offered
from konnect_tui.training.lessons.looking import looked
from konnect_tui.training.lessons.memory import Memory
from konnect_tui.training.lessons.outcome import Outcome
from konnect_tui.training.lessons.running import Runner, truth
from konnect_tui.training.lessons.shelf import Shelved
from konnect_tui.training.lessons.stage import Stage
from konnect_tui.training.lessons.world import World

NOTHING: Final[Steps] = ()


class Played(Struct, frozen=True):
    """How a round ended. `truth` is what its run showed, `log` the lines of the run."""

    truth: Mapping[str, str]
    log: tuple[str, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def solved(self) -> bool:
        """Whether all checks were met."""
        return all(each.ok for each in self.outcomes)


async def play(shelved: Shelved, number: int, steps: Steps, world: World) -> Played:
    """Set up the round of that number, run it, do these steps, check. Raises KonnectError as these do."""
    lesson = shelved.lesson
    begun = await staging.stage(lesson, number, world.services, world.folder, world.organisation, world.practice)
    stage = Stage(lesson, number, world.services.root, world.folder)
    hands = Hands(stage, begun.planes, begun.certificates, world.services)
    runner = Runner(stage, begun, hands, world.organisation, world.practice)
    came = await runner.run(stage.round.run)
    shown = truth(stage.round.predictions, came, hands)
    for step in steps:
        await hands.do(step, world.organisation, world.practice)
    found = checks.outcomes(stage.round, await looked(stage, begun, hands, runner, world))
    return Played(shown, tuple(line for each in came for line in each.log), found)


async def proven(shelved: Shelved, services: Services) -> tuple[Problem, ...]:
    """What speaks against the lesson. `services` gives the time; nothing of its workspace is touched."""
    problems: list[Problem] = []
    for number, round_ in enumerate(shelved.lesson.rounds):
        scripts = {"": NOTHING, "solution": round_.solution} | {each.name: each.steps for each in round_.wrong}
        for name, steps in scripts.items():
            field = f"round[{number}]"
            try:
                played = await _alone(shelved, number, steps, services)
            except KonnectError as fault:
                said = f"{name or 'Doing nothing'} ended with an error: {fault.message}"
                problems.append(error(field, "lesson-unsound", said, fault.hint))
                continue
            problems += _judged(field, name, played)
            if not name:
                problems += _answers(field, round_.predictions, played)
    return tuple(problems)


async def _alone(shelved: Shelved, number: int, steps: Steps, services: Services) -> Played:
    with tempfile.TemporaryDirectory(prefix="konnect-tui-lesson-") as folder:
        alone = Services(f"{folder}/dp", environ={}, now=services.now, state=f"{folder}/drafts", config=folder)
        memory = Memory(services.now)
        return await play(shelved, number, steps, World(alone, folder, memory, memory))


def _judged(field: str, name: str, played: Played) -> Iterator[Problem]:
    if name == "solution" and not played.solved:
        for each in played.outcomes:
            if not each.ok:
                said = f"The solution leaves the check `{each.that}` unmet: {each.message}"
                yield error(f"{field}.solution", "lesson-unsolvable", said)
    elif not name and played.solved:
        yield error(f"{field}.check", "lesson-solves-itself", "Doing nothing solves this round.")
    elif name not in ("", "solution") and played.solved:
        yield error(f"{field}.wrong", "lesson-wrong-fix-helps", f"The fix `{name}` solves this round.")


def _answers(field: str, predictions: tuple[Prediction, ...], played: Played) -> Iterator[Problem]:
    for each in predictions:
        for key in asked(each):
            if (true := played.truth[key]) not in offered(each):
                said = f"The run shows {true or 'none of them'} for {key}; that can't be answered."
                yield error(f"{field}.prediction", "lesson-answer", said)
