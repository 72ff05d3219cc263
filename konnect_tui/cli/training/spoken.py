"""Lessons as plain lines for stdout. What a trainer's folder holds may be anything: all of it is made printable."""

from collections.abc import Iterable, Mapping, Sequence

from konnect_tui.cli.columns import columns
from konnect_tui.training.lessons.course import Listed
from konnect_tui.training.lessons.shelf import Shelved
from konnect_tui.training.lessons.texts import Entry
from konnect_tui.training.lessons.told import Brief, CheckResult, Debrief, RunResult
from konnect_tui.words import printable, wrap

_WIDTH = 78


def origin(shelved: Shelved) -> tuple[str, ...]:
    """Where a lesson is from that was not shipped."""
    return (f"lesson {shelved.lesson.number}: {shelved.origin}",) if shelved.origin else ()


def block(lines: Iterable[str]) -> str:
    """The lines as they are."""
    return "".join(f"{printable(line)}\n" for line in lines)


def shelf(listed: Sequence[Listed]) -> str:
    """The list."""
    rows = [("", "lesson", "minutes", "state", "points", "")]
    rows += [
        (str(each.number), each.title, str(each.minutes), each.state, f"{each.points} of {each.of}", each.origin)
        for each in listed
    ]
    return columns(rows)


def brief(told: Brief) -> str:
    """Story and task, who is who, what to predict and how to write it."""
    lines = [f"Lesson {told.number}: {told.title}  (round {told.round} of {told.rounds}, {told.step})"]
    lines += [told.origin] if told.origin else []
    lines += ["", *_prose(told.story), "", *_prose(told.task), ""]
    lines += [f"  {name:<16} {who}" for name, who in told.parties.items()]
    lines += [
        "",
        f"control plane  {told.control_plane}, region {told.region}",
        f"bundle         {told.bundle}",
        f"material       {told.material}",
    ]
    lines += ["", "Predict, with --predict KEY=ANSWER for each:"]
    for question in told.questions:
        lines += wrap(question.ask, _WIDTH)
        lines += [
            f"  {question.key}={value}{f'   {said}' if said != value else ''}"
            for value, said in question.choices.items()
        ]
    return block(lines)


def ran(result: RunResult) -> str:
    """The log alone, then each prediction beside what was true."""
    rows = [("", "predicted", "true")]
    rows += [
        (each.key, each.said, f"{each.true}{'' if each.right else '   <- not as predicted'}")
        for each in result.compared
    ]
    return f"{block(result.log)}\n{columns(rows)}" if result.log else columns(rows)


def checked(result: CheckResult, *, last: bool) -> str:
    """Each check with how it went, and what comes next: behind the `last` round no other."""
    following = "that was the last round" if last else "--begin the next round"
    lines = [f"{'met    ' if each.ok else 'NOT MET'}  {each.that}: {each.message}" for each in result.outcomes]
    return block(
        [
            *lines,
            f"solved: --debrief says what to take along, {following}" if result.solved else "not solved yet",
        ]
    )


def debrief(told: Debrief, glossary: Mapping[str, Entry]) -> str:
    """What to take along."""
    lines = [*_prose(told.text), "", "The run wrote:", *told.log] if told.log else [*_prose(told.text)]
    lines += ["", "What does not help:", *(line for each in told.wrong for line in _prose(f"- {each}"))]
    terms = [glossary[term] for term in told.terms if term in glossary]
    lines += ["", "Words:", *(line for each in terms for line in _prose(f"- {each.term}: {each.means}"))]
    return block(lines)


def _prose(text: str) -> list[str]:
    return [line for paragraph in text.strip().splitlines() for line in wrap(paragraph, _WIDTH)]
