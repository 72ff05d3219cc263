"""`konnect-tui training check FILE`: a lesson is sound: its form, its words, and that it teaches what it says."""

import os
from argparse import Namespace

from konnect_tui.cli.answer import Answer
from konnect_tui.cli.asking import wait_for
from konnect_tui.cli.setting import services_for
from konnect_tui.cli.talk import Talk
from konnect_tui.errors import KonnectError, Problem
from konnect_tui.training.lessons import files
from konnect_tui.training.lessons.shelf import Shelved, opened, taken
from konnect_tui.training.lessons.trial import proven
from konnect_tui.words import printable


def run(options: Namespace) -> Answer:
    """Every fault at once; exit 2 if there is one. A lesson without is played: solved, unsolved, and each wrong fix."""
    services, talk = services_for(options), Talk(wanted=not options.json)
    given: str = options.file
    folder, name = (given, files.LESSON) if os.path.isdir(given) else os.path.split(os.path.abspath(given))
    found = opened(os.path.abspath(folder), os.path.dirname(os.path.abspath(folder)), name=name)
    problems: tuple[Problem, ...] = found.problems
    if found.shelved is not None:
        played = wait_for(proven(found.shelved, services), talk=talk, what="playing the lesson")
        problems = (*taken(found.shelved), *played)
    data = {"file": given, "lesson": _told(found.shelved)}
    if problems:
        error = KonnectError("invalid-input", f"{printable(given)}: {len(problems)} faults.", problems=problems)
        return Answer(data, problems=problems, error=error)
    return Answer(data, stdout=f"{printable(given)} is sound: {_said(found.shelved)}\n")


def _told(shelved: Shelved | None) -> dict[str, object] | None:
    if shelved is None:
        return None
    lesson = shelved.lesson
    return {"number": lesson.number, "name": lesson.name, "title": shelved.text.title, "rounds": len(lesson.rounds)}


def _said(shelved: Shelved | None) -> str:
    if shelved is None:
        raise RuntimeError("a lesson without problems is there")
    rounds = shelved.lesson.rounds
    wrong = sum(len(each.wrong) for each in rounds)
    several = f"{len(rounds)} rounds, each" if len(rounds) > 1 else "one round,"
    fixes = f"by none of {wrong} wrong fixes" if wrong > 1 else "not by the wrong fix"
    return f"{several} solved by its solution, not by doing nothing, and {fixes}"
