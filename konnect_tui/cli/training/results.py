"""`konnect-tui training results`: what was achieved, checked again from evidence and record; `-o` writes CSV."""

from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from konnect_tui.bundle import PUBLIC_MODE
from konnect_tui.cli.answer import Answer
from konnect_tui.cli.columns import columns
from konnect_tui.cli.training.taught import course
from konnect_tui.errors import KonnectError, Problem, note
from konnect_tui.training.lessons import results
from konnect_tui.training.lessons.embedded import recorded
from konnect_tui.training.lessons.making import write
from konnect_tui.training.lessons.progress import Entry, of_lesson
from konnect_tui.training.lessons.results import Result, State
from konnect_tui.training.lessons.score import NOTE
from konnect_tui.training.lessons.shelf import Shelved
from konnect_tui.words import printable

_MEANS: Final[Mapping[State, str]] = {
    "gone": "the record has no such handshakes: the organisation was begun anew since, or they are another machine's",
    "other-lesson": "it was begun with another version of the lesson's file",
    "contradicted": "the record has a handshake otherwise, or what was written down does not rest on this lesson",
    "altered": "what was written down is not as it was written",
}
"""What a trainer should know of a result that is not `confirmed`."""


def run(options: Namespace) -> Answer:
    """A row for every lesson that was begun; exit 3 where something speaks against what was written down."""
    services, lessons = course(options)
    written = lessons.evidence.read()
    record = recorded(services.training, results.numbers(written.entries))
    found = results.results(lessons.lessons, written, record)
    error = None
    if written.altered or not results.sound(found):
        place = f"From line {written.altered} on" if written.altered else "A result"
        message = f"{place}, {lessons.evidence.path} is not as it was written, or the record says otherwise."
        error = KonnectError("evidence-altered", message)
    if options.output:
        write(options.output, results.csv(found).encode(), PUBLIC_MODE)
    stdout = f"{options.output}\n" if options.output else _table(found)
    data = {"results": found, "score": NOTE, "altered": written.altered, "output": options.output}
    seen = {each.evidence for each in found}
    meant = (f"evidence {state}: {means}" for state, means in _MEANS.items() if state in seen)
    problems = tuple(_elsewhere(lessons.lessons, written.entries))
    return Answer(data, stdout=stdout, talk=(f"points are {NOTE}", *meant), problems=problems, error=error)


def _elsewhere(lessons: Sequence[Shelved], entries: Sequence[Entry]) -> Iterator[Problem]:
    """Lessons that were begun and are in none of the folders: nothing can be said of them."""
    here = {each.lesson.name for each in lessons}
    for name in dict.fromkeys(each.lesson for each in entries):
        if name not in here and of_lesson(entries, name):
            message = f"The lesson {printable(name)} was begun, and is not among these lessons."
            yield note("", "lesson-elsewhere", message, "Name its folder with --lessons.")


def _table(found: Sequence[Result]) -> str:
    if not found:
        return "no lesson was begun\n"
    rows = [("lesson", "", "state", "rounds", "foreseen", "hints", "points", "evidence", "")]
    rows += [
        (
            str(each.number),
            each.title,
            each.state,
            f"{each.rounds_solved} of {each.rounds}",
            f"{each.predictions_right} of {each.predictions}",
            str(each.hints),
            f"{each.points} of {each.of}",
            each.evidence,
            each.origin,
        )
        for each in found
    ]
    return columns(rows)
