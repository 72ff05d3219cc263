"""`training lesson`, `check`, `reset`, `results`: a class without a screen."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from embedded import Embedded
from lesson_play import LESSON, TEXT, written
from msgspec.structs import replace
from running import Outcome, run

from konnect_tui.training.addresses import Wanted
from konnect_tui.training.lessons.evidence import Evidence
from konnect_tui.training.lessons.progress import Began, Looked, Ran


@pytest.fixture
def learner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs `konnect-tui training …` with a state and a workspace of its own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("KONNECT_TUI_WORKSPACE", str(tmp_path / "dp"))

    def training(*arguments: object) -> Outcome:
        return run("training", *arguments, "--json")

    return training


@pytest.fixture
def learner(tmp_path: Path, learner_alone: Any) -> Iterator[Any]:
    """The same, and the organisation runs all the time."""
    with Embedded(tmp_path / "data/konnect-tui/training", Wanted(port=0)):
        yield learner_alone


def test_nothing_has_to_run_before(learner_alone: Any, tmp_path: Path) -> None:
    """A lesson is begun with no organisation running: one starts for the command, and keeps what was made."""
    begun = learner_alone("lesson", 6, "--begin")
    assert begun.code == 0, begun.out
    assert (tmp_path / "dp/lesson-06/docker/edge-1/run.sh").is_file()
    assert {each["number"]: each["state"] for each in learner_alone("lesson").document["lessons"]}[6] == "begun"


def test_a_lesson_from_beginning_to_end(learner: Any, tmp_path: Path) -> None:
    """Begin, predict, run, repair, check, debrief, results as CSV: one command each."""
    assert [each["state"] for each in learner("lesson").document["lessons"]][:2] == ["new", "new"]
    brief = learner("lesson", 6, "--begin").document["brief"]
    assert [each["key"] for each in brief["questions"]] == ["verdict.edge-1", "cause.edge-1"]
    early = learner("lesson", "wrong-upload", "--run")
    assert (early.code, early.document["error"]["code"]) == (2, "lesson-order")
    answers = ("--predict", "verdict.edge-1=refused", "--predict", "cause.edge-1=leaf-not-uploaded")
    assert learner("lesson", 6, *answers).code == 0
    assert learner("lesson", 6, *answers).document["error"]["code"] == "prediction-locked"
    ran = learner("lesson", 6, "--run").document
    assert [each["right"] for each in ran["compared"]] == [True, True]
    assert "unexpected HTTP response code: 401" in ran["log"][0]
    unsolved = learner("lesson", 6, "--check")
    assert (unsolved.code, unsolved.document["error"]["code"]) == (3, "not-solved")
    learner("lesson", 6, "--do", "hold=upload/edge-1.crt", "--do", "start=edge-1")
    assert learner("lesson", 6, "--check").document["solved"] is True
    assert learner("lesson", 6, "--debrief").code == 0
    (row,) = learner("results", "-o", tmp_path / "results.csv").document["results"]
    assert (row["state"], row["rounds_solved"], row["predictions_right"], row["evidence"]) == (
        "begun",
        1,
        2,
        "confirmed",
    )
    head, line = (tmp_path / "results.csv").read_text().splitlines()
    assert head.startswith("number,name,title,origin,state")
    assert line.startswith('6,wrong-upload,"Green files, red node",,begun')


def test_results_beside_where_one_is(learner: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The CSV may be named by its name alone: it is written into the folder one is in."""
    monkeypatch.chdir(tmp_path)
    assert learner("results", "-o", "results.csv").code == 0
    assert (tmp_path / "results.csv").read_text().startswith("number,name,title")


@pytest.mark.usefixtures("learner")
def test_the_last_round_is_said_to_be_the_last() -> None:
    """Behind a round the next one is named, where there is one; behind the last none is."""
    told = {}
    for lesson, answers, cure in (
        ("6", ("verdict.edge-1=refused", "cause.edge-1=leaf-not-uploaded"), "upload/edge-1.crt"),
        (
            "3",
            ("verdict.edge-1=accepted", "verdict.with-cert2=accepted", "verdict.edge-2=refused"),
            "upload/edge-2.crt",
        ),
    ):
        predicted = [word for answer in answers for word in ("--predict", answer)]
        node = Path(cure).stem
        for step in (["--begin"], predicted, ["--run"], ["--do", f"hold={cure}", "--do", f"start={node}"]):
            assert run("training", "lesson", lesson, *step).code == 0
        told[lesson] = run("training", "lesson", lesson, "--check").out
    assert "--begin the next round" in told["6"]
    assert "that was the last round" in told["3"]
    assert "--begin" not in told["3"]


