"""What an attempt tells: frozen, complete, and without a screen. Make names in it `printable` before they are shown."""

from collections.abc import Mapping

from msgspec import Struct

from konnect_tui.training.lessons import lesson as words
from konnect_tui.training.lessons.lesson import Round, asked, offered
from konnect_tui.training.lessons.outcome import Outcome
from konnect_tui.training.lessons.progress import Step
from konnect_tui.training.lessons.texts import RoundText, question_of


class Question(Struct, frozen=True):
    """One thing to predict: the key of its answer, its words, and what can be answered, by value."""

    key: str
    ask: str
    choices: Mapping[str, str]


class Brief(Struct, frozen=True):
    """What a round shows. `origin` says where the lesson is from if it was not shipped: show it always.

    `bundle` and `material` are absolute folders; `parties` says who is who. `region` is that of the control plane,
    whose `control_plane_id` is empty until begun.
    """

    number: int
    name: str
    title: str
    origin: str
    round: int
    rounds: int
    step: Step
    story: str
    task: str
    parties: Mapping[str, str]
    questions: tuple[Question, ...]
    bundle: str
    material: str
    control_plane: str
    control_plane_id: str
    region: str


class Compared(Struct, frozen=True):
    """A prediction beside what was true."""

    key: str
    said: str
    true: str

    @property
    def right(self) -> bool:
        """Whether it was foreseen."""
        return self.said == self.true


class RunResult(Struct, frozen=True):
    """What the run gave. Show `log` first, alone: it is all that an operator would have."""

    log: tuple[str, ...]
    compared: tuple[Compared, ...]


class CheckResult(Struct, frozen=True):
    """How the checks went."""

    outcomes: tuple[Outcome, ...]

    @property
    def solved(self) -> bool:
        """Whether all are met."""
        return all(each.ok for each in self.outcomes)


class Debrief(Struct, frozen=True):
    """The end of a lesson: what to take along, the line a gateway wrote, and why the obvious did not help."""

    text: str
    log: tuple[str, ...]
    wrong: tuple[str, ...]
    terms: tuple[str, ...]


def questions(round_: Round, spoken: RoundText) -> tuple[Question, ...]:
    """What a round asks, in words."""
    found = []
    for prediction in round_.predictions:
        told = spoken.questions[question_of(prediction)]
        for key in asked(prediction):
            who = key.partition(".")[2]
            ask = f"{told.ask} {who}: {spoken.parties[who]}" if isinstance(prediction, words.Verdict) else told.ask
            choices = {value: told.choices.get(value, value) for value in offered(prediction)}
            found.append(Question(key, ask, choices))
    return tuple(found)
