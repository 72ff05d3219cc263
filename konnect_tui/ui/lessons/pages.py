"""The pages of a lesson as text. Its words may be a stranger's: all of them are made printable, none is markup."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from textual.content import Content

from konnect_tui.flow.paths import shown
from konnect_tui.training.lessons.deeds import Deed
from konnect_tui.training.lessons.outcome import Outcome
from konnect_tui.training.lessons.texts import Entry
from konnect_tui.training.lessons.told import Brief, Debrief, Question
from konnect_tui.ui.lessons.sheet import CURSOR
from konnect_tui.ui.theme import DONE, SIGNS
from konnect_tui.words import cells, printable, wrap

_HEADING: Final = "bold $primary"
_CHOSEN, _OPEN = "●", "○"


def prose(text: str, width: int, style: str = "", *, indent: str = "") -> Iterator[Content]:
    """Paragraphs, wrapped."""
    for paragraph in text.strip().splitlines():
        for line in wrap(printable(paragraph), width - cells(indent)):
            yield Content.styled(f"{indent}{line}", style)


def story(brief: Brief, width: int) -> Iterator[Content]:
    """What has happened, what is to be done, who is who."""
    yield from prose(brief.story, width)
    yield Content("")
    yield from prose(brief.task, width, "bold")
    yield Content("")
    column = max(14, *map(cells, brief.parties))
    for name, who in brief.parties.items():
        yield from _item(name, who, column, width)
    yield Content("")
    if brief.control_plane_id:
        yield from _item("control plane", f"{brief.control_plane}, region {brief.region}", column, width)
        yield from _item("bundle", shown(brief.bundle), column, width)
        yield from _item("certificates", shown(brief.material), column, width)


def predict(brief: Brief, answers: Mapping[str, str], at: int, width: int) -> Iterator[Content]:
    """The questions with all their answers, the cursor on one of them."""
    for number, (heading, who, question) in enumerate(_asked(brief)):
        if heading and number:
            yield Content("")
        yield from prose(heading, width, "bold")
        here = number == at
        mark = f"{CURSOR} " if here else "  "
        for line in wrap(printable(who), width - 4) if who else ():
            yield Content.styled(f"{mark}{line}", "bold" if here else "")
            mark = "  "
        yield from _choices(question, answers.get(question.key), mark, width)
    yield Content("")


def _choices(question: Question, chosen: str | None, mark: str, width: int) -> Iterator[Content]:
    said = [
        f"{digit} {_CHOSEN if value == chosen else _OPEN} {printable(words)}"
        for digit, (value, words) in enumerate(question.choices.items(), start=1)
    ]
    styles = ["bold $primary" if value == chosen else "" for value in question.choices]
    if sum(cells(each) + 4 for each in said) <= width - 4:
        parts = [(f"  {each}  ", style) for each, style in zip(said, styles, strict=True)]
        yield Content.assemble(mark, *parts)
        return
    for each, style in zip(said, styles, strict=True):
        for line in wrap(each, width - 4):
            yield Content.assemble(f"{mark}  ", (line, style))
            mark = "  "


def locked(brief: Brief, answers: Mapping[str, str], width: int) -> Iterator[Content]:
    """What was predicted."""
    yield Content.styled("Your prediction is locked. It can't be changed any more.", _HEADING)
    yield Content("")
    for heading, who, question in _asked(brief):
        yield from prose(heading, width)
        said = question.choices.get(answers.get(question.key, ""), "")
        yield from prose(f"{who or 'You say'} → {said}", width, "bold", indent="  ")


def log(lines: Sequence[str], width: int) -> Iterator[Content]:
    """The log, alone."""
    yield Content.styled("This is what the gateways wrote. An operator has nothing else.", _HEADING)
    yield Content("")
    yield from _log(lines, width)


def _log(lines: Sequence[str], width: int) -> Iterator[Content]:
    for line in lines:
        yield from prose(line or " ", width, "$foreground on $surface")
        yield Content("")


def compared(
    brief: Brief, answers: Mapping[str, str], truth: Mapping[str, str], lines: Sequence[str], width: int
) -> Iterator[Content]:
    """Each prediction beside what was true."""
    yield Content.styled("What you predicted, and what was true", _HEADING)
    yield Content("")
    for heading, who, question in _asked(brief):
        yield from prose(heading, width)
        said, true = answers.get(question.key, ""), truth.get(question.key, "")
        right = said == true
        sign, style = (DONE, "$success") if right else (SIGNS["error"], "$error")
        words = question.choices.get(said, said)
        told = f"{words}, as you said" if right else f"{question.choices.get(true, true)}; you said {words}"
        yield from prose(f"{sign} {f'{who} → ' if who else ''}{told}", width, f"bold {style}", indent="  ")
    if lines:
        yield Content("")
        yield Content.styled("The log again", _HEADING)
        yield from _log(lines, width)


def repair(
    brief: Brief, deeds: Sequence[Deed], at: int, log: Sequence[str], hints: Sequence[str], width: int
) -> Iterator[Content]:
    """The task, what can be done for it here, what came of the last deed, the hints that were taken."""
    yield from prose(brief.task, width, "bold")
    yield Content("")
    for number, deed in enumerate(deeds):
        here = number == at
        first, *more = wrap(printable(deed.said), width - 4)
        yield from (
            Content.styled(line, "bold" if here else "")
            for line in (f"{CURSOR if here else ' '} {first}", *(f"    {line}" for line in more))
        )
    if log:
        yield Content("")
        yield from _log(log, width)
    for number, hint in enumerate(hints, start=1):
        yield Content("")
        yield from prose(f"Hint {number}: {hint}", width)


def checked(outcomes: Sequence[Outcome], width: int) -> Iterator[Content]:
    """Each check, with what it rests on."""
    yield Content.styled("What the control plane's own record says", _HEADING)
    yield Content("")
    for each in outcomes:
        sign, style, word = (DONE, "$success", "met") if each.ok else (SIGNS["error"], "$error", "NOT MET")
        yield Content.assemble((f"{sign} {word}", f"bold {style}"), (f"  {printable(each.that)}", "$muted"))
        yield from prose(each.message, width, indent="  ")


def debrief(told: Debrief, glossary: Mapping[str, Entry], width: int) -> Iterator[Content]:
    """What to take along."""
    yield from prose(told.text, width)
    if told.log:
        yield Content("")
        yield Content.styled("The gateway wrote", _HEADING)
        yield from _log(told.log, width)
    else:
        yield Content("")
    yield Content.styled("What does not help", _HEADING)
    for each in told.wrong:
        yield from prose(f"- {each}", width)
    yield Content("")
    yield Content.styled("Words", _HEADING)
    for term, means in terms(told.terms, glossary):
        yield from prose(f"{term}: {means}", width)


def terms(names: Iterable[str], glossary: Mapping[str, Entry]) -> Iterator[tuple[str, str]]:
    """Terms of the glossary, with what they mean."""
    for name in names:
        if name in glossary:
            yield printable(glossary[name].term), " ".join(printable(glossary[name].means.strip("\n")).split("\\n"))


def _asked(brief: Brief) -> Iterator[tuple[str, str, Question]]:
    """Each question: what is asked where that is not what was asked just before, whom it is about, and itself."""
    before = ""
    for question in brief.questions:
        kind, _, name = question.key.partition(".")
        who = f"{name}: {brief.parties.get(name, '')}" if kind == "verdict" else ""
        asks = question.ask.removesuffix(f" {who}") if who else question.ask
        yield ("" if asks == before else asks), who, question
        before = asks


def _item(name: str, said: str, column: int, width: int) -> Iterator[Content]:
    """A name and what it is, beside each other; below it where the name leaves too little room."""
    indent = column + 4 if column <= width // 3 else 4
    lines = wrap(printable(said), width - indent) or [""]
    if indent > column:
        yield Content.assemble((f"  {name}".ljust(indent), "$muted"), lines.pop(0))
    else:
        yield Content.styled(f"  {name}", "$muted")
    yield from (Content(f"{' ' * indent}{line}") for line in lines)