@pytest.mark.parametrize("part", [["serve"], ["lesson", "6"], ["results"], ["reset"], ["check", "x"], ["node", "x"]])
@pytest.mark.parametrize("option", ["--api-url=https://api.example", "--token-file=/nowhere", "--profile=prod"])
def test_no_account_is_asked(part: list[str], option: str) -> None:
    """What leads to an account means nothing in training, and is refused before anything is done."""
    refused = run("training", *part, option, "--json")
    assert (refused.code, refused.document["error"]["code"]) == (2, "usage")


def test_nothing_is_ignored_silently(learner: Any) -> None:
    """Two answers to one question would lock the last; a round without --begin would say nothing at all.

    No lesson's words can be in what is no language's two letters.
    """
    learner("lesson", 6, "--begin")
    twice = learner("lesson", 6, "--predict", "verdict.edge-1=accepted", "--predict", "verdict.edge-1=refused")
    assert (twice.code, twice.document["error"]["code"]) == (2, "usage")
    alone = learner("lesson", 6, "--round", 2)
    assert (alone.code, alone.document["error"]["code"]) == (2, "usage")
    assert learner("lesson", "--begin").document["error"]["message"] == "--begin wants a lesson."
    german = learner("lesson", "--language", "German")
    assert (german.code, german.document["error"]["code"]) == (2, "usage")
    early = learner("lesson", 6, "--debrief").document["error"]["message"]
    assert early == "Lesson 6, round 1, is waiting for a prediction."


def test_results_notice_what_was_changed(learner: Any, tmp_path: Path) -> None:
    """A line of the evidence that was edited is found; so is one that the control plane's record contradicts."""
    learner("lesson", 6, "--begin")
    learner("lesson", 6, "--predict", "verdict.edge-1=accepted", "--predict", "cause.edge-1=expired")
    learner("lesson", 6, "--run")
    evidence = tmp_path / "data/konnect-tui/training/lessons/lessons.jsonl"
    whole = evidence.read_bytes()
    assert learner("results").code == 0
    evidence.write_bytes(whole.replace(b'"cause.edge-1":"expired"', b'"cause.edge-1":"leaf-not-uploaded"'))
    altered = learner("results")
    assert (altered.code, altered.document["error"]["code"], altered.document["altered"]) == (3, "evidence-altered", 3)
    evidence.write_bytes(whole)
    forged = _forged(evidence)
    assert forged.read().altered == 0
    contradicted = learner("results")
    assert (contradicted.code, contradicted.document["results"][0]["evidence"]) == (3, "contradicted")


@pytest.mark.parametrize(
    "forge",
    [
        lambda entry: replace(entry, lesson="two-nodes-one-pin"),
        lambda entry: replace(entry, handshakes=()) if isinstance(entry, Looked) else entry,
        lambda entry: (
            replace(entry, handshakes=(), outcomes=tuple(replace(each, handshakes=()) for each in entry.outcomes))
            if isinstance(entry, Looked)
            else entry
        ),
        lambda entry: replace(entry, begun=replace(entry.begun, after=10**6)) if isinstance(entry, Began) else entry,
        lambda entry: replace(entry, outcomes=(), handshakes=()) if isinstance(entry, Looked) else entry,
        lambda entry: replace(entry, outcomes=entry.outcomes[-1:]) if isinstance(entry, Looked) else entry,
    ],
    ids=[
        "of-another-lesson",
        "without-its-handshakes",
        "that-rests-on-nothing",
        "older-than-the-round",
        "without-checks",
        "with-the-easiest-check-alone",
    ],
)
def test_results_want_handshakes_of_the_lesson_itself(learner: Any, tmp_path: Path, forge: Any) -> None:
    """Evidence of another lesson, and a solution that rests on no handshake of its round, are not confirmed."""
    learner("lesson", 6, "--begin")
    learner("lesson", 6, "--predict", "verdict.edge-1=refused", "--predict", "cause.edge-1=leaf-not-uploaded")
    learner("lesson", 6, "--run")
    learner("lesson", 6, "--do", "hold=upload/edge-1.crt", "--do", "start=edge-1")
    learner("lesson", 6, "--check")
    assert learner("results").document["results"][0]["evidence"] == "confirmed"
    _sealed_anew(tmp_path / "data/konnect-tui/training/lessons/lessons.jsonl", forge)
    found = learner("results")
    assert (found.code, found.document["results"][0]["evidence"]) == (3, "contradicted")


