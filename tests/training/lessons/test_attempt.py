"""One learner at one lesson: the order, the locked prediction, hints, rounds, and what is written down."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from lesson_play import world, written

from konnect_tui.errors import KonnectError
from konnect_tui.training.lessons import lesson as words
from konnect_tui.training.lessons import shelf, staging
from konnect_tui.training.lessons.attempt import Attempt
from konnect_tui.training.lessons.evidence import Evidence
from konnect_tui.training.lessons.memory import Memory
from konnect_tui.training.lessons.progress import Cleared, state
from konnect_tui.training.lessons.score import score

SHELF = shelf.shelf()


@pytest.fixture
def attempt(tmp_path: Path) -> Attempt:
    """A fresh attempt at lesson 6."""
    there = world(tmp_path)
    return Attempt(SHELF[5], there, Evidence(f"{there.state}/lessons"))


def code(call: Any, *arguments: Any) -> str:
    """With which code it ends."""

    def calling() -> None:
        result = call(*arguments)
        if asyncio.iscoroutine(result):
            asyncio.run(result)

    with pytest.raises(KonnectError) as raised:
        calling()
    return raised.value.code


def solve(attempt: Attempt, answers: dict[str, str]) -> bool:
    """Go through the round that it stands at, with the lesson's own solution."""
    asyncio.run(attempt.begin())
    attempt.predict(answers)
    asyncio.run(attempt.run())
    for step in attempt.shelved.lesson.rounds[attempt.standing.round].solution:
        asyncio.run(attempt.do(step))
    return asyncio.run(attempt.check()).solved


FORESEEN = {"verdict.edge-1": "refused", "cause.edge-1": "leaf-not-uploaded"}


def test_a_whole_lesson(attempt: Attempt) -> None:
    """Story, prediction, run, repair, check, the same in another disguise, debrief."""
    brief = asyncio.run(attempt.begin())
    assert (brief.title, brief.round, brief.rounds, brief.step) == ("Green files, red node", 1, 2, "begun")
    assert [each.key for each in brief.questions] == ["verdict.edge-1", "cause.edge-1"]
    assert set(brief.questions[0].choices) == {"accepted", "refused"}
    assert Path(brief.bundle, "konnect-tui.toml").is_file()
    attempt.predict(FORESEEN)
    run = asyncio.run(attempt.run())
    assert [each.right for each in run.compared] == [True, True]
    assert "unexpected HTTP response code: 401" in run.log[0]
    before = asyncio.run(attempt.check())
    assert not before.solved
    asyncio.run(attempt.do(words.Hold("upload/edge-1.crt")))
    asyncio.run(attempt.do(words.Start(("edge-1",))))
    assert asyncio.run(attempt.check()).solved
    assert attempt.standing.solved == 1
    assert solve(attempt, {"verdict.edge-1": "accepted"})
    assert "fingerprint" in attempt.debrief().text
    assert attempt.debrief().terms == SHELF[5].lesson.terms
    assert (attempt.standing.right, attempt.standing.asked) == (2, 3)
    assert score(SHELF[5].lesson, attempt.standing).points == 8
    assert code(attempt.begin) == "lesson-order"


def test_a_class_may_jump(attempt: Attempt) -> None:
    """Any round can be begun from its seeded state; one that is solved twice counts once."""
    assert asyncio.run(attempt.begin(2)).round == 2
    attempt.predict({"verdict.edge-1": "refused"})
    asyncio.run(attempt.run())
    for step in SHELF[5].lesson.rounds[1].solution:
        asyncio.run(attempt.do(step))
    for _ in range(2):
        assert asyncio.run(attempt.check()).solved
    assert attempt.standing.solved == 1
    asyncio.run(attempt.begin(1))
    assert (attempt.standing.round, attempt.standing.solved) == (0, 1)
    for number in (0, 3):
        assert code(attempt.begin, number) == "lesson-order"


def test_nothing_comes_before_its_turn(attempt: Attempt) -> None:
    """No run without a prediction, no repair and no check without a run, no debrief before it is solved."""
    assert code(attempt.predict, FORESEEN) == "lesson-order"
    asyncio.run(attempt.begin())
    for call in (attempt.run, attempt.check, attempt.debrief):
        assert code(call) == "lesson-order"
    assert code(attempt.do, words.Apply()) == "lesson-order"


