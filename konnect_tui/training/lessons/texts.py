"""What a lesson says: apart from what it does, so that it can be translated in a file beside.

`text.en.toml` is complete. `text.XX.toml` may say some of it in another language; what it leaves out stays English.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from msgspec import Meta, Struct

from konnect_tui.training.lessons.lesson import Choice, Lesson, Name, Prediction, Round, offered

ENGLISH: Final = "en"

_SEEN: Final = r"\S"
Title = Annotated[str, Meta(pattern=_SEEN, min_length=2, max_length=60, description="text that is not blank")]
Line = Annotated[str, Meta(pattern=_SEEN, min_length=2, max_length=300, description="text that is not blank")]
Prose = Annotated[str, Meta(pattern=_SEEN, min_length=2, max_length=4000, description="text that is not blank")]


class Question(Struct, frozen=True, forbid_unknown_fields=True):
    """A prediction in words. `choices` are the answers by what they are called in the lesson."""

    ask: Line
    choices: Mapping[str, Line] = {}


class RoundText(Struct, frozen=True, forbid_unknown_fields=True):
    """The words of one round. `wrong` says of each wrong fix why it does not help, `parties` who is who.

    `questions` are by `verdict`, `cause`, `seen`, or by the name of a choice. `hints` get plainer one by one.
    """

    story: Prose
    task: Prose
    hints: Annotated[tuple[Line, ...], Meta(min_length=2, max_length=5)]
    questions: Mapping[Name, Question]
    parties: Mapping[Name, Line]
    wrong: Mapping[Name, Line]


class Text(Struct, frozen=True, forbid_unknown_fields=True, rename={"rounds": "round"}):
    """All words of a lesson. `teaches` is one line; `notes` are for the instructor."""

    title: Title
    teaches: Line
    debrief: Prose
    notes: Prose
    rounds: tuple[RoundText, ...]


class Entry(Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of the glossary."""

    term: Line
    means: Prose


def question_of(prediction: Prediction) -> str:
    """Under which key its question stands."""
    return prediction.name if isinstance(prediction, Choice) else str(prediction.__struct_config__.tag)


def translated(english: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The English table with what the other one says in its place, key by key; its further keys stay, and are faults.

    Lists of tables are matched by place; any other list is taken whole, if it is as long.
    """
    merged = dict(english)
    for key, value in other.items():
        merged[key] = _chosen(english.get(key), value)
    return merged


def _chosen(english: Any, other: Any) -> Any:
    if isinstance(english, dict) and isinstance(other, dict):
        return translated(english, other)
    if isinstance(english, list) and isinstance(other, list) and len(other) <= len(english):
        return [_chosen(one, each) for one, each in zip(english, other, strict=False)] + english[len(other) :]
    return other


def missing_words(lesson: Lesson, text: Text) -> list[str]:
    """The dotted keys that the lesson needs and the text lacks, or has and the lesson doesn't know."""
    if len(lesson.rounds) != len(text.rounds):
        return [f"round[{min(len(lesson.rounds), len(text.rounds))}]"]
    return [
        f"round[{number}].{key}"
        for number, (round_, words) in enumerate(zip(lesson.rounds, text.rounds, strict=True))
        for key in _of_round(round_, words)
    ]


def _of_round(round_: Round, words: RoundText) -> list[str]:
    scene = round_.scene
    others = (other.name for other in scene.others)
    parties = {*scene.bundle.nodes, *(guest.name for guest in scene.guests), *others}
    asked = {question_of(each): each for each in round_.predictions}
    faults = [f"parties.{name}" for name in sorted(parties ^ words.parties.keys())]
    faults += [f"wrong.{name}" for name in sorted({each.name for each in round_.wrong} ^ words.wrong.keys())]
    faults += [f"questions.{name}" for name in sorted(asked.keys() ^ words.questions.keys())]
    for name, prediction in asked.items():
        if name in words.questions:
            given = words.questions[name].choices
            wanted = () if name == "verdict" else offered(prediction)
            faults += [f"questions.{name}.choices.{each}" for each in sorted({*wanted} ^ given.keys())]
    return faults