@pytest.mark.parametrize(
    ("key", "value"),
    [("at", 1e300), ("at", -1e300), ("number", 10**30), ("number", -1), ("round", 10**6), ("round", -1)],
)
def test_numbers_that_are_none_are_forgeries_too(learner: Any, tmp_path: Path, key: str, value: float) -> None:
    """A time of no calendar, a handshake or round of no number, sealed as it should be: found, and no crash."""
    learner("lesson", 6, "--begin")
    learner("lesson", 6, "--predict", "verdict.edge-1=refused", "--predict", "cause.edge-1=leaf-not-uploaded")
    learner("lesson", 6, "--run")
    path = tmp_path / "data/konnect-tui/training/lessons/lessons.jsonl"
    seal, lines = "konnect-tui lessons 1", []
    for line in path.read_text().splitlines():
        entry = json.loads(line)["entry"]
        for place in (entry, *entry.get("handshakes", ())):
            if key in place:
                place[key] = value
        raw = json.dumps(entry)
        seal = sha256(f"{seal}\n{raw}".encode()).hexdigest()
        lines.append(f'{{"entry":{raw},"seal":"{seal}"}}\n')
    path.write_text("".join(lines))
    for outcome in (learner("results"), learner("lesson", 6), learner("lesson", 6, "--run")):
        assert (outcome.code, outcome.document["error"]["code"]) == (3, "evidence-altered")


def test_results_take_a_scene_that_was_set_up_twice(learner: Any) -> None:
    """The prediction between the two was locked, so that the run after them is one that was foreseen."""
    learner("lesson", 6, "--begin")
    learner("lesson", 6, "--predict", "verdict.edge-1=refused", "--predict", "cause.edge-1=leaf-not-uploaded")
    assert learner("lesson", 6, "--begin").document["brief"]["step"] == "predicted"
    assert learner("lesson", 6, "--run").code == 0
    assert learner("results").document["results"][0]["evidence"] == "confirmed"


def test_results_say_that_a_lesson_was_another_one(learner: Any, tmp_path: Path) -> None:
    """A trainer's lesson that was made easier, solved, and put back is told from the one that is there now."""
    own = ("--lessons", tmp_path / "shelf")
    easier = deepcopy(LESSON) | {"minutes": 1}
    written(tmp_path / "shelf/ours", easier)
    learner("lesson", 500, "--begin", *own)
    learner("lesson", 500, "--predict", "verdict.edge-1=refused", *own)
    assert learner("results", *own).document["results"][0]["evidence"] == "confirmed"
    without = learner("results")
    assert (without.code, without.document["results"], without.codes("note")) == (0, [], [("", "lesson-elsewhere")])
    written(tmp_path / "shelf/ours")
    found = learner("results", *own)
    assert (found.code, found.document["results"][0]["evidence"]) == (0, "other-lesson")
    changed = learner("lesson", 500, "--run", *own)
    assert (changed.code, changed.document["error"]["code"]) == (2, "lesson-changed")
    assert learner("reset", "--lesson", 500, *own).code == 0
    assert learner("lesson", 500, "--begin", *own).code == 0


def test_an_organisation_that_was_begun_anew_makes_nobody_a_forger(learner_alone: Any, tmp_path: Path) -> None:
    """Its control plane is gone: that is said before anybody counts as refused. Set up again, it is gone on with."""
    learner = learner_alone
    answers = ("--predict", "verdict.edge-1=refused", "--predict", "cause.edge-1=leaf-not-uploaded")
    state = tmp_path / "data/konnect-tui/training"
    learner("lesson", 6, "--begin")
    learner("lesson", 6, *answers)
    learner("lesson", 6, "--run")
    with Embedded(state, Wanted(port=0, fresh=True)):
        for act in ("--run", "--check", "--do=start=edge-1"):
            gone = learner("lesson", 6, act)
            assert (gone.code, gone.document["error"]["code"]) == (2, "lesson-gone")
        assert learner("lesson", 6, "--begin").code == 0
        assert learner("lesson", 6, *answers).code == 0
        assert learner("lesson", 6, "--run").code == 0
        found = learner("results")
    assert (found.code, found.document["results"][0]["evidence"]) == (0, "gone")
    assert "the organisation was begun anew since" in run("training", "results").err


