"""A lesson on paper: one page for learners, and the instructor's notes. Markdown, from the lesson's own data."""

from collections.abc import Iterator, Mapping, Sequence
from textwrap import fill

from konnect_tui.gateway.escape import markdown, markdown_code
from konnect_tui.training.lessons.lesson import Round, Step
from konnect_tui.training.lessons.shelf import Shelved
from konnect_tui.training.lessons.stepping import typed
from konnect_tui.training.lessons.texts import Entry, RoundText
from konnect_tui.training.lessons.told import questions

_WIDTH = 100
_ALSO = """\
Set up: `konnect-tui training lesson {number} --begin`. Write your predictions down before the run: they can't be
changed afterwards. Then repair it with the product itself. What Konnect's page of data plane certificates would do,
`--do hold=NAME` and `--do release=NAME` do here; `--check` says what is left.
"""


def handout(shelved: Shelved, glossary: Mapping[str, Entry]) -> str:
    """One page for learners: story, task, what to predict, the terms. Nothing that gives the answer away."""
    return "\n".join(_handout(shelved, glossary))


def notes(shelved: Shelved) -> str:
    """For the instructor: what to say, hints, solution, wrong fixes with their reasons, debrief."""
    return "\n".join(_notes(shelved))


def _handout(shelved: Shelved, glossary: Mapping[str, Entry]) -> Iterator[str]:
    yield from _head(shelved)
    yield _ALSO.format(number=shelved.lesson.number)
    for number, (round_, words) in enumerate(_rounds(shelved), start=1):
        if number > 1:
            yield "## In another disguise\n"
        yield _prose(words.story)
        yield _prose(words.task)
        yield "\n".join(_predictions(round_, words))
    entries = [glossary[term] for term in shelved.lesson.terms if term in glossary]
    if entries:
        yield "## Words\n"
        yield (
            "\n".join(
                fill(f"- **{markdown(each.term)}**: {markdown(each.means)}", _WIDTH, subsequent_indent="  ")
                for each in entries
            )
            + "\n"
        )


def _notes(shelved: Shelved) -> Iterator[str]:
    yield from _head(shelved)
    yield f"About {shelved.lesson.minutes} minutes. {markdown(shelved.text.teaches)}\n"
    yield _prose(shelved.text.notes)
    for number, (round_, words) in enumerate(_rounds(shelved), start=1):
        yield f"## Round {number}\n"
        yield _prose(words.story)
        yield _prose(f"Task: {words.task}")
        yield "Hints, one by one:\n"
        yield "\n".join(f"{place}. {_line(hint)}" for place, hint in enumerate(words.hints, start=1)) + "\n"
        yield f"Solution: {_steps(round_.solution)}\n"
        yield "What comes to mind and does not help:\n"
        wrong = (f"- {_steps(each.steps)}: {_line(words.wrong[each.name])}" for each in round_.wrong)
        yield "\n".join(wrong) + "\n"
    yield "## Debrief\n"
    yield _prose(shelved.text.debrief)


def _head(shelved: Shelved) -> Iterator[str]:
    yield f"# Lesson {shelved.lesson.number}: {markdown(shelved.text.title)}\n"
    if shelved.origin:
        yield f"*{markdown(shelved.origin)}*\n"


def _rounds(shelved: Shelved) -> Iterator[tuple[Round, RoundText]]:
    return zip(shelved.lesson.rounds, shelved.text.rounds, strict=True)


def _predictions(round_: Round, words: RoundText) -> Iterator[str]:
    yield "| Predict | Your answer |"
    yield "|---|---|"
    for question in questions(round_, words):
        choices = " / ".join(_line(said) for said in question.choices.values())
        yield f"| {_line(question.ask)} | {choices} |"
    yield ""


def _steps(steps: Sequence[Step]) -> str:
    return ", ".join(markdown_code(typed(step)) for step in steps)


def _prose(text: str) -> str:
    """Paragraphs; a word in backquotes stays one."""
    return "\n".join(fill(_line(line), _WIDTH) + "\n" for line in text.strip().splitlines() if line.strip())


def _line(text: str) -> str:
    """The text as Markdown: what stands between backquotes is code, all else is escaped."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return markdown(text)
    return "".join(markdown_code(part) if place % 2 else markdown(part) for place, part in enumerate(parts))