def test_a_prediction_is_locked(attempt: Attempt) -> None:
    """Once written down it can't be changed: not before the run, not after it; and running again changes no score."""
    asyncio.run(attempt.begin())
    attempt.predict({"verdict.edge-1": "accepted", "cause.edge-1": "expired"})
    assert code(attempt.predict, FORESEEN) == "prediction-locked"
    asyncio.run(attempt.run())
    assert code(attempt.predict, FORESEEN) == "prediction-locked"
    asyncio.run(attempt.do(words.Hold("upload/edge-1.crt")))
    again = asyncio.run(attempt.run())
    assert [(each.said, each.true) for each in again.compared] == [
        ("accepted", "refused"),
        ("expired", "leaf-not-uploaded"),
    ]
    assert (attempt.standing.right, attempt.standing.asked) == (0, 2)


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"verdict.edge-1": "refused"},
        FORESEEN | {"verdict.edge-2": "refused"},
        {"verdict.edge-1": "perhaps", "cause.edge-1": "expired"},
    ],
)
def test_a_prediction_is_whole(attempt: Attempt, answers: dict[str, str]) -> None:
    """Every question is answered, with one of its choices, or nothing is written down."""
    asyncio.run(attempt.begin())
    assert code(attempt.predict, answers) == "lesson-prediction"
    attempt.predict(FORESEEN)


def test_hints_get_plainer_and_cost(attempt: Attempt) -> None:
    """Hints come one by one; there is always one more look at the last; the score has one point less for each."""
    asyncio.run(attempt.begin())
    hints = [attempt.hint() for _ in range(4)]
    assert hints[:3] == list(SHELF[5].text.rounds[0].hints)
    assert hints[3] == hints[2]
    assert attempt.standing.hints == 3
    assert score(SHELF[5].lesson, attempt.standing).points == 0


def test_begun_anew_everything_is_fresh(attempt: Attempt) -> None:
    """Beginning a round again makes another bundle; the old one lies in the backups, and no file of it is lost."""
    bundle = Path(asyncio.run(attempt.begin()).bundle)
    key = (bundle / "nodes/edge-1/tls.key").read_bytes()
    asyncio.run(attempt.begin())
    assert (bundle / "nodes/edge-1/tls.key").read_bytes() != key
    (backup,) = (bundle.parent / ".backup" / bundle.name).iterdir()
    assert (backup / "nodes/edge-1/tls.key").read_bytes() == key


def test_no_secret_is_written_down(attempt: Attempt) -> None:
    """The evidence holds public things only, and what a lesson keeps is closed to others."""
    assert solve(attempt, FORESEEN)
    state = Path(attempt._world.state)
    told = (state / "lessons/lessons.jsonl").read_text()
    assert "PRIVATE KEY" not in told
    for path in state.rglob("*.key"):
        assert path.stat().st_mode & 0o077 == 0
    assert (state / "lessons/lesson-06").stat().st_mode & 0o077 == 0


def test_where_a_lesson_is_from_stays_visible(tmp_path: Path) -> None:
    """A trainer's lesson says so in everything that is shown of it."""
    written(tmp_path / "shelf" / "ours")
    ours = next(each for each in shelf.shelf(str(tmp_path / "shelf")) if each.lesson.number == 500)
    there = world(tmp_path)
    attempt = Attempt(ours, there, Evidence(f"{there.state}/lessons"))
    assert asyncio.run(attempt.begin()).origin == f"from folder {tmp_path / 'shelf'}, not shipped"
    assert attempt.standing.source == str(tmp_path / "shelf")