def test_a_lesson_does_not_outlive_a_move(learner_alone: Any, tmp_path: Path) -> None:
    """Where nodes connect to another port now, nobody at the old one counts as refused: it is begun anew."""
    learner = learner_alone
    learner("lesson", 6, "--begin")
    learner("lesson", 6, "--predict", "verdict.edge-1=refused", "--predict", "cause.edge-1=leaf-not-uploaded")
    with Embedded(tmp_path / "data/konnect-tui/training", Wanted(port=0, listener=0)):
        gone = learner("lesson", 6, "--run")
        assert (gone.code, gone.document["error"]["code"]) == (2, "lesson-gone")
        assert learner("lesson", 6, "--begin").code == 0


def _forged(path: Path) -> Evidence:
    """With another truth about the handshake of the run."""

    def better(entry: Any) -> Any:
        if not isinstance(entry, Ran):
            return entry
        return replace(entry, handshakes=tuple(replace(each, accepted=True, cause="") for each in entry.handshakes))

    return _sealed_anew(path, better)


def _sealed_anew(path: Path, forge: Callable[[Any], Any]) -> Evidence:
    """All of it sealed anew from end to end, each entry as `forge` makes it."""
    forged = Evidence(str(path.parent))
    entries = forged.read().entries
    path.unlink()
    for entry in entries:
        forged.append(forge(entry))
    return forged


def test_reset_loses_nothing(learner: Any, tmp_path: Path) -> None:
    """A lesson started over counts from the beginning; its bundle is in the backups, and another's is untouched."""
    learner("lesson", 2, "--begin")
    learner("lesson", 6, "--begin")
    moved = learner("reset", "--lesson", 6).document["moved"]
    assert [Path(each).parent.name for each in moved] == ["lesson-06"]
    assert (Path(moved[0]) / "nodes/edge-1/tls.key").is_file()
    assert (tmp_path / "dp/lesson-02/konnect-tui.toml").is_file()
    states = {each["number"]: each["state"] for each in learner("lesson").document["lessons"]}
    assert (states[2], states[6]) == ("begun", "new")
    learner("reset")
    assert {each["state"] for each in learner("lesson").document["lessons"]} == {"new"}
    assert (tmp_path / "data/konnect-tui/training/lessons/lessons.jsonl.1").is_file()
    assert learner("reset", "--lesson", 99).document["error"]["code"] == "no-such-lesson"


def test_a_bundle_that_no_lesson_made_is_left_alone(learner: Any, tmp_path: Path) -> None:
    """A folder of the operator's that happens to have a lesson's name stays where it is: reset or begun."""
    own = tmp_path / "dp/lesson-06"
    own.mkdir(parents=True, mode=0o700)
    (own / "mine.txt").write_text("mine")
    learner("reset")
    begun = learner("lesson", 6, "--begin")
    assert (begun.code, begun.document["error"]["code"]) == (2, "file-in-the-way")
    assert (own / "mine.txt").read_text() == "mine"


def test_check_says_what_a_lesson_is_worth(learner: Any, tmp_path: Path) -> None:
    """A sound lesson is told so; of one that is not, every fault, with exit 2; nonsense is no traceback."""
    folder = written(tmp_path / "ours")
    sound = learner("check", folder / "lesson.toml")
    assert (sound.code, sound.document["lesson"]["number"]) == (0, 500)
    assert learner("check", folder).code == 0
    lesson = deepcopy(LESSON) | {"number": 501, "name": "ours-too"}
    lesson["round"][0]["wrong"][0]["steps"] = lesson["round"][0]["solution"]
    bad = learner("check", written(tmp_path / "bad", lesson) / "lesson.toml")
    assert (bad.code, bad.codes()) == (2, [("round[0].wrong", "lesson-wrong-fix-helps")])
    (tmp_path / "ours/lesson.toml").write_bytes(b"\xff\x00\x01")
    nonsense = learner("check", tmp_path / "ours/lesson.toml")
    assert (nonsense.code, nonsense.document["error"]["code"]) == (2, "invalid-input")
    assert learner("check", tmp_path / "nowhere.toml").code == 2


@pytest.mark.parametrize(
    ("changed", "other"),
    [({"number": 1}, "01-first-node"), ({"name": "first-node"}, "01-first-node"), ({}, "501-copied")],
    ids=["number-of-a-shipped-one", "name-of-a-shipped-one", "copied-and-forgotten"],
)
def test_check_says_which_lesson_has_that_number_or_name(
    learner: Any, tmp_path: Path, changed: dict[str, Any], other: str
) -> None:
    """Else it is called sound, and with it in the folder none of the trainer's lessons is shown."""
    folder = written(tmp_path / "mine/500-ours", LESSON | changed)
    if not changed:
        written(tmp_path / "mine/501-copied")
    found = learner("check", folder)
    assert (found.code, found.codes()) == (2, [("", "lesson-taken")])
    assert other in found.document["problems"][0]["message"]


