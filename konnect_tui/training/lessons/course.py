"""All lessons and how they stand, for one learner on this machine."""

import os
import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from konnect_tui.errors import KonnectError
from konnect_tui.services import Services
from konnect_tui.training.lessons import progress
from konnect_tui.training.lessons.evidence import Evidence
from konnect_tui.training.lessons.notebook import Notebook
from konnect_tui.training.lessons.organisation import Organisation, Practice
from konnect_tui.training.lessons.progress import Reset, Standing
from konnect_tui.training.lessons.score import score
from konnect_tui.training.lessons.shelf import Shelved
from konnect_tui.training.lessons.stage import Stage

if TYPE_CHECKING:
    from konnect_tui.training.lessons.attempt import Attempt


class Listed(Struct, frozen=True):
    """A lesson in the list. `origin` says where it is from if it was not shipped: show it always."""

    number: int
    name: str
    title: str
    teaches: str
    minutes: int
    origin: str
    state: Literal["new", "begun", "solved"]
    round: int
    rounds: int
    hints: int
    points: int
    of: int


class Course:
    """What `lessons` there are, with what was written down about them in the folder of the training state."""

    def __init__(self, services: Services, lessons: Sequence[Shelved]) -> None:
        self.lessons = tuple(lessons)
        self.evidence = Evidence(f"{services.training}/lessons")
        self._services = services

    def listed(self) -> tuple[Listed, ...]:
        """Every lesson with how it stands."""
        entries = self.evidence.read().entries
        return tuple(_listed(each, progress.standing(entries, each.lesson.name)) for each in self.lessons)

    def find(self, which: str) -> Shelved:
        """The lesson of that number or name. Raises KonnectError `no-such-lesson`."""
        for each in self.lessons:
            if which in (each.lesson.name, str(each.lesson.number)):
                return each
        known = ", ".join(f"{each.lesson.number} {each.lesson.name}" for each in self.lessons)
        raise KonnectError("no-such-lesson", f"There is no lesson {which}.", hint=f"Lessons: {known}.")

    def next(self) -> Shelved | None:
        """The first lesson that is not solved."""
        standing = {each.number: each.state for each in self.listed()}
        return next((each for each in self.lessons if standing[each.lesson.number] != "solved"), None)

    def notebook(self, which: str) -> Notebook:
        """The learner's notes on that lesson, for which nothing has to run. Raises KonnectError `no-such-lesson`."""
        return Notebook(self.find(which), self._services, self.evidence.folder, self.evidence)

    def attempt(self, which: str, organisation: Organisation, practice: Practice) -> "Attempt":
        """The learner at that lesson. Raises KonnectError `no-such-lesson`."""
        from konnect_tui.training.lessons.attempt import Attempt  # brings everything that makes a bundle
        from konnect_tui.training.lessons.world import World

        world = World(self._services, self._services.training, organisation, practice)
        return Attempt(self.find(which), world, self.evidence)

    def reset(self, which: str | None = None) -> tuple[str, ...]:
        """Start one lesson over, or all: what was written down of all goes beside its file. Bundles go to `.backup/`.

        Returns the folders where bundles lie now. Raises KonnectError `no-such-lesson`.
        """
        chosen = self.lessons if which is None else (self.find(which),)
        if which is None:
            self.evidence.set_aside()
        else:
            self.evidence.append(Reset(self._services.now().timestamp(), chosen[0].lesson.name))
        return tuple(moved for each in chosen for moved in self._cleared(each))

    def _cleared(self, shelved: Shelved) -> list[str]:
        workspace, moved = self._services.workspace, []
        for number in range(len(shelved.lesson.rounds)):
            stage = Stage(shelved.lesson, number, self._services.root, self.evidence.folder)
            known = os.path.isdir(stage.folder)  # a bundle of that name that no lesson has made is left alone
            shutil.rmtree(stage.folder, ignore_errors=True)
            if known and workspace.look(stage.name) != "nothing":
                with workspace.locked():
                    moved.append(workspace.set_aside(stage.name))
        return moved


def _listed(shelved: Shelved, at: Standing) -> Listed:
    lesson, text = shelved.lesson, shelved.text
    points = score(lesson, at)
    return Listed(
        number=lesson.number,
        name=lesson.name,
        title=text.title,
        teaches=text.teaches,
        minutes=lesson.minutes,
        origin=shelved.origin,
        state=progress.state(lesson, at),
        round=at.round + 1,
        rounds=len(lesson.rounds),
        hints=at.all_hints,
        points=points.points,
        of=points.of,
    )
