"""What was achieved, held again against the evidence and against the control plane's own record; and as CSV."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, Literal

from msgspec import Struct

from konnect_tui.gateway.escape import csv_cell
from konnect_tui.training.lessons import progress
from konnect_tui.training.lessons.evidence import Written
from konnect_tui.training.lessons.lesson import Lesson, checked
from konnect_tui.training.lessons.progress import Began, Entry, Kept, Looked, Predicted, Ran, Recorded, Standing
from konnect_tui.training.lessons.score import score
from konnect_tui.training.lessons.shelf import Shelved
from konnect_tui.training.lessons.stage import place_name

State = Literal["confirmed", "gone", "other-lesson", "contradicted", "altered"]
"""`confirmed`: the record has every handshake it rests on. `gone`: it no longer has some. `other-lesson`: it was begun
with another version of the lesson's file than this one. `contradicted`: the record has a handshake otherwise, the
prediction came after its run, it rests on nothing of this lesson, or on other checks than the lesson's. `altered`: what
was written down is not as it was written."""

_SEEN: Final = ("accepted", "switched")
"""The checks that only a handshake can meet."""

_WORST: Final[Mapping[State, int]] = {
    "confirmed": 0,
    "gone": 1,
    "other-lesson": 2,
    "contradicted": 3,
    "altered": 4,
}


class Result(Struct, frozen=True):
    """One lesson that was begun. Times are RFC 3339, empty where there is none; `origin` as everywhere."""

    number: int
    name: str
    title: str
    origin: str
    state: str
    rounds_solved: int
    rounds: int
    predictions_right: int
    predictions: int
    hints: int
    points: int
    of: int
    begun_at: str
    solved_at: str
    handshakes: int
    evidence: State


def results(lessons: Sequence[Shelved], written: Written, record: Mapping[int, Recorded]) -> tuple[Result, ...]:
    """A row for every lesson that was begun. `record` is what the control plane has, by number."""
    return tuple(
        _result(each, entries, written, record)
        for each in lessons
        if (entries := progress.of_lesson(written.entries, each.lesson.name))
    )


def sound(found: Sequence[Result]) -> bool:
    """Whether nothing speaks against them."""
    return all(_WORST[each.evidence] < _WORST["contradicted"] for each in found)


def csv(found: Sequence[Result]) -> str:
    """The rows as CSV: no cell is a formula, whatever a name says."""
    columns = Result.__struct_fields__
    lines = [",".join(columns)]
    lines += [",".join(csv_cell(str(getattr(row, column))) for column in columns) for row in found]
    return "".join(f"{line}\n" for line in lines)


def numbers(entries: Sequence[Entry]) -> frozenset[int]:
    """The handshakes that these entries rest on."""
    return frozenset(each.number for entry in entries if isinstance(entry, Ran | Looked) for each in entry.handshakes)


def _result(shelved: Shelved, entries: Sequence[Entry], written: Written, record: Mapping[int, Recorded]) -> Result:
    lesson, at = shelved.lesson, progress.standing(entries, shelved.lesson.name)
    points = score(lesson, at)
    solved = [entry.at for entry in entries if isinstance(entry, Looked) and entry.solved]
    return Result(
        number=lesson.number,
        name=lesson.name,
        title=shelved.text.title,
        origin=shelved.origin,
        state=progress.state(lesson, at),
        rounds_solved=at.solved,
        rounds=len(lesson.rounds),
        predictions_right=at.right,
        predictions=at.asked,
        hints=at.all_hints,
        points=points.points,
        of=points.of,
        begun_at=_stamp(entries[0].at),
        solved_at=_stamp(solved[-1]) if solved else "",
        handshakes=len(numbers(entries)),
        evidence="altered" if written.altered else _state(shelved, entries, record),
    )


def _state(shelved: Shelved, entries: Sequence[Entry], record: Mapping[int, Recorded]) -> State:
    found = [
        *(_held(planes, kept, record) for planes, kept in _resting(entries)),
        *_order(entries),
        *_own(shelved.lesson, entries),
        *_this(shelved, entries),
    ]
    return max(found, key=lambda each: _WORST[each], default="confirmed")


def _resting(entries: Sequence[Entry]) -> Iterator[tuple[frozenset[str], Kept]]:
    """Every handshake, with the ids of the control planes that it may be of."""
    planes: frozenset[str] = frozenset()
    for entry in entries:
        if isinstance(entry, Began):
            planes = frozenset(placed.id for placed in entry.begun.planes.values())
        elif isinstance(entry, Ran | Looked):
            yield from ((planes, each) for each in entry.handshakes)


def _held(planes: frozenset[str], kept: Kept, record: Mapping[int, Recorded]) -> State:
    """A number that another control plane's handshake has now says nothing: the organisation was begun anew."""
    found = record.get(kept.number)
    if found is None or found.control_plane not in planes:
        return "gone"
    return "confirmed" if found.kept == kept else "contradicted"


def _order(entries: Sequence[Entry]) -> Iterator[State]:
    """A run is answered by handshakes that came after its prediction."""
    at, predicted = Standing(), 0.0
    for entry in entries:
        match entry:
            case Predicted(at=moment):
                predicted = moment
            case Ran(handshakes=shaken):
                early = any(each.at < predicted for each in shaken) or entry.at < predicted
                if early or at.step not in ("predicted", "ran", "solved"):
                    yield "contradicted"
        at = progress.after(at, entry)


def _own(lesson: Lesson, entries: Sequence[Entry]) -> Iterator[State]:
    """A round has its own control plane; what is said of it rests on handshakes since it began, all of them kept."""
    after = 0
    for entry in entries:
        if isinstance(entry, Began):
            after = entry.begun.after
            if entry.begun.placed.name != place_name(lesson, entry.round):
                yield "contradicted"
        elif isinstance(entry, Ran | Looked):
            numbers = {each.number for each in entry.handshakes}
            outcomes = entry.outcomes if isinstance(entry, Looked) else ()
            loose = any(each.ok and each.that in _SEEN and not each.handshakes for each in outcomes)
            if (
                loose
                or any(number <= after for number in numbers)
                or not numbers.issuperset(number for each in outcomes for number in each.handshakes)
            ):
                yield "contradicted"


def _this(shelved: Shelved, entries: Sequence[Entry]) -> Iterator[State]:
    """It was this lesson, and every check of it was looked at."""
    wanted: list[str] | None = None
    for entry in entries:
        match entry:
            case Began(digest=digest) if digest != shelved.digest:
                wanted = None
                yield "other-lesson"
            case Began(round=number) if number < len(shelved.lesson.rounds):
                wanted = checked(shelved.lesson.rounds[number])
            case Looked(outcomes=outcomes) if wanted is not None and [each.that for each in outcomes] != wanted:
                yield "contradicted"


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