def test_a_folder_without_lessons_is_said(learner: Any, tmp_path: Path) -> None:
    """The lesson's own folder in place of the one it is in: that is told, and not passed over."""
    folder = written(tmp_path / "mine/500-ours")
    found = learner("lesson", "--lessons", folder)
    assert (found.code, found.document["error"]["code"]) == (2, "no-such-lesson")
    assert "has a folder of its own" in found.document["error"]["hint"]


def test_a_fault_in_a_folder_of_lessons_says_in_which(learner: Any, tmp_path: Path) -> None:
    """Words that are blank, in the second of two lessons: the folder, the file and the key are named."""
    written(tmp_path / "mine/500-ours")
    text = deepcopy(TEXT)
    text["round"][0]["story"] = " \n "
    written(tmp_path / "mine/501-blank", LESSON | {"number": 501, "name": "blank"}, text)
    found = learner("lesson", "--lessons", tmp_path / "mine")
    assert (found.code, found.codes()) == (2, [("501-blank: text.en.toml: round[0].story", "invalid-value")])


def test_a_trainers_lesson_stays_marked(learner: Any, tmp_path: Path) -> None:
    """In list, text, handout and results a lesson of a trainer's folder says that it was not shipped."""
    text = deepcopy(TEXT) | {"title": "=HYPERLINK(1)\x1b[31m [b]"}
    written(tmp_path / "shelf" / "ours", text=text)
    marked = f"from folder {tmp_path / 'shelf'}, not shipped"
    own = ("--lessons", tmp_path / "shelf")
    assert [each["origin"] for each in learner("lesson", *own).document["lessons"]][-1] == marked
    assert learner("lesson", 500, "--begin", *own).document["brief"]["origin"] == marked
    assert "not shipped" in learner("lesson", 500, "--handout", *own).document["markdown"]
    assert learner("results", *own).document["results"][0]["origin"] == marked
    learner("results", "-o", tmp_path / "out.csv", *own)
    assert "'=HYPERLINK" in (tmp_path / "out.csv").read_text()
    plain = run("training", "lesson", "500", *own)
    assert "\x1b" not in plain.out
    assert marked in plain.out
    assert "\x1b" not in learner("lesson", 500, "--notes", *own).document["markdown"]


@pytest.mark.parametrize("typed", ["start", "start=", "hold=/etc/passwd", "shell=ls", "apply=days:x", "install=edge-1"])
def test_only_steps_of_the_vocabulary_are_done(learner: Any, typed: str) -> None:
    """What is no step is a usage error; one that names a stranger is refused by name."""
    learner("lesson", 6, "--begin")
    learner("lesson", 6, "--predict", "verdict.edge-1=refused", "--predict", "cause.edge-1=expired")
    learner("lesson", 6, "--run")
    assert learner("lesson", 6, "--do", typed).document["error"]["code"] == "usage"
    stranger = learner("lesson", 6, "--do", "start=edge-9")
    assert (stranger.code, stranger.document["error"]["code"]) == (2, "invalid-input")


def test_listing_lessons_needs_nothing_heavy(tmp_path: Path) -> None:
    """The list of lessons is shown without loading what speaks HTTP or TLS, and without a screen's library."""
    heavy = ("textual", "aiohttp", "ssl", "asyncio", "websockets", "cryptography", "OpenSSL")
    code = (
        "import sys; from konnect_tui.cli import main; main(['training', 'lesson', '--json']);"
        f"print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    environ = os.environ | {"XDG_DATA_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environ)
    assert len(json.loads(done.stdout)["lessons"]) >= 12
    assert done.stderr.strip() == "[]"


def test_the_products_own_commands_reach_a_lesson(learner: Any) -> None:
    """`upload`, `verify`, `rehearse` and `watch` take a lesson's bundle by its name, as hints say, with no option."""
    learner("lesson", 6, "--begin")
    learner("lesson", 6, "--predict", "verdict.edge-1=refused", "--predict", "cause.edge-1=expired")
    learner("lesson", 6, "--run")
    for command in ("verify", "rehearse", "upload"):
        done = run(command, "lesson-06", "--json")
        assert done.code == 0, done.out
    learner("lesson", 6, "--do", "start=edge-1")
    assert learner("lesson", 6, "--check").document["solved"] is True
    watched = run("watch", "lesson-06", "--timeout", "0", "--json").document
    assert [each["name"] for each in watched["nodes"]] == ["edge-1"]