def test_evidence_survives_a_crash_and_tells_tampering(attempt: Attempt) -> None:
    """A line that was cut off was never written; one that was edited, removed or put between is found."""
    assert solve(attempt, FORESEEN)
    evidence = Evidence(f"{attempt._world.state}/lessons")
    path, whole = Path(evidence.path), Path(evidence.path).read_bytes()
    lines = whole.splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]) + lines[-1][:40])
    assert len(evidence.read().entries) == len(lines) - 1
    assert not evidence.read().altered
    path.write_bytes(whole.replace(b'"refused"', b'"accepted"', 1))
    assert evidence.read().altered == 3
    path.write_bytes(b"".join(lines[:1] + lines[2:]))
    assert evidence.read().altered == 2
    assert code(attempt.begin) == "evidence-altered"
    path.write_bytes(b"".join([lines[0], lines[0], *lines[1:]]))
    assert evidence.read().altered == 2
    entry = json.loads(lines[-1])
    assert set(entry) == {"entry", "seal"}


def test_an_organisation_that_ended_answers_nothing(attempt: Attempt, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whom nobody answered was not refused: neither run nor checks are written down, and both can be done again."""
    asyncio.run(attempt.begin())
    attempt.predict(FORESEEN)
    monkeypatch.setattr(Memory, "runs", lambda _: False)
    assert code(attempt.run) == "training-ended"
    assert attempt.standing.step == "predicted"
    monkeypatch.undo()
    assert all(each.right for each in asyncio.run(attempt.run()).compared)
    monkeypatch.setattr(Memory, "runs", lambda _: False)
    assert code(attempt.check) == "training-ended"


def test_the_log_of_the_first_run_stays_beside_its_answer(attempt: Attempt) -> None:
    """Run again after the repair, it writes another line; prediction and debrief are about the one of the fault."""
    asyncio.run(attempt.begin())
    attempt.predict(FORESEEN)
    asyncio.run(attempt.run())
    asyncio.run(attempt.do(words.Hold("upload/edge-1.crt")))
    assert "sent ping frame" in asyncio.run(attempt.run()).log[0]
    assert asyncio.run(attempt.check()).solved
    assert "401" in attempt.debrief().log[0]


def test_a_scene_that_was_cut_off_is_not_gone_on_with(attempt: Attempt, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its bundle is in the backups already: the round has to be set up again, and what was solved stays solved."""
    assert solve(attempt, FORESEEN)
    asyncio.run(attempt.begin())

    def full(*_: object, **__: object) -> None:
        raise KonnectError("disk-failed", "No space left.")

    monkeypatch.setattr(staging, "carry_out", full)
    assert code(attempt.begin) == "disk-failed"
    assert (attempt.standing.round, attempt.standing.step, attempt.standing.solved) == (1, "new", 1)
    assert state(attempt.shelved.lesson, attempt.standing) == "begun"
    assert code(attempt.predict, {}) == "lesson-order"
    monkeypatch.undo()
    assert solve(attempt, {"verdict.edge-1": "accepted"})
    assert state(attempt.shelved.lesson, attempt.standing) == "solved"


def test_setting_the_scene_up_anew_does_not_open_a_locked_prediction(attempt: Attempt) -> None:
    """Not before its run has answered it: not by a try that was cut off, nor by going to another round and back."""
    asyncio.run(attempt.begin())
    attempt.predict(FORESEEN)
    assert asyncio.run(attempt.begin()).step == "predicted"
    attempt._write(Cleared(0.0, "wrong-upload", 0))
    asyncio.run(attempt.begin())
    assert code(attempt.predict, {**FORESEEN, "verdict.edge-1": "accepted"}) == "prediction-locked"
    assert all(each.right for each in asyncio.run(attempt.run()).compared)
    assert asyncio.run(attempt.begin()).step == "begun"
    assert asyncio.run(attempt.begin(2)).step == "begun"
    attempt.predict({"verdict.edge-1": "accepted"})
    assert asyncio.run(attempt.begin(1)).step == "begun"
    assert asyncio.run(attempt.begin(2)).step == "predicted"


def test_a_hint_is_paid_for_once(attempt: Attempt) -> None:
    """Set up anew, the round still has it, and the next key gives the next one; another round has its own."""
    asyncio.run(attempt.begin())
    first = attempt.hint()
    asyncio.run(attempt.begin())
    assert attempt.standing.hints == 1
    assert attempt.hint() != first
    asyncio.run(attempt.begin(2))
    assert (attempt.standing.hints, attempt.standing.all_hints) == (0, 2)
