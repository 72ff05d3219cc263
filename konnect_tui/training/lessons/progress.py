"""What has happened in lessons, entry by entry, and how a lesson stands after it. Pure."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from konnect_tui.training.lessons.lesson import Lesson
from konnect_tui.training.lessons.organisation import Shaken
from konnect_tui.training.lessons.outcome import Outcome
from konnect_tui.training.lessons.stage import Begun

Step = Literal["new", "begun", "predicted", "ran", "solved"]
Number = Annotated[int, Meta(ge=0, lt=2**53)]
"""Of a handshake, as the record counts them."""
Moment = Annotated[float, Meta(ge=0, lt=253_402_300_800)]
"""Unix seconds, before the year 10,000."""


class Kept(Struct, frozen=True):
    """A handshake that an entry rests on, as the record had it. `leaf` is SHA-256 over DER."""

    number: Number
    at: Moment
    leaf: str
    accepted: bool
    cause: str = ""


class Recorded(Struct, frozen=True):
    """A handshake as the record has it, with the id of its control plane: numbers begin again with an organisation."""

    control_plane: str
    kept: Kept


class Cleared(Struct, frozen=True, tag="cleared", tag_field="what"):
    """A round is being set up, and what stood there before is gone. `Began` follows, unless that was cut off."""

    at: Moment
    lesson: str
    round: Annotated[int, Meta(ge=0, lt=4)]


class Began(Struct, frozen=True, tag="began", tag_field="what"):
    """A round was set up. `digest` is that of the lesson, `source` the trainer's folder it is from."""

    at: Moment
    lesson: str
    round: Annotated[int, Meta(ge=0, lt=4)]
    digest: str
    source: str
    begun: Begun


class Predicted(Struct, frozen=True, tag="predicted", tag_field="what"):
    """The prediction was written down: from now on it can't be changed."""

    at: Moment
    lesson: str
    answers: Mapping[str, str]


class Ran(Struct, frozen=True, tag="ran", tag_field="what"):
    """The run was made. `truth` is by the keys of the answers; `log` what the gateways wrote."""

    at: Moment
    lesson: str
    truth: Mapping[str, str]
    handshakes: tuple[Kept, ...]
    log: tuple[str, ...]


class Hinted(Struct, frozen=True, tag="hinted", tag_field="what"):
    """A hint was taken."""

    at: Moment
    lesson: str


class Looked(Struct, frozen=True, tag="looked", tag_field="what"):
    """The checks were made. `handshakes` are those they rest on."""

    at: Moment
    lesson: str
    outcomes: tuple[Outcome, ...]
    handshakes: tuple[Kept, ...]

    @property
    def solved(self) -> bool:
        """Whether every check was met."""
        return all(each.ok for each in self.outcomes)


class Reset(Struct, frozen=True, tag="reset", tag_field="what"):
    """The lesson was started over: what was before counts no more."""

    at: Moment
    lesson: str


Entry = Cleared | Began | Predicted | Ran | Hinted | Looked | Reset


class Standing(Struct, frozen=True):
    """How a lesson stands. `round` counts from 0, `step` is how far that round is; `done` are the rounds solved.

    `right` of `asked` predictions were right. `taken` says how many hints of each round were taken. `locked` are
    predictions that no run has answered yet, by round and digest: setting a scene up anew is no way to change them.
    """

    round: int = 0
    step: Step = "new"
    source: str = ""
    digest: str = ""
    begun: Begun | None = None
    answers: Mapping[str, str] = {}
    locked: Mapping[tuple[int, str], Mapping[str, str]] = {}
    truth: Mapping[str, str] = {}
    log: tuple[str, ...] = ()
    taken: Mapping[int, int] = {}
    done: frozenset[int] = frozenset()
    asked: int = 0
    right: int = 0

    @property
    def hints(self) -> int:
        """How many hints of this round were taken: they stay taken when it is set up anew."""
        return self.taken.get(self.round, 0)

    @property
    def all_hints(self) -> int:
        """How many hints of all rounds were taken."""
        return sum(self.taken.values())

    @property
    def solved(self) -> int:
        """How many rounds are solved."""
        return len(self.done)


_FRESH: Final = Standing()


def kept(shaken: Shaken) -> Kept:
    """What is written down of a handshake."""
    return Kept(shaken.number, shaken.at, shaken.leaf, shaken.accepted, shaken.cause)


def of_lesson(entries: Iterable[Entry], lesson: str) -> tuple[Entry, ...]:
    """The entries that count for that lesson: those since it was last started over."""
    found: list[Entry] = []
    for entry in entries:
        if entry.lesson == lesson:
            found = [] if isinstance(entry, Reset) else [*found, entry]
    return tuple(found)


def standing(entries: Iterable[Entry], lesson: str) -> Standing:
    """How the lesson stands after these entries."""
    at = _FRESH
    for entry in of_lesson(entries, lesson):
        at = after(at, entry)
    return at


def after(at: Standing, entry: Entry) -> Standing:
    """How it stands after one more entry."""
    match entry:
        case Cleared(round=number):
            return _cleared(at, number)
        case Began(round=number, begun=begun, source=source, digest=digest):
            answers = at.locked.get((number, digest), {})
            step: Step = "predicted" if answers else "begun"
            return replace(_cleared(at, number), step=step, answers=answers, source=source, digest=digest, begun=begun)
        case Predicted(answers=answers):
            locked = {**at.locked, (at.round, at.digest): answers}
            return replace(at, step="predicted", answers=answers, locked=locked)
        case Ran(truth=truth, log=log) if at.step == "predicted":
            right = at.right + sum(at.answers.get(key) == value for key, value in truth.items())
            asked, open_ = at.asked + len(truth), {**at.locked}
            open_.pop((at.round, at.digest), None)
            return replace(at, step="ran", truth=truth, log=log, asked=asked, right=right, locked=open_)
        case Hinted():
            return replace(at, taken={**at.taken, at.round: at.hints + 1})
        case Looked() if entry.solved and at.step == "ran":
            return replace(at, step="solved", done=at.done | {at.round})
    return at


def _cleared(at: Standing, number: int) -> Standing:
    """At the beginning of that round, with what was achieved so far."""
    return Standing(round=number, locked=at.locked, taken=at.taken, done=at.done, asked=at.asked, right=at.right)


def state(lesson: Lesson, at: Standing) -> Literal["new", "begun", "solved"]:
    """The lesson in one word."""
    if at.solved >= len(lesson.rounds):
        return "solved"
    return "new" if at == _FRESH else "begun"
